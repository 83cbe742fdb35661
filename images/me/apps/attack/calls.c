/* SPDX-License-Identifier: GPL-2.0-only */
/* calls.c - hypercalls that must not succeed. */
#include "abi/evtchn.h"
#include "abi/gnttab.h"
#include "attack.h"
#include "mm.h"
#include "soo/avz.h"
#include "soo/vdummy.h"

/* Just outside, far outside, and numbers that would wrap when they become addresses. */
static enum outcome foreign_frame(struct attack_run *run)
{
	struct mm_usage u;
	u64 frame;

	mm_usage(&u);
	switch (attack_below(run, 6)) {
	case 0:
		frame = (u.ram_base + u.ram_size) >> PAGE_SHIFT;
		break;
	case 1:
		frame = (u.ram_base >> PAGE_SHIFT) - 1;
		break;
	case 2:
		frame = ((u.ram_base + u.ram_size) >> PAGE_SHIFT) + attack_random(run);
		break;
	case 3:
		frame = (1ul << 52) + (u.ram_base >> PAGE_SHIFT) + attack_below(run, 16);
		break;
	case 4:
		frame = ~0ul - attack_below(run, 4);
		break;
	default:
		frame = attack_below(run, 0x40000);
		break;
	}
	return attack_call(run, AVZ_GNTTAB_GRANT, frame, DOMID_AGENCY);
}

static enum outcome foreign_grant(struct attack_run *run)
{
	u64 page = (u64)avz_vbs_page() >> PAGE_SHIFT;
	u64 remote = attack_below(run, 4) ? 1 + attack_below(run, 8) : attack_random(run) | 1ul << 32;

	return attack_call(run, AVZ_GNTTAB_GRANT, page, remote);
}

static enum outcome bad_revoke(struct attack_run *run)
{
	u64 ref = attack_below(run, 2) ? GNTTAB_MAX - 1 - attack_below(run, 8) : attack_random(run) + GNTTAB_MAX;

	return attack_call(run, AVZ_GNTTAB_REVOKE, attack_below(run, 8) ? ref : 0, 0);
}

/* The ring's page, which the agency works with. */
static enum outcome busy_revoke(struct attack_run *run)
{
	const vdummy_priv_t *priv = vdummy_get();

	if (!priv || !priv->link.ring.page)
		return OUTCOME_DONE;
	return attack_call(run, AVZ_GNTTAB_REVOKE, priv->link.ref, 0);
}

static enum outcome foreign_channel(struct attack_run *run)
{
	u64 remote = attack_below(run, 4) ? 1 + attack_below(run, 8) : attack_random(run) | 1ul << 32;

	return attack_call(run, AVZ_EVTCHN_ALLOC_UNBOUND, remote, 0);
}

static enum outcome bad_close(struct attack_run *run)
{
	u64 port = attack_below(run, 2) ? EVTCHN_MAX - 1 - attack_below(run, 8) : attack_random(run) + EVTCHN_MAX;

	return attack_call(run, AVZ_EVTCHN_CLOSE, attack_below(run, 8) ? port : 0, 0);
}

static enum outcome unknown_call(struct attack_run *run)
{
	u32 op = attack_below(run, 4) ? AVZ_ME_STATE + 1 + attack_random(run) / 2 : 0;

	return attack_call(run, op, attack_random(run), attack_random(run));
}

/* All but the one that it may tell. */
static enum outcome me_state(struct attack_run *run)
{
	u64 state = attack_below(run, 12);

	return attack_call(run, AVZ_ME_STATE, state == ME_STATE_TERMINATED ? ~0ul : state, 0);
}

const struct attack attacks_calls[] = {
	ATTACK("foreign-frame", "grants of frames outside the own memory", foreign_frame),
	ATTACK("foreign-grant", "grants to other domains", foreign_grant),
	ATTACK("bad-revoke", "revocation of references that there are not", bad_revoke),
	ATTACK("busy-revoke", "revocation of the ring's page while it is mapped", busy_revoke),
	ATTACK("foreign-channel", "channels to other domains", foreign_channel),
	ATTACK("bad-close", "closing of channels that there are not", bad_close),
	ATTACK("unknown-call", "hypercalls that there are not", unknown_call),
	ATTACK("me-state", "states that only the agency may tell", me_state),
	{ .name = NULL },
};
