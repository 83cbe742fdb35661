/* SPDX-License-Identifier: GPL-2.0-only */
/* ring.c - use of the ring by whoever has traffic, within processing sections. */
#include <string.h>

#include "fault.h"
#include "soo/avz.h"
#include "soo/vdummy.h"

#define CONNECT_MS	2000ul
#define LATE_MS		100ul
#define LINGER_MS	50ul
#define LINGER_STEP_MS	1ul
#define WORDS		(sizeof(struct vdummy_response) / sizeof(u64))

/* What a response slot holds until it is answered. No word of it is one of a usual message. */
#define SENTINEL(i)	(0xa5c3d2e1f0968778ul + (i) * 0x0101010101010101ul)

int vdummy_open(vdummy_priv_t *priv)
{
	int err;

	err = vbus_begin(priv->vdev, time_in_ms(CONNECT_MS));
	if (err)
		return err;
	if (priv->busy || !priv->active)
		err = -EBUSY;
	else
		priv->busy = true;
	vbus_end(priv->vdev);
	return err;
}

void vdummy_release(vdummy_priv_t *priv)
{
	priv->busy = false;
	wait_wake_all(&priv->wait);
}

static volatile u64 *response_slot(const struct ring *r, u32 index)
{
	return (volatile u64 *)ring_rsp_slot(r, index);
}

static void put(struct ring *r, const struct vdummy_request *req)
{
	u64 i;

	for (i = 0; i < WORDS; i++)
		response_slot(r, r->req)[i] = SENTINEL(i);
	ring_front_send(r, req);
}

/* The planted defect: requests are in work until after the device is suspended, and go out then. */
static void linger(vdummy_priv_t *priv)
{
	struct vbus_device *vdev = priv->vdev;
	u64 end = time_in_ms(LINGER_MS);

	if (!fault_active("fe-suspended-early"))
		return;
	do
		wait_event_until(&vdev->changed, false, time_in_ms(LINGER_STEP_MS));
	while (vdev->state != VBUS_SUSPENDED && time_now() < end);
}

int vdummy_put(vdummy_priv_t *priv, const struct vdummy_request *req)
{
	struct ring *r = &priv->link.ring;

	if (r->req - r->rsp + priv->luggage.answers >= r->entries) {
		priv->stats.full++;
		return RING_FULL;
	}
	linger(priv);
	priv->stats.sent++;
	put(r, req);
	if (fault_active("fe-producer-beyond"))
		__atomic_store_n(&r->page->req_prod, r->req + r->entries, __ATOMIC_RELEASE);
	return 0;
}

void vdummy_notify(vdummy_priv_t *priv)
{
	priv->stats.notified++;
	evtchn_notify(priv->link.evtchn);
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

/* What was brought along comes before what is answered here. */
static int take_luggage(struct vdummy_luggage *l, struct vdummy_response *rsp)
{
	*rsp = l->answered[0];
	memmove(l->answered, l->answered + 1, --l->answers * sizeof(*rsp));
	return 1;
}

int vdummy_take(vdummy_priv_t *priv, struct vdummy_response *rsp, bool *early)
{
	struct ring *r = &priv->link.ring;
	bool carried = priv->luggage.answers;
	int got = carried ? take_luggage(&priv->luggage, rsp) : ring_front_take(r, rsp);

	if (got <= 0)
		return got;
	priv->stats.received++;
	*early = unwritten((const u64 *)rsp);
	if (*early && !carried)
		take_late(r, rsp);
	return 1;
}

bool vdummy_ready(const vdummy_priv_t *priv)
{
	const struct ring *r = &priv->link.ring;

	/* Without a ring: it could not be made in a new place. */
	return priv->peer_gone || priv->luggage.answers ||
	       (r->page && __atomic_load_n(&r->page->rsp_prod, __ATOMIC_ACQUIRE) != r->rsp);
}

void vdummy_broken(vdummy_priv_t *priv)
{
	priv->stats.errors++;
	vbus_broken(priv->vdev, RING_BROKEN, "impossible response index");
}

int vdummy_pack(vdummy_priv_t *priv)
{
	struct vdummy_luggage *l = &priv->luggage;
	struct ring *r = &priv->link.ring;
	int got;

	/* Answers and requests together were never more than a ring has entries: vdummy_put() saw to that. */
	while ((got = ring_front_take(r, &l->answered[l->answers])) > 0)
		l->answers++;
	if (got < 0)
		return got;
	/* The planted defect: the last request that was answered goes along. */
	if (fault_active("fe-resend-all") && r->req != priv->start)
		r->rsp--;
	for (l->requests = 0; r->rsp + l->requests != r->req && l->requests < VDUMMY_ENTRIES; l->requests++)
		ring_copy(l->unanswered[l->requests].buffer, ring_req_slot(r, r->rsp + l->requests),
			  sizeof(l->unanswered[0]));
	if (fault_active("fe-forgets-unanswered"))
		l->requests = 0;
	return 0;
}

void vdummy_unpack(vdummy_priv_t *priv)
{
	u32 i;

	for (i = 0; i < priv->luggage.requests; i++)
		put(&priv->link.ring, &priv->luggage.unanswered[i]);
	priv->stats.resent += priv->luggage.requests;
	priv->luggage.requests = 0;
}
