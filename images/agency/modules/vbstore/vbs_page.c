// SPDX-License-Identifier: GPL-2.0-only
/*
 * vbs_page.c - messages in and out of an ME's page.
 *
 * The page is the ME's memory: each message is copied out once, and each index is checked.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include <soo/evtchn.h>
#include <soo/fault.h>
#include <soo/vbs_page.h>

static int broken(struct vbs_link *l, const char *why)
{
	l->why = why;
	return -EPROTO;
}

int vbs_put_message(struct vbs_link *l, const struct vbs_message *msg)
{
	struct vbs_page *page = l->page;
	u32 space = vbs_msg_space(msg->head.len);
	/* Pairs with the ME's release: what it has read may be written over. */
	u32 used = l->rsp_prod - smp_load_acquire(&page->rsp_cons);
	u32 offset = l->rsp_prod % VBS_RING_SIZE;
	u32 skip = offset + space > VBS_RING_SIZE ? VBS_RING_SIZE - offset : 0;

	if (used > VBS_RING_SIZE || used % VBS_ALIGN)
		return broken(l, "impossible index of replies");
	if (used + skip > VBS_RING_SIZE || (!skip && used + space > VBS_RING_SIZE))
		return -EAGAIN;
	if (skip) {
		/* Published by itself: marker and message together may be more than the ring holds. */
		*(u32 *)(page->rsp + offset) = VBS_WRAP;
		l->rsp_prod += skip;
		smp_store_release(&page->rsp_prod, l->rsp_prod);
		evtchn_notify(l->port);
		if (used + skip + space > VBS_RING_SIZE)
			return -EAGAIN;
		offset = 0;
	}
	memcpy(page->rsp + offset, msg, sizeof(msg->head) + msg->head.len);
	l->rsp_prod += space;
	page->rsp_pvt = l->rsp_prod;
	/* Pairs with the ME's acquire: no index before its message. */
	smp_store_release(&page->rsp_prod, l->rsp_prod);
	return 0;
}

int vbs_take_message(struct vbs_link *l, struct vbs_message *msg)
{
	struct vbs_page *page = l->page;
	/* Pairs with the ME's release: no message before its index. */
	u32 avail = smp_load_acquire(&page->req_prod) - l->req_cons;
	u32 offset = l->req_cons % VBS_RING_SIZE;

	if (avail > VBS_RING_SIZE || avail % VBS_ALIGN)
		return broken(l, "impossible index of requests");
	if (avail && READ_ONCE(*(u32 *)(page->req + offset)) == VBS_WRAP) {
		u32 skip = VBS_RING_SIZE - offset;

		if (skip > avail)
			return broken(l, "request ring goes round too early");
		avail -= skip;
		l->req_cons += skip;
		smp_store_release(&page->req_cons, l->req_cons);
		offset = 0;
	}
	if (!avail)
		return 0;
	if (avail < sizeof(msg->head) || offset + sizeof(msg->head) > VBS_RING_SIZE)
		return broken(l, "message without a whole header");
	memcpy(&msg->head, page->req + offset, sizeof(msg->head));
	if (msg->head.revision != VBS_MSG_REVISION)
		return broken(l, "message of an unknown revision");
	if ((msg->head.len > VBS_MSG_MAX_PAYLOAD || vbs_msg_space(msg->head.len) > avail ||
	     offset + vbs_msg_space(msg->head.len) > VBS_RING_SIZE) && !soo_fault("vbs-length-unchecked"))
		return broken(l, "message longer than the page");
	memcpy(msg->payload, page->req + offset + sizeof(msg->head), msg->head.len);
	l->req_cons += vbs_msg_space(msg->head.len);
	smp_store_release(&page->req_cons, l->req_cons);
	return 1;
}
