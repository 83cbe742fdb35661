/* SPDX-License-Identifier: GPL-2.0-only */
/* vbs_watch.c - watches of the store: a queue of events and the thread that serves it. */
#include <string.h>

#include "mm.h"
#include "printk.h"
#include "soo/vbs.h"
#include "soo/vbs_heard.h"
#include "thread.h"
#include "wait.h"

struct event {
	struct list list;
	char path[VBS_PATH_SIZE];
};

static struct list watches = LIST_INIT(watches);
static struct list events = LIST_INIT(events);
static struct wait_queue event_wait = WAIT_QUEUE_INIT(event_wait);

/* Called by the thread that reads replies: it must go on, as handlers wait for these. */
void vbs_watch_event(const char *path)
{
	struct event *ev;
	struct list *pos;

	vbs_hear(path);
	/* Handlers read what is there now, so one event for a path is enough. */
	list_for_each(pos, &events)
		if (!strcmp(container_of(pos, struct event, list)->path, path))
			return;
	ev = kzalloc(sizeof(*ev));
	if (!ev) {
		printk("soo: vbstore: no memory for an event of %s\n", path);
		return;
	}
	strlcpy(ev->path, path, sizeof(ev->path));
	list_add_tail(&ev->list, &events);
	wait_wake_all(&event_wait);
}

bool vbs_covers(const char *watched, const char *written)
{
	size_t len = strlen(watched);

	return !strncmp(watched, written, len) && (!written[len] || written[len] == '/');
}

/*
 * To the first watch that covers @path: each device watches one key of its own, so there is one. The
 * walk ends there, for the handler may wait and the list change meanwhile.
 */
static void deliver(const char *path)
{
	struct list *pos;

	list_for_each(pos, &watches) {
		struct vbs_watch *watch = container_of(pos, struct vbs_watch, list);

		if (vbs_covers(watch->path, path)) {
			watch->changed(watch);
			return;
		}
	}
}

static void watch_thread(void *arg __unused)
{
	struct event *ev;

	for (;;) {
		wait_event(&event_wait, !list_empty(&events));
		ev = container_of(events.next, struct event, list);
		list_del(&ev->list);
		deliver(ev->path);
		kfree(ev);
	}
}

int vbs_watch_add(struct vbs_watch *watch)
{
	int len;

	list_add_tail(&watch->list, &watches);
	len = vbs_request(VBS_WATCH, VBS_NO_TRANSACTION, watch->path, NULL, NULL, 0);
	if (len < 0)
		list_del(&watch->list);
	return len < 0 ? len : 0;
}

void vbs_watch_forget(struct vbs_watch *watch)
{
	list_del(&watch->list);
}

void vbs_watch_remove(struct vbs_watch *watch)
{
	list_del(&watch->list);
	/* The store forgets it with the node, so a refusal changes nothing. */
	vbs_request(VBS_UNWATCH, VBS_NO_TRANSACTION, watch->path, NULL, NULL, 0);
}

int vbs_watch_init(void)
{
	return thread_create("vbus_watch", watch_thread, NULL);
}
