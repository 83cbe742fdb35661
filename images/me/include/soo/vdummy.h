/* SPDX-License-Identifier: GPL-2.0-only */
/* vdummy.h - the frontend of vdummy, as its driver, its traffic and the shell's commands see it. */
#ifndef SOO_VDUMMY_H
#define SOO_VDUMMY_H

#include "abi/ring.h"
#include "abi/vdummy.h"

#include "soo/vbus.h"
#include "wait.h"

struct vdummy_stats {
	u64 sent;
	u64 received;
	u64 stale;		/* responses that no run waited for any more */
	u64 full;		/* requests that had to wait for room */
	u64 notified;		/* events to the backend */
	u64 interrupts;		/* events from it */
	u64 errors;		/* impossible indices */
};

typedef struct {
	struct vbus_device *vdev;
	struct ring ring;
	u32 start;		/* first index, a test knob of the tree */
	u32 ring_ref;
	u32 evtchn;
	bool connected;
	bool peer_gone;		/* not connected because of the backend: nothing is answered any more */
	bool busy;		/* between vdummy_begin() and vdummy_end() */
	struct wait_queue wait;	/* any of connected, busy, responses */
	struct vdummy_stats stats;
} vdummy_priv_t;

/* The device, or NULL. */
vdummy_priv_t *vdummy_get(void);

/*
 * A section in which the ring may be used: waits for Connected, and keeps shutdown out.
 * Return: 0, -ETIMEDOUT if it does not connect, -EBUSY if another thread is in it.
 */
int vdummy_begin(vdummy_priv_t *priv);
void vdummy_end(vdummy_priv_t *priv);

/* Inside a section. Return: 0, RING_FULL. The response slot holds vdummy_sentinel until its answer. */
int vdummy_put(vdummy_priv_t *priv, const struct vdummy_request *req);
void vdummy_notify(vdummy_priv_t *priv);

/* Return: 1, 0, RING_BROKEN. *@early: the slot was covered by the index before it was written. */
int vdummy_take(vdummy_priv_t *priv, struct vdummy_response *rsp, bool *early);

/* True if there is something to take, or nothing will come. */
bool vdummy_ready(const vdummy_priv_t *priv);

/* For indices that cannot be: counts, and takes the device to Closing. Outside a section. */
void vdummy_broken(vdummy_priv_t *priv);

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
	enum vdummy_pattern pattern;
	u64 seed;
};

struct vdummy_result {
	u64 sent;
	u64 received;
	u64 lost;
	u64 reordered;
	u64 corrupt;
	u64 early;
	u64 full;
	u64 ms;
};

/* Return: 0 if the run came to its end, whatever it found, or why it did not start. */
int vdummy_traffic(vdummy_priv_t *priv, const struct vdummy_run *run, struct vdummy_result *result);

#endif /* SOO_VDUMMY_H */
