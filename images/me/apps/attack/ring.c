/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ring.c - a device's ring that cannot be, and slots that are rewritten while they are read.
 */
#include <string.h>

#include "attack.h"
#include "soo/avz.h"
#include "soo/vdummy.h"
#include "soo/vuart.h"
#include "thread.h"

#define BEGIN_MS	2000ul
#define CLOSING_MS	2000ul
#define ANSWER_MS	2000ul
#define LOOK_MS		5ul

/* What a slot holds once it is this side's again: it must not come back as a response. */
#define POISON		0xdeadfaceb00cdeadul

/*
 * In a section, so that the page stays, and which it ends. The index is the end of the link; it is
 * written again until the agency has noticed, for this kernel may write its own one in between.
 */
static enum outcome with_req_prod(struct vbus_device *vdev, const struct vbus_link *link, u32 value)
{
	struct wait_queue nobody = WAIT_QUEUE_INIT(nobody);
	u64 end = time_in_ms(CLOSING_MS);
	bool closing;

	do {
		__atomic_store_n(&link->ring.page->req_prod, value, __ATOMIC_RELEASE);
		evtchn_notify(link->evtchn);
		wait_event_until(&nobody, false, time_in_ms(LOOK_MS));
		closing = vdev->otherend_state == VBUS_CLOSING || vdev->otherend_state == VBUS_CLOSED;
	} while (!closing && time_now() < end);
	vbus_end(vdev);
	return closing ? OUTCOME_REFUSED : OUTCOME_ACCEPTED;
}

static struct ring *enter(void)
{
	vdummy_priv_t *priv = vdummy_get();

	if (!priv || vbus_begin(priv->vdev, time_in_ms(BEGIN_MS)))
		return NULL;
	return &priv->link.ring;
}

static enum outcome index_beyond(struct attack_run *run)
{
	struct ring *r = enter();

	if (!r)
		return OUTCOME_UNANSWERED;
	return with_req_prod(vdummy_get()->vdev, &vdummy_get()->link, r->req + r->entries + 1 + attack_random(run) / 4);
}

static enum outcome index_back(struct attack_run *run)
{
	struct ring *r = enter();

	if (!r)
		return OUTCOME_UNANSWERED;
	return with_req_prod(vdummy_get()->vdev, &vdummy_get()->link, r->req - 1 - attack_below(run, 2 * r->entries));
}

static enum outcome vuart_index(struct attack_run *run)
{
	vuart_priv_t *priv = vuart_get();
	u32 far = VUART_ENTRIES + 1 + attack_random(run) / 4;

	if (!priv || vbus_begin(priv->vdev, time_in_ms(BEGIN_MS)))
		return OUTCOME_UNANSWERED;
	return with_req_prod(priv->vdev, &priv->link, priv->link.ring.req + far);
}

/* The other indices are not the agency's to believe: nothing may come of them. */
static enum outcome index_others(struct attack_run *run)
{
	struct ring *r = enter();
	struct ring_page *page;
	u32 n;

	if (!r)
		return OUTCOME_UNANSWERED;
	page = r->page;
	for (n = 0; n < 100; n++) {
		page->req_cons = attack_random(run);
		page->rsp_prod = attack_random(run);
		page->rsp_cons = attack_random(run);
		vdummy_notify(vdummy_get());
	}
	page->req_cons = r->req;
	page->rsp_prod = r->rsp;
	page->rsp_cons = r->rsp;
	vbus_end(vdummy_get()->vdev);
	return OUTCOME_DONE;
}

static void scribble(struct attack_run *run, volatile u64 *slot)
{
	u32 i;

	for (i = 0; i < VDUMMY_PACKET_SIZE / sizeof(u64); i++)
		slot[i] = attack_random(run);
}

static bool poisoned(const struct vdummy_response *rsp)
{
	const u64 *words = (const u64 *)rsp->buffer;
	u32 i;

	for (i = 0; i < VDUMMY_PACKET_SIZE / sizeof(u64); i++)
		if (words[i] == POISON)
			return true;
	return false;
}

/* Return: 1 with the response, 0 if none came. */
static int await_response(struct ring *r, struct vdummy_response *rsp)
{
	vdummy_priv_t *priv = vdummy_get();
	u64 end = time_in_ms(ANSWER_MS);
	int got;

	while (!(got = ring_front_take(r, rsp)) && time_now() < end)
		wait_event_until(&priv->wait, __atomic_load_n(&r->page->rsp_prod, __ATOMIC_ACQUIRE) != r->rsp,
				 time_in_ms(LOOK_MS));
	return got;
}

/*
 * Rewritten while the agency may be reading, then once more when it says that it has: from then on the
 * slot is this side's, and what is in it must not be seen any more.
 */
static enum outcome rewrite(struct attack_run *run)
{
	struct vdummy_request req __attribute__((aligned(8)));
	struct vdummy_response rsp __attribute__((aligned(8)));
	struct ring *r = enter();
	volatile u64 *slot;
	u64 end = time_in_ms(ANSWER_MS);
	int got;
	u32 i;

	if (!r)
		return OUTCOME_UNANSWERED;
	memset(&req, 0, sizeof(req));
	slot = (volatile u64 *)ring_req_slot(r, r->req);
	ring_front_send(r, &req);
	vdummy_notify(vdummy_get());
	while (__atomic_load_n(&r->page->req_cons, __ATOMIC_ACQUIRE) != r->req && time_now() < end)
		scribble(run, slot);
	for (i = 0; i < VDUMMY_PACKET_SIZE / sizeof(u64); i++)
		slot[i] = POISON;
	got = await_response(r, &rsp);
	vbus_end(vdummy_get()->vdev);
	if (got <= 0)
		return OUTCOME_UNANSWERED;
	return poisoned(&rsp) ? OUTCOME_ACCEPTED : OUTCOME_DONE;
}

const struct attack attacks_ring[] = {
	ATTACK("index-beyond", "req_prod further than the ring is long", index_beyond, .alone = true, .polite = true),
	ATTACK("index-back", "req_prod moved backwards", index_back, .alone = true, .polite = true),
	ATTACK("vuart-index", "the same of vuart's ring", vuart_index, .alone = true, .polite = true),
	ATTACK("index-others", "the indices that the agency keeps itself", index_others, .alone = true, .polite = true),
	ATTACK("rewrite", "slots rewritten while they are read, and after", rewrite, .alone = true, .polite = true),
	{ .name = NULL },
};
