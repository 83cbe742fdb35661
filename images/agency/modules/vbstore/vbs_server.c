// SPDX-License-Identifier: GPL-2.0-only
/*
 * vbs_server.c - one client of the store for each ME: messages in, replies and events out.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <abi/limits.h>
#include <soo/evtchn.h>
#include <soo/vbs_client.h>

#include "vbs_server.h"

/* An ME that does not empty its page raises no channel then: look again after so many ms. */
#define ROOM_RETRY_MS		10

void vbs_client_kick(struct vbs_client *c)
{
	mod_delayed_work(soo_wq, &c->work, 0);
}

static void make_reply(struct vbs_client *c)
{
	struct vbs_message *reply = &c->reply;
	int len;

	reply->head = c->request.head;
	reply->head.reserved = 0;
	len = vbs_client_handle(c, &c->request, reply->payload);
	if (len < 0) {
		reply->head.type = VBS_ERROR;
		len = sprintf(reply->payload, "%d", len) + 1;
	}
	reply->head.len = len;
	c->has_reply = true;
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
		err = vbs_client_flush(c, wrote);
		if (err)
			return err;
		c->pause = max(soo_rate_full(&c->changes, SOO_RATE_CHANGES),
			       soo_rate_full(&c->messages, SOO_RATE_MESSAGES));
		if (c->pause || READ_ONCE(c->dom->cut_off))
			return -EAGAIN;
		got = vbs_take_message(&c->link, &c->request);
		if (got > 0) {
			soo_rate_take(&c->messages, SOO_RATE_MESSAGES);
			make_reply(c);
		}
	}
	return got;
}

static void client_work(struct work_struct *work)
{
	struct vbs_client *c = container_of(to_delayed_work(work), struct vbs_client, work);
	bool wrote = false;
	int err;

	if (READ_ONCE(c->dom->cut_off))
		return;
	c->pause = 0;
	err = serve(c, &wrote);
	if (wrote)
		evtchn_notify(c->link.port);
	if (err == -EAGAIN)
		queue_delayed_work(soo_wq, &c->work, msecs_to_jiffies(c->pause ? c->pause : ROOM_RETRY_MS));
	else if (err)
		soo_cut_off(c->dom, c->link.why);
}

static void client_upcall(void *data)
{
	vbs_client_kick(data);
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
	dom->vbs_port = port;
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

	evtchn_unbind(c->link.port);
	cancel_delayed_work_sync(&c->work);
	vbs_client_drop_watches(c);
	/* With the watches gone nothing queues it any more; what they queued may have begun. */
	cancel_delayed_work_sync(&c->work);
	vbs_client_drop_events(c);
	kvfree(c);
	dom->vbs = NULL;
}
