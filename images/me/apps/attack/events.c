/* SPDX-License-Identifier: GPL-2.0-only */
/* events.c - floods of events: there is nothing to refuse, but the agency must have time for others. */
#include "attack.h"
#include "soo/avz.h"

static void raise(u32 word, u32 bits)
{
	__atomic_fetch_or(&avz_shared()->evtchn_to_agency[word], bits, __ATOMIC_RELEASE);
	avz_doorbell();
}

static enum outcome bells(struct attack_run *run)
{
	raise(attack_below(run, EVTCHN_WORDS), attack_random(run));
	return OUTCOME_DONE;
}

static enum outcome silent_bell(struct attack_run *run __unused)
{
	avz_doorbell();
	return OUTCOME_DONE;
}

/* No number that is an event for the agency. */
static enum outcome dc_word(struct attack_run *run)
{
	u32 event = attack_below(run, 2) ? DC_TRIGGER_LOCAL_COOPERATION + attack_random(run) / 2 :
					   DC_PRE_SUSPEND + attack_below(run, DC_POST_ACTIVATE);

	__atomic_store_n(&avz_shared()->dc_to_agency, event, __ATOMIC_RELEASE);
	raise(0, ~0u);
	return OUTCOME_DONE;
}

/* Answers that nobody asked for, and words that are the agency's to write. */
static enum outcome shared_page(struct attack_run *run)
{
	struct avz_shared *shared = avz_shared();

	shared->dc_to_me = DC_NO_EVENT;
	shared->dc_refused = attack_random(run);
	shared->vbstore_revmask = attack_random(run);
	avz_vbs_page()->domid = (u16)attack_random(run);
	raise(0, ~0u);
	return OUTCOME_DONE;
}

const struct attack attacks_events[] = {
	ATTACK("bells", "all channels at once, whether there are any", bells),
	ATTACK("silent-bell", "the doorbell with no channel", silent_bell),
	ATTACK("dc-word", "direct-communication events that there are not", dc_word),
	ATTACK("shared-page", "words of the shared page that are the agency's", shared_page),
	{ .name = NULL },
};
