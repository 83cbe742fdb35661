/* SPDX-License-Identifier: GPL-2.0-only */
/* owners.c - writes where others write: other MEs, the agency, and its half of the own links. */
#include "attack.h"
#include "printk.h"
#include "soo/avz.h"

static enum outcome foreign(struct attack_run *run, const char *form, u32 dom)
{
	static const u32 types[] = { VBS_WRITE, VBS_MKDIR, VBS_RM };
	u32 type = types[attack_below(run, ARRAY_SIZE(types))];
	char path[VBS_PATH_SIZE];

	snprintf(path, sizeof(path), form, dom);
	return attack_ask(run, type, path, type == VBS_WRITE ? "9" : NULL);
}

static const char *const others_forms[] = {
	"device/%u/vdummy/0/state", "device/%u/vdummy/0/ring-ref", "device/%u", "device/%u/x",
	"backend/vdummy/%u/0/state", "backend/vdummy/%u", "soo/me/%u/name", "soo/me/%u",
};

static enum outcome foreign_entry(struct attack_run *run)
{
	return foreign(run, others_forms[attack_below(run, ARRAY_SIZE(others_forms))], run->other);
}

/* What only looks like an own directory is somebody else's, or nobody's. */
static enum outcome agency_entry(struct attack_run *run)
{
	static const char *const forms[] = {
		"soo/directcomm/%u/event-channel", "domain/gnttab/%u", "backend", "backend/vdummy", "backend/evil",
		"device", "soo", "soo/me", "domain", "evil", "device/%u0/x", "device/0%u", "backend/vdummy/%u1/0",
		"soo/me/%u9", "soo/directcomm/0/x",
	};

	return foreign(run, forms[attack_below(run, ARRAY_SIZE(forms))], avz_domid());
}

static enum outcome backend_state(struct attack_run *run)
{
	char path[VBS_PATH_SIZE], value[12];

	snprintf(path, sizeof(path), "backend/vdummy/%u/0/state", avz_domid());
	snprintf(value, sizeof(value), "%u", attack_below(run, 14));
	return attack_ask(run, VBS_WRITE, path, value);
}

static enum outcome reason(struct attack_run *run)
{
	static const char *const forms[] = { "soo/me/%u/error", "backend/vdummy/%u/0/error" };
	char path[VBS_PATH_SIZE];

	snprintf(path, sizeof(path), forms[attack_below(run, 2)], avz_domid());
	return attack_ask(run, attack_below(run, 2) ? VBS_WRITE : VBS_MKDIR, path, "all is well");
}

/* None of these is an arrow from anywhere, and none is reached by the politeness of this kernel. */
static enum outcome front_state(struct attack_run *run)
{
	static const char *const values[] = { "0", "2", "6", "7", "9", "11", "12", "04", "-1", "", "x" };
	char path[VBS_PATH_SIZE];

	snprintf(path, sizeof(path), "device/%u/vdummy/0/state", avz_domid());
	return attack_ask(run, VBS_WRITE, path, values[attack_below(run, ARRAY_SIZE(values))]);
}

static enum outcome link_in_use(struct attack_run *run)
{
	static const char *const forms[] = {
		"device/%u/vdummy/0/state", "device/%u/vdummy/0", "device/%u/vdummy", "device/%u",
		"backend/vdummy/%u/0/state", "backend/vdummy/%u/0", "backend/vdummy/%u",
	};
	char path[VBS_PATH_SIZE];

	snprintf(path, sizeof(path), forms[attack_below(run, ARRAY_SIZE(forms))], avz_domid());
	return attack_ask(run, VBS_RM, path, NULL);
}

const struct attack attacks_owners[] = {
	ATTACK("foreign", "entries of another ME", foreign_entry),
	ATTACK("agency", "entries of the agency, and names that begin like the own ones", agency_entry),
	ATTACK("be-state", "the state of the own backend", backend_state),
	ATTACK("reason", "the reasons that the agency has written", reason),
	ATTACK("link-in-use", "removal of the entries of a connected link", link_in_use),
	ATTACK("fe-state", "states of the own frontend against its arrows", front_state, .alone = true),
	{ .name = NULL },
};
