// SPDX-License-Identifier: GPL-2.0-only
/*
 * me_commands.c - melist, shutdownme, mekill: one request to the core each.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "util.h"

/* How long an ME may take to shut down, in ms. */
#define SHUTDOWN_TIMEOUT_MS	5000

static const char *state_name(s32 state)
{
	static const char *const names[] = {
		"booting", "living", "suspended", "hibernate", "resuming",
		"awakened", "killed", "terminated", "dead",
	};

	return state >= 0 && state < (s32)ARRAY_SIZE(names) ? names[state] : "unknown";
}

static int list_slots(int core)
{
	struct soo_me_desc desc;
	u32 slot;

	for (slot = DOMID_ME_FIRST; slot <= DOMID_ME_LAST; slot++) {
		memset(&desc, 0, sizeof(desc));
		desc.slot = slot;
		if (ioctl(core, SOO_IOC_ME_DESC, &desc) < 0)
			return fail("slot %u: %s", slot, strerror(errno));
		if (desc.state < 0) {
			printf("  slot %u -> empty\n", slot);
			continue;
		}
		printf("  slot %u -> spid: %016llx       name: %s       state: ME_state_%s\n", slot,
		       (unsigned long long)desc.spid, desc.name, state_name(desc.state));
		printf("Short description: %s\n", desc.shortdesc);
	}
	return 0;
}

int melist_main(int argc, char **argv)
{
	int core, err;

	(void)argv;
	printf("*** SOO - Mobile Entity list ***\n");
	if (argc != 1) {
		fail("takes no arguments");
		return complain("melist");
	}
	core = core_open();
	if (core < 0)
		return complain("melist");
	err = list_slots(core);
	close(core);
	if (err)
		return complain("melist");
	printf("done.\n");
	return 0;
}

static int explain(int slot, int error)
{
	switch (error) {
	case ESRCH:
		return fail("slot %d is empty", slot);
	case ECONNREFUSED:
		return fail("the ME in slot %d refuses", slot);
	case ETIMEDOUT:
		return fail("the ME in slot %d does not answer; mekill %d ends it", slot, slot - 1);
	default:
		return fail("slot %d: %s", slot, strerror(error));
	}
}

static int request(unsigned long cmd, int slot)
{
	struct soo_me_request req = { .slot = slot, .timeout_ms = SHUTDOWN_TIMEOUT_MS };
	int core = core_open();
	int err = 0;

	if (core < 0)
		return -1;
	if (ioctl(core, cmd, &req) < 0)
		err = explain(slot, errno);
	close(core);
	return err;
}

static int end_me(const char *command, const char *action, unsigned long cmd, int argc, char **argv)
{
	int slot;

	if (argc != 2) {
		fail("wants the number of an ME, 1 to %u", SOO_MAX_ME);
		return complain(command);
	}
	slot = slot_of(argv[1]);
	if (slot < 0)
		return complain(command);
	printf("** Perform a %s of ME #%d (slotID %d)...", action, slot - 1, slot);
	fflush(stdout);
	if (request(cmd, slot)) {
		printf("\n");
		return complain(command);
	}
	printf("done.\n");
	return 0;
}

int shutdownme_main(int argc, char **argv)
{
	printf("*** SOO - Mobile Entity shutdown ***\n");
	return end_me("shutdownme", "shutdown", SOO_IOC_ME_SHUTDOWN, argc, argv);
}

int mekill_main(int argc, char **argv)
{
	printf("*** SOO - Mobile Entity kill ***\n");
	return end_me("mekill", "kill", SOO_IOC_ME_KILL, argc, argv);
}
