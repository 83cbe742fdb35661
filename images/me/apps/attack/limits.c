/* SPDX-License-Identifier: GPL-2.0-only */
/* limits.c - more of everything than one ME may have. */
#include <string.h>

#include "abi/evtchn.h"
#include "abi/gnttab.h"
#include "abi/limits.h"
#include "attack.h"
#include "mm.h"
#include "printk.h"
#include "soo/avz.h"

/* Directories of a watch each, and as many again that hold nothing. */
static enum outcome watches(struct attack_run *run)
{
	static char payload[VBS_PATH_SIZE];
	u32 n = run->step % (2 * SOO_MAX_WATCHES);

	snprintf(payload, sizeof(payload), "device/%u/w%u", avz_domid(), n);
	return attack_ask(run, VBS_WATCH, payload, NULL);
}

static enum outcome same_watch(struct attack_run *run)
{
	char path[VBS_PATH_SIZE];

	snprintf(path, sizeof(path), "device/%u", avz_domid());
	return attack_ask(run, VBS_WATCH, path, NULL);
}

static enum outcome nodes(struct attack_run *run)
{
	char path[VBS_PATH_SIZE];

	snprintf(path, sizeof(path), "device/%u/w%u", avz_domid(), run->step);
	return attack_ask(run, VBS_MKDIR, path, NULL);
}

static enum outcome bytes(struct attack_run *run)
{
	static char value[VBS_VALUE_SIZE];
	char path[VBS_PATH_SIZE];

	memset(value, 'b', sizeof(value) - 1);
	snprintf(path, sizeof(path), "device/%u/b%u", avz_domid(), run->step);
	return attack_ask(run, VBS_WRITE, path, value);
}

static enum outcome grants(struct attack_run *run)
{
	static u8 *page;
	int err;
	u64 ref;

	if (!page)
		page = page_alloc(1);
	if (!page)
		return OUTCOME_DONE;
	err = avz_hypercall(AVZ_GNTTAB_GRANT, (u64)page >> PAGE_SHIFT, DOMID_AGENCY, &ref);
	run->cut = err == -ESHUTDOWN;
	return err ? OUTCOME_REFUSED : OUTCOME_ACCEPTED;
}

static enum outcome channels(struct attack_run *run)
{
	return attack_call(run, AVZ_EVTCHN_ALLOC_UNBOUND, DOMID_AGENCY, 0);
}

const struct attack attacks_limits[] = {
	ATTACK("nodes", "directories by the thousand", nodes, .limit = SOO_MAX_NODES, .alone = true),
	ATTACK("watches", "watches by the thousand (after nodes)", watches, .limit = SOO_MAX_WATCHES, .alone = true),
	ATTACK("same-watch", "the same watch over and over", same_watch, .limit = 1),
	ATTACK("bytes", "long values by the thousand", bytes, .limit = SOO_MAX_STORE_BYTES / (VBS_VALUE_SIZE - 1),
	       .alone = true),
	ATTACK("grants", "grants until there are no more", grants, .limit = GNTTAB_MAX, .alone = true),
	ATTACK("channels", "channels until there are no more", channels, .limit = EVTCHN_MAX, .alone = true),
	{ .name = NULL },
};
