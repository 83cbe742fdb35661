/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ring.h - the one ring of all vbus devices, and both halves' access to it.
 *
 * One page: four free-running indices, then entries. An entry is a request slot followed by a
 * response slot; the slot of index i is i % entries, and entries is the largest power of two that
 * fits. The front writes requests, req_prod and rsp_cons; the back writes responses, rsp_prod and
 * req_cons.
 *
 * Each half keeps private copies of its own indices, so that its peer cannot move them: the shared
 * consumer indices are published for observers, and used for nothing else here. A slot is copied
 * once. A producer index further ahead than there are entries is refused.
 *
 * The front starts a ring with all four indices at the same value, `start`; any value will do.
 *
 * In most rings each request gets at most one response, and a request counts as in the ring until
 * its response was taken. In an unsolicited one both directions run by themselves: then a consumer
 * index in the page is believed as far as it is possible, and says where room is.
 */
#ifndef ABI_RING_H
#define ABI_RING_H

#include "types.h"

#define RING_ENTRIES_OFFSET	56u

/* Not the kernel's errno names: this header is freestanding. Values agree with errno.h. */
#define RING_FULL	(-28)	/* -ENOSPC */
#define RING_BROKEN	(-71)	/* -EPROTO */

struct ring_page {
	u32 req_prod;		/* front */
	u32 req_cons;		/* back */
	u32 rsp_prod;		/* back */
	u32 rsp_cons;		/* front */
	u8 pad[40];
	u8 entries[ABI_PAGE_SIZE - RING_ENTRIES_OFFSET];
};
ABI_SIZE(struct ring_page, 4096);
ABI_OFFSET(struct ring_page, rsp_prod, 8);
ABI_OFFSET(struct ring_page, entries, RING_ENTRIES_OFFSET);

/*
 * struct ring - one half of a ring
 * @req: front: next request to publish;  back: next request to take
 * @rsp: front: next response to take;    back: next response to publish
 *
 * Buffers that are handed to send, take and answer are 8-byte aligned.
 */
struct ring {
	struct ring_page *page;
	u32 entries;
	u32 req_size;
	u32 rsp_size;
	u32 unsolicited;	/* 1: responses come without requests */
	u32 req;
	u32 rsp;
};

static inline u32 ring_entry_count(u32 req_size, u32 rsp_size)
{
	u32 fit = (ABI_PAGE_SIZE - RING_ENTRIES_OFFSET) / (req_size + rsp_size);
	u32 n = 1;

	while (n * 2 <= fit)
		n *= 2;
	return n;
}

static inline u8 *ring_req_slot(const struct ring *r, u32 index)
{
	return r->page->entries + (index % r->entries) * (r->req_size + r->rsp_size);
}

static inline u8 *ring_rsp_slot(const struct ring *r, u32 index)
{
	return ring_req_slot(r, index) + r->req_size;
}

/*
 * Volatile: the peer may write at the same time, and each part of a slot is read just once. Slots
 * of a multiple of 8 bytes are 8-byte aligned, as RING_ENTRIES_OFFSET is.
 */
static inline void ring_copy(volatile u8 *to, const volatile u8 *from, u32 size)
{
	u32 i;

	if (size % 8 == 0) {
		for (i = 0; i < size / 8; i++)
			((volatile u64 *)to)[i] = ((const volatile u64 *)from)[i];
		return;
	}
	for (i = 0; i < size; i++)
		to[i] = from[i];
}

static inline void ring_init_half(struct ring *r, void *page, u32 req_size, u32 rsp_size, u32 start)
{
	r->page = (struct ring_page *)page;
	r->req_size = req_size;
	r->rsp_size = rsp_size;
	r->entries = ring_entry_count(req_size, rsp_size);
	r->unsolicited = 0;
	r->req = start;
	r->rsp = start;
}

/**
 * ring_front_init() - start an empty ring in @page, before its reference is published
 */
static inline void ring_front_init(struct ring *r, void *page, u32 req_size, u32 rsp_size, u32 start)
{
	ring_init_half(r, page, req_size, rsp_size, start);
	r->page->req_prod = start;
	r->page->req_cons = start;
	r->page->rsp_prod = start;
	r->page->rsp_cons = start;
}

/**
 * ring_back_attach() - join the ring in @page, which its front has started
 * Return: 0, or RING_BROKEN if the four indices are not equal.
 */
