/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vbstore.h - the message page between one ME and the store in the agency.
 *
 * Two byte rings of 1,024 bytes. Indices run freely (32-bit); the offset is index % VBS_RING_SIZE.
 * A message is a header and `len` bytes of payload, padded to VBS_ALIGN. It is never split: where
 * it would pass the end of the ring its writer stores VBS_WRAP in the first word, and both sides
 * go on at the next multiple of VBS_RING_SIZE. As every message is a multiple of VBS_ALIGN, there
 * is always room for that word.
 *
 *   writer: data, then prod (release).     reader: prod (acquire), copy, then cons (release).
 *   *_pvt is the writer's own copy of prod while it builds a message.
 *
 * One request is outstanding per domain. A reply repeats type, id and cookie. Watch events arrive
 * between replies, with the path of the written node (or of the parent of a created one).
 *
 * request           payload             reply payload
 * DIRECTORY         path\0              child names, each with \0; empty if none or no node
 * DIRECTORY_EXISTS  path\0              "1\0" or "0\0"
 * READ              path\0              value\0; an absent key gives "\0"
 * WRITE             path\0value\0       empty
 * MKDIR RM          path\0              empty
 * WATCH UNWATCH     path\0              empty
 * TRANSACTION_END   empty               empty
 *
 * A refused request is answered by VBS_ERROR, with a decimal -errno as text. That type is ours;
 * the order of the others is fixed.
 */
#ifndef ABI_VBSTORE_H
#define ABI_VBSTORE_H

#include "types.h"

#define VBS_RING_SIZE		1024u
#define VBS_ALIGN		8u
#define VBS_MSG_REVISION	0x56420001u	/* "VB", revision 1 */
#define VBS_WRAP		0xffffffffu
#define VBS_VALUE_SIZE		640u		/* with the final NUL: leaves room for path and header */

enum vbs_msg_type {
	VBS_DIRECTORY = 0,
	VBS_DIRECTORY_EXISTS = 1,
	VBS_READ = 2,
	VBS_WATCH = 3,
	VBS_UNWATCH = 4,
	VBS_TRANSACTION_END = 5,
	VBS_WRITE = 6,
	VBS_MKDIR = 7,
	VBS_RM = 8,
	VBS_WATCH_EVENT = 9,
	VBS_ERROR = 10,
};

struct vbs_msg_header {
	u32 revision;		/* VBS_MSG_REVISION, or VBS_WRAP in place of a message */
	u32 type;		/* enum vbs_msg_type */
	u32 len;		/* bytes of payload, without padding */
	u32 id;			/* chosen by the client, repeated in the reply */
	u32 transaction_id;	/* 0: outside any transaction */
	u32 reserved;		/* 0 */
	u64 cookie;		/* of the client, repeated in the reply */
};
ABI_SIZE(struct vbs_msg_header, 32);
ABI_OFFSET(struct vbs_msg_header, cookie, 24);

struct vbs_page {
	u8 req[VBS_RING_SIZE];	/* ME to store */
	u8 rsp[VBS_RING_SIZE];	/* store to ME */
	u32 req_cons;		/* written by the store */
	u32 req_prod;		/* written by the ME, as is req_pvt */
	u32 req_pvt;
	u32 rsp_cons;		/* written by the ME */
	u32 rsp_prod;		/* written by the store, as is rsp_pvt */
	u32 rsp_pvt;
	u16 domid;		/* written by the agency before the ME starts */
};
ABI_OFFSET(struct vbs_page, rsp, 1024);
ABI_OFFSET(struct vbs_page, req_cons, 2048);
ABI_OFFSET(struct vbs_page, rsp_cons, 2060);
ABI_OFFSET(struct vbs_page, domid, 2072);

#define VBS_MSG_MAX_PAYLOAD	(VBS_RING_SIZE - (u32)sizeof(struct vbs_msg_header))

static inline u32 vbs_msg_space(u32 len)
{
	return ((u32)sizeof(struct vbs_msg_header) + len + VBS_ALIGN - 1) & ~(VBS_ALIGN - 1);
}

#endif /* ABI_VBSTORE_H */
