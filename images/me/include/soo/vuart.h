/* SPDX-License-Identifier: GPL-2.0-only */
/* vuart.h - the frontend of vuart: a second way to the console, over the bus. */
#ifndef SOO_VUART_H
#define SOO_VUART_H

#include "abi/vuart.h"

#include "soo/vbus.h"
#include "wait.h"

#define VUART_OUT_SIZE		16384u	/* powers of two */
#define VUART_CARRIED_SIZE	8192u

struct vuart_stats {
	u64 sent;		/* characters that the backend has taken */
	u64 received;
	u64 dropped;		/* nobody made room for them in time */
	u64 notified;
	u64 interrupts;
};

/*
 * Output waits in @out, also while it is in the ring: [tail, next) was put there and not taken by the
 * backend yet, [next, head) was not put. So what a ring held when its place was left is simply put again.
 */
typedef struct {
	struct vbus_device *vdev;
	struct vbus_link link;
	bool recording;		/* output is taken in, since the first Connected */
	bool active;		/* the ring may be used, in sections */
	bool stuck;		/* output is dropped until the backend takes some again */
	u8 *out;
	u32 tail, next, head;
	u32 seen_cons;		/* req_cons that `tail` corresponds to */
	u8 *carried;		/* typed characters that were left in the ring of another place */
	u32 carried_out, carried_in;
	struct wait_queue wait;	/* there may be something to do */
	struct wait_queue room;	/* tail or recording has changed */
	struct vuart_stats stats;
} vuart_priv_t;

/* The device, or NULL. */
vuart_priv_t *vuart_get(void);

/* Output, from any context. Where it may, it waits for room. */
void vuart_output(vuart_priv_t *priv, const char *buf, size_t len);

bool vuart_has_work(const vuart_priv_t *priv);
/* In a section: moves characters both ways as far as they go. Return: 0 or RING_BROKEN. */
int vuart_pump(vuart_priv_t *priv);
/* Outside: takes note of what the backend has printed. Return: 0 or RING_BROKEN. */
int vuart_settle(vuart_priv_t *priv);
/* From a ring of which nothing is used any more. Return: 0 or RING_BROKEN. */
int vuart_pack(vuart_priv_t *priv);

#endif /* SOO_VUART_H */
