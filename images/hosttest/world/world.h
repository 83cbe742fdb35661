/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * world.h - an agency whose modules have started, and its MEs, which are the test's to play.
 */
#ifndef WORLD_H
#define WORLD_H

#include <abi/ring.h>
#include <soo/domain.h>
#include <soo/vbs_tree.h>
#include <soo/vbstore.h>

#include "host/machine.h"

/* Frames of an ME's memory: the shared page, the store's, and the rest is for rings. */
#define FRAME_SHARED	0u
#define FRAME_STORE	1u
#define FRAME_RINGS	2u

/* Load the modules; unload them, which is to leave nothing. */
void world_start(void);
void world_end(void);

/* As its host does. Return: the domain's number, or 0 if it was refused. */
u32 world_create(u32 slot, u32 incarnation);
void world_destroy(u32 d);

/* NULL if there is none. */
struct soo_domain *world_dom(u32 d);
struct vbs_page *world_store_page(u32 d);
struct avz_shared *world_shared(u32 d);
struct ring_page *world_ring_page(u32 d, u32 frame);

/* The ME's doorbell rings. */
void world_doorbell(u32 d);

/* The ME raises one of its channels. */
void world_raise(u32 d, u32 port);

/* The ME's call. Return: its error; *@ret is what it got. */
int world_hypercall(u32 d, u32 op, u64 arg0, u64 arg1, u64 *ret);

/* Names and links of the whole tree, watches included. */
void world_check_store(void);

#endif /* WORLD_H */
