/* SPDX-License-Identifier: GPL-2.0-only */
/* ring.c - use of the ring by whoever has traffic, within processing sections. */
#include <string.h>

#include "fault.h"
#include "soo/avz.h"
#include "soo/vdummy.h"

#define CONNECT_MS	2000ul
#define LATE_MS		100ul
#define WORDS		(sizeof(struct vdummy_response) / sizeof(u64))

/* What a response slot holds until it is answered. No word of it is one of a usual message. */
#define SENTINEL(i)	(0xa5c3d2e1f0968778ul + (i) * 0x0101010101010101ul)

int vdummy_begin(vdummy_priv_t *priv)
{
	if (!wait_event_until(&priv->wait, priv->connected, time_in_ms(CONNECT_MS)))
		return -ETIMEDOUT;
	if (priv->busy)
		return -EBUSY;
	priv->busy = true;
	return 0;
}

void vdummy_end(vdummy_priv_t *priv)
{
	priv->busy = false;
	wait_wake_all(&priv->wait);
}

static volatile u64 *response_slot(const struct ring *r, u32 index)
{
	return (volatile u64 *)ring_rsp_slot(r, index);
}

int vdummy_put(vdummy_priv_t *priv, const struct vdummy_request *req)
{
	struct ring *r = &priv->ring;
	u64 i;

	if (r->req - r->rsp >= r->entries) {
		priv->stats.full++;
		return RING_FULL;
	}
	for (i = 0; i < WORDS; i++)
		response_slot(r, r->req)[i] = SENTINEL(i);
	priv->stats.sent++;
	ring_front_send(r, req);
	if (fault_active("fe-producer-beyond"))
		__atomic_store_n(&r->page->req_prod, r->req + r->entries, __ATOMIC_RELEASE);
	return 0;
}

void vdummy_notify(vdummy_priv_t *priv)
{
	priv->stats.notified++;
	evtchn_notify(priv->evtchn);
}

static bool unwritten(const volatile u64 *words)
{
	u64 i;

	for (i = 0; i < WORDS; i++)
		if (words[i] == SENTINEL(i))
			return true;
	return false;
}

/* The answer that came late is still wanted, for what it says of order and content. */
static void take_late(const struct ring *r, struct vdummy_response *rsp)
{
	const volatile u64 *slot = response_slot(r, r->rsp - 1);
	u64 end = time_in_ms(LATE_MS);

	while (unwritten(slot) && time_now() < end)
		;
	ring_copy(rsp->buffer, (const volatile u8 *)slot, sizeof(*rsp));
}

int vdummy_take(vdummy_priv_t *priv, struct vdummy_response *rsp, bool *early)
{
	int got = ring_front_take(&priv->ring, rsp);

	if (got <= 0)
		return got;
	priv->stats.received++;
	*early = unwritten((const u64 *)rsp);
	if (*early)
		take_late(&priv->ring, rsp);
	return 1;
}

bool vdummy_ready(const vdummy_priv_t *priv)
{
	const struct ring *r = &priv->ring;

	return priv->peer_gone || __atomic_load_n(&r->page->rsp_prod, __ATOMIC_ACQUIRE) != r->rsp;
}

void vdummy_broken(vdummy_priv_t *priv)
{
	priv->stats.errors++;
	mutex_lock(&priv->vdev->lock);
	vbus_fatal(priv->vdev, RING_BROKEN, "impossible response index");
	priv->vdev->drv->shutdown(priv->vdev);
	mutex_unlock(&priv->vdev->lock);
}
