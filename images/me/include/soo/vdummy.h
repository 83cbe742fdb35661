/* SPDX-License-Identifier: GPL-2.0-only */
/* vdummy.h - the frontend of vdummy, as its driver, its traffic and the shell's commands see it. */
#ifndef SOO_VDUMMY_H
#define SOO_VDUMMY_H

#include "abi/vdummy.h"

#include "soo/vbus.h"
#include "wait.h"

#define VDUMMY_ENTRIES	32u

struct vdummy_stats {
	u64 sent;
	u64 received;
	u64 resent;		/* put again into the ring of a new place */
	u64 stale;		/* responses that no run waited for any more */
	u64 full;		/* requests that had to wait for room */
	u64 notified;		/* events to the backend */
	u64 interrupts;		/* events from it */
	u64 errors;		/* impossible indices */
};

/* What a ring held when its place was left. Requests count as in the ring until their response is taken. */
struct vdummy_luggage {
	struct vdummy_response answered[VDUMMY_ENTRIES] __attribute__((aligned(8)));
	struct vdummy_request unanswered[VDUMMY_ENTRIES] __attribute__((aligned(8)));
	u32 answers;		/* in answered[], the oldest first */
	u32 requests;		/* in unanswered[]; they wait for Connected */
};

typedef struct {
	struct vbus_device *vdev;
	struct vbus_link link;
	struct vdummy_luggage luggage;
	u32 start;		/* first index, a test knob of the tree */
	bool active;		/* connected(), and not shut down since */
	bool peer_gone;		/* nothing is answered any more */
	bool busy;		/* between vdummy_open() and vdummy_release() */
	struct wait_queue wait;	/* any of active, busy, responses */
	struct vdummy_stats stats;
} vdummy_priv_t;

/* The device, or NULL. */
vdummy_priv_t *vdummy_get(void);

/*
 * The right to use the device for a run of traffic: waits for Connected. A close waits for the run to
 * end, a suspend does not: that is kept out by vbus_begin() and vbus_end() only.
 * Return: 0, -ENODEV, -ETIMEDOUT if it does not connect, -EBUSY if another thread has it.
 */
int vdummy_open(vdummy_priv_t *priv);
void vdummy_release(vdummy_priv_t *priv);

/* Inside a section. Return: 0, RING_FULL. The response slot holds a sentinel until its answer. */
int vdummy_put(vdummy_priv_t *priv, const struct vdummy_request *req);
void vdummy_notify(vdummy_priv_t *priv);

/* Inside a section. Return: 1, 0, RING_BROKEN. *@early: the index covered the slot before it was written. */
int vdummy_take(vdummy_priv_t *priv, struct vdummy_response *rsp, bool *early);

/* True if there is something to take, or nothing will come. */
bool vdummy_ready(const vdummy_priv_t *priv);

/* For indices that cannot be: counts, and takes the device to Closing. Outside a section. */
void vdummy_broken(vdummy_priv_t *priv);

/* Into the luggage, from a ring of which nothing is used any more. Return: 0 or RING_BROKEN. */
int vdummy_pack(vdummy_priv_t *priv);
/* The requests of the luggage, into the ring. */
void vdummy_unpack(vdummy_priv_t *priv);

/* One run of traffic. */
enum vdummy_pattern {
	VDUMMY_SEQ,
	VDUMMY_ZERO,
	VDUMMY_ONES,
	VDUMMY_RANDOM,
};

struct vdummy_run {
	u64 count;
	u32 size;		/* bytes of a message that carry the pattern; the rest is zero */
	u32 window;		/* messages outstanding at most */
	u64 every;		/* ms from one event to the next at least; 0: as soon as there is room */
	enum vdummy_pattern pattern;
	u64 seed;
};

struct vdummy_result {
	u64 sent;
	u64 received;
	u64 lost;
	u64 doubled;
	u64 reordered;
	u64 corrupt;
	u64 early;
	u64 full;
	u64 ms;
};

/* Return: 0 if the run came to its end, whatever it found, or why it did not start. */
int vdummy_traffic(vdummy_priv_t *priv, const struct vdummy_run *run, struct vdummy_result *result);

#endif /* SOO_VDUMMY_H */
