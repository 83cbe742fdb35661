/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vdummy.h - the smallest vbus device. The backend answers each request with the same bytes, in
 * order. It exists to test the bus. On Connected the front notifies once, so that requests which
 * wait in the ring are worked on.
 */
#ifndef ABI_VDUMMY_H
#define ABI_VDUMMY_H

#include "types.h"

#define VDUMMY_NAME		"vdummy"
#define VDUMMY_PACKET_SIZE	32u

struct vdummy_request {
	u8 buffer[VDUMMY_PACKET_SIZE];
};
ABI_SIZE(struct vdummy_request, 32);

struct vdummy_response {
	u8 buffer[VDUMMY_PACKET_SIZE];
};
ABI_SIZE(struct vdummy_response, 32);

#endif /* ABI_VDUMMY_H */
