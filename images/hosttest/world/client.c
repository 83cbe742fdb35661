/* SPDX-License-Identifier: GPL-2.0-only */
/* client.c - an ME's end of its store page, by the book. */
#include <stdlib.h>

#include "client.h"
#include "world.h"

#define PATIENCE_MS	1000u

void client_init(struct client *c, u32 d)
{
	*c = (struct client){ .d = d };
}

static bool has_room(const struct client *c, u32 space)
{
	return c->req_prod - world_store_page(c->d)->req_cons + space <= VBS_RING_SIZE;
}

static void publish(struct client *c)
{
	world_store_page(c->d)->req_prod = c->req_prod;
	world_raise(c->d, world_shared(c->d)->vbstore_evtchn);
}

u32 client_send(struct client *c, u32 type, u32 tx, const void *payload, u32 len)
{
	struct vbs_page *page = world_store_page(c->d);
	struct vbs_msg_header head = {
		.revision = VBS_MSG_REVISION, .type = type, .len = len, .transaction_id = tx,
	};
	u32 offset = c->req_prod % VBS_RING_SIZE;
	u32 space = vbs_msg_space(len);

	if (offset + space > VBS_RING_SIZE) {
		if (!has_room(c, VBS_RING_SIZE - offset))
			return 0;
		*(u32 *)(page->req + offset) = VBS_WRAP;
		c->req_prod += VBS_RING_SIZE - offset;
		publish(c);
		host_run();
		offset = 0;
	}
	if (!has_room(c, space))
		return 0;
	head.id = ++c->last_id;
	head.cookie = ~(u64)head.id;
	memcpy(page->req + offset, &head, sizeof(head));
	memcpy(page->req + offset + sizeof(head), payload, len);
	c->req_prod += space;
	publish(c);
	return head.id;
}

bool client_take(struct client *c, struct vbs_message *msg)
{
	struct vbs_page *page = world_store_page(c->d);
	u32 avail = page->rsp_prod - c->rsp_cons;
	u32 offset = c->rsp_cons % VBS_RING_SIZE;
	u32 space;

	host_check(avail <= VBS_RING_SIZE && avail % VBS_ALIGN == 0, "rsp_prod is %u, and rsp_cons %u",
		   page->rsp_prod, c->rsp_cons);
	if (avail && *(u32 *)(page->rsp + offset) == VBS_WRAP) {
		c->rsp_cons += VBS_RING_SIZE - offset;
		page->rsp_cons = c->rsp_cons;
		return client_take(c, msg);
	}
	if (!avail)
		return false;
	memcpy(&msg->head, page->rsp + offset, sizeof(msg->head));
	space = vbs_msg_space(msg->head.len);
	host_check(msg->head.revision == VBS_MSG_REVISION && space <= avail && offset + space <= VBS_RING_SIZE,
		   "a message of %u bytes at %u, and %u are there", msg->head.len, offset, avail);
	memcpy(msg->payload, page->rsp + offset + sizeof(msg->head), msg->head.len);
	c->rsp_cons += space;
	page->rsp_cons = c->rsp_cons;
	return true;
}

static int result_of(const struct vbs_message *reply, u32 type, u32 id)
{
	host_check(reply->head.id == id && reply->head.cookie == ~(u64)id && !reply->head.reserved,
		   "a reply to request %u where %u was asked", reply->head.id, id);
	if (reply->head.type == VBS_ERROR) {
		int err = atoi((const char *)reply->payload);

		host_check(err < 0 && memchr(reply->payload, 0, reply->head.len), "an error that is none");
		return err;
	}
	host_check(reply->head.type == type, "a reply of type %u to one of type %u", reply->head.type, type);
	return reply->head.len;
}

static bool is_cut_off(const struct client *c)
{
	return !world_dom(c->d) || READ_ONCE(world_dom(c->d)->cut_off);
}

int client_call(struct client *c, u32 type, u32 tx, const char *path, const char *value, struct vbs_message *reply,
		void (*event)(struct client *c, const char *path))
{
	unsigned long end = host_jiffies + PATIENCE_MS;
	u8 payload[VBS_MSG_MAX_PAYLOAD];
	u32 len = 0;
	u32 id;

	if (path) {
		len = strlen(path) + 1;
		memcpy(payload, path, len);
	}
	if (value) {
		memcpy(payload + len, value, strlen(value) + 1);
		len += strlen(value) + 1;
	}
	if (is_cut_off(c))
		return -ESHUTDOWN;
	id = client_send(c, type, tx, payload, len);
	host_check(id || c->careless, "no room for one request of ME %u", c->d);
	if (!id)
		return -ETIMEDOUT;
	for (;;) {
		host_run();
		while (client_take(c, reply)) {
			/* To a request that it had given up. */
			if (c->careless && reply->head.type != VBS_WATCH_EVENT && reply->head.id != id)
				continue;
			if (reply->head.type != VBS_WATCH_EVENT)
				return result_of(reply, type, id);
			host_check(memchr(reply->payload, 0, reply->head.len), "an event without NUL");
			if (event)
				event(c, (const char *)reply->payload);
		}
		if (is_cut_off(c))
			return -ESHUTDOWN;
		if (c->careless && host_jiffies >= end)
			return -ETIMEDOUT;
		host_check(host_jiffies < end, "ME %u gets no reply", c->d);
		host_run_for(10);
	}
}
