/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vdummy_fault.h - how the backend answers, right or, in test builds, wrong.
 */
#ifndef VDUMMY_FAULT_H
#define VDUMMY_FAULT_H

#include <linux/delay.h>

#include <abi/ring.h>
#include <abi/vdummy.h>
#include <soo/evtchn.h>
#include <soo/fault.h>

#ifndef SOO_FAULTS

struct vdummy_fault {
};

static inline void vdummy_fault_init(struct vdummy_fault *f, u32 port)
{
}

static inline void vdummy_fault_suspend(struct vdummy_fault *f, struct ring *ring)
{
}

static inline void vdummy_fault_connected(struct vdummy_fault *f, struct ring *ring)
{
}

static inline int vdummy_take(struct ring *ring, struct vdummy_request *req)
{
	return ring_back_take(ring, req);
}

/* Return: how many responses were published. */
static inline int vdummy_answer(struct vdummy_fault *f, struct ring *ring, struct vdummy_request *req)
{
	ring_back_answer(ring, req->buffer);
	return 1;
}

#else

/*
 * struct vdummy_fault - a defect, chosen when the ring is mapped
 * @count: requests so far
 * @kept: the response that is held back, if @has_kept, to come after the next one
 */
struct vdummy_fault {
	bool drop_17th;
	bool swap;
	bool flip;
	bool publish_early;
	bool rsp_beyond;
	bool buffer_shared;
	u32 port;			/* of the device, to raise */
	u64 count;
	bool has_kept;
	struct vdummy_request kept;
	struct vdummy_request last;
	bool slept;			/* suspended since it was connected last */
	bool doubles;			/* `last` is to be answered again */
	u32 sum;
};

/* Of all links, and without a lock: right as long as no two of them are served at once. */
static struct vdummy_request vdummy_shared_buffer;

static inline void vdummy_fault_init(struct vdummy_fault *f, u32 port)
{
	*f = (struct vdummy_fault){
		.port = port,
		.drop_17th = soo_fault("be-drop-17th"),
		.swap = soo_fault("be-swap"),
		.flip = soo_fault("be-flip"),
		.publish_early = soo_fault("be-publish-early"),
		.rsp_beyond = soo_fault("be-rsp-beyond"),
		.buffer_shared = soo_fault("be-buffer-shared"),
	};
}

static inline void vdummy_fault_suspend(struct vdummy_fault *f, struct ring *ring)
{
	f->slept = true;
}

static inline void vdummy_fault_connected(struct vdummy_fault *f, struct ring *ring)
{
	struct vdummy_request req __aligned(8);

	if (!f->slept)
		return;
	f->slept = false;
	/* What waited is taken, and its responses are never given. */
	while (soo_fault("be-lost-on-suspend") && ring_back_take(ring, &req) > 0)
		;
	f->doubles = f->count && soo_fault("be-double-after-resume");
}

static inline int vdummy_take(struct ring *ring, struct vdummy_request *req)
{
	int got = ring_back_take(ring, req);

	/* An index that cannot be is where the ring is now. */
	if (got < 0 && soo_fault("be-index-trusted")) {
		ring->req = ring->page->req_prod;
		ring->rsp = ring->req;
		return 0;
	}
	if (got > 0 && soo_fault("be-slot-read-twice")) {
		/* Time enough for the front to have it changed. */
		msleep(2);
		ring_copy(req->buffer, ring_req_slot(ring, ring->req - 1), ring->req_size);
	}
	return got;
}

static inline int vdummy_publish_early(const struct vdummy_fault *f, struct ring *ring,
					struct vdummy_request *req)
{
	u32 slot = ring->rsp;

	ring->rsp++;
	__atomic_store_n(&ring->page->rsp_prod, ring->rsp, __ATOMIC_RELEASE);
	/* Long enough for the front to come and look. */
	evtchn_notify(f->port);
	msleep(5);
	ring_copy(ring_rsp_slot(ring, slot), req->buffer, ring->rsp_size);
	return 1;
}

static inline int vdummy_answer(struct vdummy_fault *f, struct ring *ring, struct vdummy_request *req)
{
	f->count++;
	if (f->buffer_shared) {
		vdummy_shared_buffer = *req;
		/* As a driver does that looks at what it was given. */
		for (u32 i = 0; i < sizeof(req->buffer); i++)
			f->sum += READ_ONCE(vdummy_shared_buffer.buffer[i]);
		*req = vdummy_shared_buffer;
	}
	if (f->doubles) {
		/* In the place of this one's, so that the index stays possible. */
		f->doubles = false;
		ring_back_answer(ring, f->last.buffer);
		return 1;
	}
	f->last = *req;
	if (f->drop_17th && f->count % 17 == 0)
		return 0;
	if (f->flip && f->count % 10 == 0)
		req->buffer[5] ^= 0x10;
	if (f->publish_early && f->count % 5 == 0 && f->count <= 50)
		return vdummy_publish_early(f, ring, req);
	if (f->swap && f->count % 20 == 9 && !f->has_kept) {
		f->kept = *req;
		f->has_kept = true;
		return 0;
	}
	ring_back_answer(ring, req->buffer);
	if (f->has_kept) {
		f->has_kept = false;
		ring_back_answer(ring, f->kept.buffer);
		return 2;
	}
	if (f->rsp_beyond && f->count >= 10)
		__atomic_store_n(&ring->page->rsp_prod, ring->rsp + ring->entries + 1, __ATOMIC_RELEASE);
	return 1;
}

#endif

#endif /* VDUMMY_FAULT_H */