static inline int ring_back_attach(struct ring *r, void *page, u32 req_size, u32 rsp_size)
{
	struct ring_page *p = (struct ring_page *)page;
	u32 start = __atomic_load_n(&p->req_prod, __ATOMIC_ACQUIRE);

	if (__atomic_load_n(&p->req_cons, __ATOMIC_RELAXED) != start ||
	    __atomic_load_n(&p->rsp_prod, __ATOMIC_RELAXED) != start ||
	    __atomic_load_n(&p->rsp_cons, __ATOMIC_RELAXED) != start)
		return RING_BROKEN;
	ring_init_half(r, page, req_size, rsp_size, start);
	return 0;
}

/* After the start or attachment of either half, before its first use. */
static inline void ring_set_unsolicited(struct ring *r)
{
	r->unsolicited = 1;
}

/* Room after index @prod, if the peer has consumed up to what it says at @cons. */
static inline int ring_room(const struct ring *r, u32 prod, const u32 *cons)
{
	/* Pairs with the peer's release: what it took has been copied out. */
	u32 used = prod - __atomic_load_n(cons, __ATOMIC_ACQUIRE);

	if (used > r->entries)
		return RING_BROKEN;
	return used == r->entries ? RING_FULL : 0;
}

/**
 * ring_front_room() - may a request be sent?
 * Return: 0, RING_FULL, or RING_BROKEN for an impossible req_cons of an unsolicited ring.
 */
static inline int ring_front_room(const struct ring *r)
{
	if (r->unsolicited)
		return ring_room(r, r->req, &r->page->req_cons);
	return r->req - r->rsp >= r->entries ? RING_FULL : 0;
}

/**
 * ring_front_send() - write one request and publish it
 * Return: as ring_front_room(). Solicited: requests whose response was not taken yet count as in
 * the ring, so that a response slot is never written over.
 */
static inline int ring_front_send(struct ring *r, const void *req)
{
	int err = ring_front_room(r);

	if (err)
		return err;
	ring_copy(ring_req_slot(r, r->req), (const u8 *)req, r->req_size);
	r->req++;
	/* Pairs with the acquire in ring_back_take(): no index before its request. */
	__atomic_store_n(&r->page->req_prod, r->req, __ATOMIC_RELEASE);
	return 0;
}

/**
 * ring_front_take() - copy the next response out
 * Return: 1 if @rsp was filled, 0 if there is none, RING_BROKEN for an impossible rsp_prod.
 */
static inline int ring_front_take(struct ring *r, void *rsp)
{
	/* Pairs with the release in ring_back_answer(). */
	u32 prod = __atomic_load_n(&r->page->rsp_prod, __ATOMIC_ACQUIRE);

	if (prod - r->rsp > r->entries || (!r->unsolicited && prod - r->rsp > r->req - r->rsp))
		return RING_BROKEN;
	if (prod == r->rsp)
		return 0;
	ring_copy((u8 *)rsp, ring_rsp_slot(r, r->rsp), r->rsp_size);
	r->rsp++;
	__atomic_store_n(&r->page->rsp_cons, r->rsp, __ATOMIC_RELEASE);
	return 1;
}

/**
 * ring_back_take() - copy the next request out
 * Return: 1 if @req was filled, 0 if there is none, RING_BROKEN for an impossible req_prod.
 */
static inline int ring_back_take(struct ring *r, void *req)
{
	/* Pairs with the release in ring_front_send(). */
	u32 prod = __atomic_load_n(&r->page->req_prod, __ATOMIC_ACQUIRE);

	if (prod - r->req > r->entries)
		return RING_BROKEN;
	if (prod == r->req)
		return 0;
	ring_copy((u8 *)req, ring_req_slot(r, r->req), r->req_size);
	r->req++;
	__atomic_store_n(&r->page->req_cons, r->req, __ATOMIC_RELEASE);
	return 1;
}

/**
 * ring_back_room() - may a response be published?
 * Return: 0, RING_FULL, or RING_BROKEN for an impossible rsp_cons. A solicited ring always has room,
 * since the front counts a request as in the ring until it took the response.
 */
static inline int ring_back_room(const struct ring *r)
{
	return r->unsolicited ? ring_room(r, r->rsp, &r->page->rsp_cons) : 0;
}

/**
 * ring_back_answer() - write one response and publish it; the caller knows that there is room
 */
static inline void ring_back_answer(struct ring *r, const void *rsp)
{
	ring_copy(ring_rsp_slot(r, r->rsp), (const u8 *)rsp, r->rsp_size);
	r->rsp++;
	/* Pairs with the acquire in ring_front_take(): no index before its response. */
	__atomic_store_n(&r->page->rsp_prod, r->rsp, __ATOMIC_RELEASE);
}

#endif /* ABI_RING_H */
