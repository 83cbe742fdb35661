// SPDX-License-Identifier: GPL-2.0-only
/*
 * vbs_server.c - one client of the store for each ME: its requests, its watches and their events.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <soo/events.h>
#include <soo/evtchn.h>
#include <soo/vbs_client.h>
#include <soo/vbs_page.h>
#include <soo/vbstore.h>

#define WATCHES_PER_DOMAIN	64
#define EVENTS_PER_DOMAIN	256

/* An ME that does not empty its page raises no channel then: look again after so many ms. */
#define ROOM_RETRY_MS		10

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

struct vbs_client {
	struct soo_domain *dom;
	struct vbs_link link;
	struct delayed_work work;
	bool broken;
	struct list_head watches;
	unsigned int watch_count;
	bool has_reply;			/* `reply` waits for room */
	struct vbs_message request;
	struct vbs_message reply;

	spinlock_t events_lock;
	struct list_head events;	/* of watches, not yet in the page */
	unsigned int event_count;
};

static void kick(struct vbs_client *c)
{
	mod_delayed_work(soo_wq, &c->work, 0);
}

static void break_off(struct vbs_client *c, const char *why)
{
	c->broken = true;
	pr_err("soo: vbstore: domain %u is cut off: %s\n", c->dom->domid, why);
	soo_event_text("text", why, "error report dev=soo/me/%u code=%d", c->dom->domid, -EPROTO);
}

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
	list_for_each_entry(waiting, &c->events, link) {
		if (!strcmp(waiting->path, path))
			goto drop;
	}
	if (c->event_count >= EVENTS_PER_DOMAIN)
		goto drop;
	list_add_tail(&ev->link, &c->events);
	c->event_count++;
	spin_unlock(&c->events_lock);
	kick(c);
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

static int add_watch(struct vbs_client *c, const char *path)
{
	struct client_watch *cw;
	int err;

	if (c->watch_count >= WATCHES_PER_DOMAIN)
		return -ENOSPC;
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

static void drop_watch(struct vbs_client *c, struct client_watch *cw)
{
	vbs_unwatch(&cw->watch);
	list_del(&cw->link);
	c->watch_count--;
	kfree(cw);
}

static int remove_watch(struct vbs_client *c, const char *path)
{
	struct client_watch *cw;

	list_for_each_entry(cw, &c->watches, link) {
		if (!strcmp(cw->path, path)) {
			drop_watch(c, cw);
			return 0;
		}
	}
	return -ENOENT;
}

/* Read-only requests fill the reply's payload. Return: its length, or -errno. */
static int answer_query(u32 type, const char *path, u8 *out)
{
	int len;

	if (type == VBS_DIRECTORY) {
		len = vbs_directory(path, out, VBS_MSG_MAX_PAYLOAD);
		return len == -ENOENT ? 0 : len;
	}
	if (type == VBS_DIRECTORY_EXISTS)
		return sprintf(out, "%d", vbs_exists(path)) + 1;
	len = vbs_read(path, out, VBS_MSG_MAX_PAYLOAD);
	if (len == -ENOENT) {
		out[0] = '\0';
		len = 0;
	}
	return len < 0 ? len : len + 1;
}

static int handle(struct vbs_client *c, const struct vbs_message *req, u8 *out)
{
	u32 d = c->dom->domid;
	u32 tx = req->head.transaction_id;
	const char *path = req->payload;
	size_t path_len = strnlen(path, req->head.len);
	size_t value_room;

	if (req->head.type == VBS_TRANSACTION_END) {
		vbs_transaction_end(d, tx);
		return 0;
	}
	if (path_len == req->head.len)
		return -EINVAL;
	value_room = req->head.len - path_len - 1;
	switch (req->head.type) {
	case VBS_DIRECTORY:
	case VBS_DIRECTORY_EXISTS:
	case VBS_READ:
		return answer_query(req->head.type, path, out);
	case VBS_WATCH:
		return path_len >= VBS_PATH_SIZE ? -ENAMETOOLONG : add_watch(c, path);
	case VBS_UNWATCH:
		return remove_watch(c, path);
	case VBS_WRITE:
		if (strnlen(path + path_len + 1, value_room) == value_room)
			return -EINVAL;
		return vbs_write(d, tx, path, path + path_len + 1);
	case VBS_MKDIR:
		return vbs_mkdir(d, tx, path);
	case VBS_RM:
		return vbs_rm(d, tx, path);
	default:
		return -ENOSYS;
	}
}

static void make_reply(struct vbs_client *c)
{
	struct vbs_message *reply = &c->reply;
	int len;

	reply->head = c->request.head;
	reply->head.reserved = 0;
	len = handle(c, &c->request, reply->payload);
	if (len < 0) {
		reply->head.type = VBS_ERROR;
		len = sprintf(reply->payload, "%d", len) + 1;
	}
	reply->head.len = len;
	c->has_reply = true;
}

/* Return: 0, -EAGAIN, -EPROTO. */
static int flush_events(struct vbs_client *c, bool *wrote)
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

/* The reply goes before new events, so that events cannot starve it. */
static int serve(struct vbs_client *c, bool *wrote)
{
	int got = 1;
	int err;

	while (got > 0) {
		if (c->has_reply) {
			err = vbs_put_message(&c->link, &c->reply);
			if (err)
				return err;
			c->has_reply = false;
			*wrote = true;
		}
		err = flush_events(c, wrote);
		if (err)
			return err;
		got = vbs_take_message(&c->link, &c->request);
		if (got > 0)
			make_reply(c);
	}
	return got;
}

static void client_work(struct work_struct *work)
{
	struct vbs_client *c = container_of(to_delayed_work(work), struct vbs_client, work);
	bool wrote = false;
	int err;

	if (c->broken)
		return;
	err = serve(c, &wrote);
	if (wrote)
		evtchn_notify(c->link.port);
	if (err == -EAGAIN)
		queue_delayed_work(soo_wq, &c->work, msecs_to_jiffies(ROOM_RETRY_MS));
	else if (err)
		break_off(c, "malformed message page");
}

static void client_upcall(void *data)
{
	kick(data);
}

int vbs_client_create(struct soo_domain *dom)
{
	struct vbs_client *c = kvzalloc(sizeof(*c), GFP_KERNEL);
	u32 port;
	int err;

	if (!c)
		return -ENOMEM;
	c->dom = dom;
	c->link.page = dom->vbs_page;
	INIT_DELAYED_WORK(&c->work, client_work);
	INIT_LIST_HEAD(&c->watches);
	INIT_LIST_HEAD(&c->events);
	spin_lock_init(&c->events_lock);
	err = evtchn_alloc_unbound(dom, DOMID_AGENCY, &port);
	if (err)
		goto free_client;
	err = evtchn_bind_interdomain(dom, port, client_upcall, c, &c->link.port);
	if (err)
		goto close_port;
	dom->shared->vbstore_evtchn = port;
	dom->vbs = c;
	return 0;

close_port:
	evtchn_close(dom, port);
free_client:
	kvfree(c);
	return err;
}

void vbs_client_destroy(struct soo_domain *dom)
{
	struct vbs_client *c = dom->vbs;
	struct client_watch *cw, *next;
	struct pending_event *ev;

	evtchn_unbind(c->link.port);
	cancel_delayed_work_sync(&c->work);
	list_for_each_entry_safe(cw, next, &c->watches, link)
		drop_watch(c, cw);
	/* With the watches gone nothing queues it any more; what they queued may have begun. */
	cancel_delayed_work_sync(&c->work);
	while ((ev = take_event(c)))
		kfree(ev);
	kvfree(c);
	dom->vbs = NULL;
}
