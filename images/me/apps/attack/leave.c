/* SPDX-License-Identifier: GPL-2.0-only */
/* leave.c - an end in the middle of everything: nothing is closed, nothing taken back. */
#include "asm/mmu.h"
#include "attack.h"
#include "mm.h"
#include "printk.h"
#include "soo/avz.h"
#include "soo/vdummy.h"

#define PSCI_SYSTEM_OFF	0x84000008u
#define NOWHERE		0x0c000000ul

/* A bit of everything that the agency then has on its hands. */
static void make_a_mess(struct attack_run *run)
{
	vdummy_priv_t *priv = vdummy_get();
	void *page = page_alloc(1);
	u32 n = 1 + attack_below(run, 20);
	char path[VBS_PATH_SIZE];
	u32 i, port, ref;

	for (i = 0; i < n; i++) {
		evtchn_alloc_unbound(DOMID_AGENCY, &port);
		if (page)
			gnttab_grant(page, DOMID_AGENCY, &ref);
		snprintf(path, sizeof(path), "device/%u/mess%u", avz_domid(), i);
		attack_ask(run, VBS_MKDIR, path, NULL);
		attack_ask(run, VBS_WATCH, path, NULL);
	}
	/* The last ones stay in the page, and requests in the ring. */
	if (priv && priv->link.ring.page) {
		for (i = 0; i < n; i++)
			__atomic_fetch_add(&priv->link.ring.page->req_prod, 1, __ATOMIC_RELEASE);
		vdummy_notify(priv);
	}
	evtchn_notify(avz_shared()->vbstore_evtchn);
}

static enum outcome terminate(struct attack_run *run)
{
	make_a_mess(run);
	avz_hypercall(AVZ_ME_STATE, ME_STATE_TERMINATED, 0, NULL);
	return OUTCOME_ACCEPTED;
}

static enum outcome power_off(struct attack_run *run)
{
	make_a_mess(run);
	asm volatile("mov x0, %0\n\thvc #0" : : "r"((u64)PSCI_SYSTEM_OFF) : "x0", "x1", "x2", "x3", "memory");
	return OUTCOME_ACCEPTED;
}

/* A store of two words where nothing is: its host cannot carry that out for the CPU. */
static enum outcome wild_store(struct attack_run *run)
{
	make_a_mess(run);
	mmu_map(NOWHERE, PAGE_SIZE, MEM_DEVICE);
	asm volatile("stp xzr, xzr, [%0]" : : "r"(NOWHERE) : "memory");
	return OUTCOME_ACCEPTED;
}

const struct attack attacks_leave[] = {
	ATTACK("terminate", "the end, as the agency is to be told, with all links open", terminate, .alone = true),
	ATTACK("wild-store", "a store that ends the CPU", wild_store, .alone = true),
	ATTACK("power-off", "the end of the CPU", power_off, .alone = true),
	{ .name = NULL },
};
