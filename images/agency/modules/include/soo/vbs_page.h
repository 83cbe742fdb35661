/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vbs_page.h - the store's end of one message page.
 */
#ifndef SOO_VBS_PAGE_H
#define SOO_VBS_PAGE_H

#include <linux/types.h>

#include <abi/vbstore.h>

struct vbs_message {
	struct vbs_msg_header head;
	u8 payload[VBS_MSG_MAX_PAYLOAD];
};

/*
 * struct vbs_link - where the store is in a page
 * @port: the agency's end of the channel
 * @why: of the last -EPROTO
 * @req_cons: ours; the page's copy is for observers, as is that of @rsp_prod
 */
struct vbs_link {
	struct vbs_page *page;
	u32 port;
	const char *why;
	u32 req_cons;
	u32 rsp_prod;
};

/* Return: 0, -EAGAIN if the page has no room now, -EPROTO for an impossible index. */
int vbs_put_message(struct vbs_link *l, const struct vbs_message *msg);

/* Return: 1 if @msg was filled, 0 if there is none, -EPROTO for a malformed one. */
int vbs_take_message(struct vbs_link *l, struct vbs_message *msg);

#endif /* SOO_VBS_PAGE_H */
