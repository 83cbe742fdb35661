/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * where.h - how to find, from outside, where the threads of an ME stand.
 *
 * The ME's image starts ME_IMAGE_OFFSET into its memory, with the header of an arm64 Linux image. The
 * first reserved word of that header has the address of a struct me_where. Addresses are the ME's
 * own; it maps its memory one to one. Whoever reads believes none of it: the ME may be broken.
 *
 * Threads are in a ring of links: `threads` is the address of its head, the link of a thread lies `link`
 * bytes into the thread, and the second word of a link is the address of the next one. `current` is the
 * address of the pointer to the thread that runs. The stack pointer of any other thread is where its
 * frame pointer and its return address are.
 */
#ifndef ABI_WHERE_H
#define ABI_WHERE_H

#include "types.h"

#define ME_IMAGE_OFFSET		0x80000
#define ME_IMAGE_WHERE		32		/* in the image: address of the struct */
#define ME_WHERE_SIGNATURE	0x5745524d

struct me_where {
	u32 signature;
	u32 sp;			/* u64 in a thread, as are these up to `state` */
	u32 name;		/* address of a text */
	u32 link;
	u32 state;		/* u32: 0 ready, 1 running, 2 waiting */
	u32 reserved;
	u64 threads;
	u64 current;
};
ABI_SIZE(struct me_where, 40);
ABI_OFFSET(struct me_where, threads, 24);

#endif /* ABI_WHERE_H */
