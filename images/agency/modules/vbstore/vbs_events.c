// SPDX-License-Identifier: GPL-2.0-only
/*
 * vbs_events.c - an ME's watches, and their events on the way into its page.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <abi/limits.h>
#include <soo/fault.h>

#include "vbs_server.h"

#define EVENTS_PER_DOMAIN	256

struct client_watch {
	struct vbs_watch watch;
	struct vbs_client *client;
	struct list_head link;		/* in vbs_client.watches */
	char path[VBS_PATH_SIZE];
};

struct pending_event {
	struct list_head link;
	char path[VBS_PATH_SIZE];
};

/* With the store's lock held. An event that waits already says it all. */
static void watch_notify(struct vbs_watch *watch, const char *path)
{
	struct vbs_client *c = container_of(watch, struct client_watch, watch)->client;
	struct pending_event *ev, *waiting;

	ev = kzalloc(sizeof(*ev), GFP_KERNEL);
	if (!ev)
		return;
	strscpy(ev->path, path, sizeof(ev->path));
	spin_lock(&c->events_lock);
	/* Who is told of much is asked less. */
	soo_rate_take(&c->changes, SOO_RATE_CHANGES);
	list_for_each_entry(waiting, &c->events, link) {
		if (!strcmp(waiting->path, path))
			goto drop;
	}
	if (c->event_count >= EVENTS_PER_DOMAIN)
		goto drop;
	list_add_tail(&ev->link, &c->events);
	c->event_count++;
	spin_unlock(&c->events_lock);
	vbs_client_kick(c);
	return;

drop:
	spin_unlock(&c->events_lock);
	kfree(ev);
}

static struct pending_event *take_event(struct vbs_client *c)
{
	struct pending_event *ev;

	spin_lock(&c->events_lock);
	ev = list_first_entry_or_null(&c->events, struct pending_event, link);
	if (ev) {
		list_del(&ev->link);
		c->event_count--;
	}
	spin_unlock(&c->events_lock);
	return ev;
}

static void drop_watch(struct vbs_client *c, struct client_watch *cw)
{
	vbs_unwatch(&cw->watch);
	list_del(&cw->link);
	c->watch_count--;
	kfree(cw);
}

static struct client_watch *find_watch(struct vbs_client *c, const char *path)
{
	struct client_watch *cw;

	list_for_each_entry(cw, &c->watches, link) {
		if (!strcmp(cw->path, path))
			return cw;
	}
	return NULL;
}

/* A watch goes with its node. */
static void reap_watches(struct vbs_client *c)
{
	struct client_watch *cw, *next;

	list_for_each_entry_safe(cw, next, &c->watches, link) {
		if (!READ_ONCE(cw->watch.node))
			drop_watch(c, cw);
	}
}

int vbs_client_watch(struct vbs_client *c, const char *path)
{
	struct client_watch *cw;
	int err;

	reap_watches(c);
	if (c->watch_count >= SOO_MAX_WATCHES && !soo_fault("watch-unlimited"))
		return -ENOSPC;
	/* One is as good as many: each would be told, and each event is work for the agency. */
	if (find_watch(c, path) && !soo_fault("watch-unlimited"))
		return -EEXIST;
	cw = kzalloc(sizeof(*cw), GFP_KERNEL);
	if (!cw)
		return -ENOMEM;
	cw->client = c;
	cw->watch.domid = c->dom->domid;
	cw->watch.notify = watch_notify;
	strscpy(cw->path, path, sizeof(cw->path));
	err = vbs_watch(&cw->watch, path);
	if (err) {
		kfree(cw);
		return err;
	}
	list_add_tail(&cw->link, &c->watches);
	c->watch_count++;
	return 0;
}

int vbs_client_unwatch(struct vbs_client *c, const char *path)
{
	struct client_watch *cw = find_watch(c, path);

	if (!cw)
		return -ENOENT;
	drop_watch(c, cw);
	return 0;
}

int vbs_client_flush(struct vbs_client *c, bool *wrote)
{
	struct pending_event *ev;
	struct vbs_message *msg;
	int err = 0;

	msg = kzalloc(sizeof(*msg), GFP_KERNEL);
	if (!msg)
		return -EAGAIN;
	while ((ev = take_event(c))) {
		msg->head = (struct vbs_msg_header){
			.revision = VBS_MSG_REVISION,
			.type = VBS_WATCH_EVENT,
			.len = strlen(ev->path) + 1,
		};
		strscpy(msg->payload, ev->path, sizeof(ev->path));
		err = vbs_put_message(&c->link, msg);
		if (err) {
			spin_lock(&c->events_lock);
			list_add(&ev->link, &c->events);
			c->event_count++;
			spin_unlock(&c->events_lock);
			break;
		}
		kfree(ev);
		*wrote = true;
	}
	kfree(msg);
	return err;
}

void vbs_client_drop_watches(struct vbs_client *c)
{
	struct client_watch *cw, *next;

	list_for_each_entry_safe(cw, next, &c->watches, link)
		drop_watch(c, cw);
}

void vbs_client_drop_events(struct vbs_client *c)
{
	struct pending_event *ev;

	while ((ev = take_event(c)))
		kfree(ev);
}
