/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vbs_ring.c - messages in the page that is shared with the store; format in abi/vbstore.h.
 *
 * The store's indices and bytes are checked as those of a stranger: -EPROTO, never a wild access.
 */
#include <string.h>

#include "soo/avz.h"
#include "soo/vbs.h"
#include "wait.h"

#define ROOM_MS		5000ul
#define ROOM_POLL_MS	1ul
#define ROOM_SPIN_NS	200000ul

static u32 req_prod;		/* ours; the copies in the page are for the store */
static u32 rsp_cons;

void vbs_ring_reset(void)
{
	req_prod = 0;
	rsp_cons = 0;
}

static void publish_request(struct vbs_page *page)
{
	page->req_pvt = req_prod;
	/* Pairs with the store's acquire: no index before its message. */
	__atomic_store_n(&page->req_prod, req_prod, __ATOMIC_RELEASE);
}

/* Waits until @space bytes are free. The store raises no event when it has read: look at times. */
static int wait_for_room(struct vbs_page *page, u32 space)
{
	struct wait_queue nobody = WAIT_QUEUE_INIT(nobody);
	u64 spin = time_now() + ROOM_SPIN_NS;	/* usually it is reading already */
	u64 end = time_in_ms(ROOM_MS);
	u32 used;

	for (;;) {
		/* Pairs with the store's release: what it has read may be written over. */
		used = req_prod - __atomic_load_n(&page->req_cons, __ATOMIC_ACQUIRE);
		if (used > VBS_RING_SIZE)
			return -EPROTO;
		if (used + space <= VBS_RING_SIZE)
			return 0;
		if (time_now() < spin)
			continue;
		if (time_now() > end)
			return -ETIMEDOUT;
		wait_event_until(&nobody, false, time_in_ms(ROOM_POLL_MS));
	}
}

/* Goes to the start of the ring if @space bytes do not fit before its end. */
static int wrap(struct vbs_page *page, u32 space)
{
	u32 offset = req_prod % VBS_RING_SIZE;
	u32 mark = VBS_WRAP;
	int err;

	if (offset + space <= VBS_RING_SIZE)
		return 0;
	err = wait_for_room(page, VBS_RING_SIZE - offset);
	if (err)
		return err;
	memcpy(page->req + offset, &mark, sizeof(mark));
	req_prod += VBS_RING_SIZE - offset;
	/* A long message has room only after the store has gone past the mark. */
	publish_request(page);
	evtchn_notify(avz_shared()->vbstore_evtchn);
	return 0;
}

/* The header into the page, and *@to where its @size bytes of payload go. */
static int begin(const struct vbs_msg_header *head, u32 size, u8 **to)
{
	struct vbs_page *page = avz_vbs_page();
	u32 space = vbs_msg_space(size);
	int err;

	if (size > VBS_MSG_MAX_PAYLOAD)
		return -EINVAL;
	err = wrap(page, space);
	if (!err)
		err = wait_for_room(page, space);
	if (err)
		return err;
	*to = page->req + req_prod % VBS_RING_SIZE;
	memcpy(*to, head, sizeof(*head));
	*to += sizeof(*head);
	return 0;
}

static void end(u32 size)
{
	req_prod += vbs_msg_space(size);
	publish_request(avz_vbs_page());
}

int vbs_ring_put(const struct vbs_msg_header *head, const char *path, const char *value)
{
	u8 *to;
	int err = begin(head, head->len, &to);

	if (err)
		return err;
	if (path)
		memcpy(to, path, strlen(path) + 1);
	if (value)
		memcpy(to + strlen(path) + 1, value, strlen(value) + 1);
	end(head->len);
	evtchn_notify(avz_shared()->vbstore_evtchn);
	return 0;
}

int vbs_ring_put_raw(const struct vbs_msg_header *head, const u8 *payload, u32 size)
{
	u8 *to;
	int err = begin(head, size, &to);

	if (err)
		return err;
	memcpy(to, payload, size);
	end(size);
	return 0;
}

static void release_reply(struct vbs_page *page, u32 bytes)
{
	rsp_cons += bytes;
	__atomic_store_n(&page->rsp_cons, rsp_cons, __ATOMIC_RELEASE);
}

/* Return: 1 if @head and @payload (VBS_RING_SIZE bytes, NUL added) were filled, 0, or -EPROTO. */
int vbs_ring_take(struct vbs_msg_header *head, u8 *payload)
{
	struct vbs_page *page = avz_vbs_page();
	/* Pairs with the store's release: no message before its index. */
	u32 avail = __atomic_load_n(&page->rsp_prod, __ATOMIC_ACQUIRE) - rsp_cons;
	u32 offset = rsp_cons % VBS_RING_SIZE;
	u32 first;

	if (avail > VBS_RING_SIZE || avail % VBS_ALIGN)
		return -EPROTO;
	if (!avail)
		return 0;
	memcpy(&first, page->rsp + offset, sizeof(first));
	if (first == VBS_WRAP) {
		if (avail < VBS_RING_SIZE - offset)
			return -EPROTO;
		release_reply(page, VBS_RING_SIZE - offset);
		return vbs_ring_take(head, payload);
	}
	if (avail < sizeof(*head) || offset + sizeof(*head) > VBS_RING_SIZE)
		return -EPROTO;
	memcpy(head, page->rsp + offset, sizeof(*head));
	if (head->revision != VBS_MSG_REVISION || head->len > VBS_MSG_MAX_PAYLOAD)
		return -EPROTO;
	if (vbs_msg_space(head->len) > avail || offset + vbs_msg_space(head->len) > VBS_RING_SIZE)
		return -EPROTO;
	memcpy(payload, page->rsp + offset + sizeof(*head), head->len);
	payload[head->len] = '\0';
	release_reply(page, vbs_msg_space(head->len));
	return 1;
}
