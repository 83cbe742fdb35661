// SPDX-License-Identifier: GPL-2.0-only
/*
 * me_commands.c - melist, shutdownme, mekill, suspendme, resumeme: one request to the core for each ME.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "me_request.h"
#include "util.h"

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
		       (unsigned long long)desc.spid, desc.name, me_state_name(desc.state));
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

/*
 * struct action - a command about MEs
 * @wanted: with no ME named, those in one of these states (bit n: state n); 0: one must be named
 */
struct action {
	const char *command;
	const char *noun;
	unsigned long cmd;
	u32 wanted;
};

static int act(const struct action *a, u32 slot)
{
	printf("** Perform a %s of ME #%u (slotID %u)...", a->noun, slot - 1, slot);
	fflush(stdout);
	if (me_request(a->cmd, slot)) {
		printf("\n");
		return complain(a->command);
	}
	printf("done.\n");
	return 0;
}

/* The worst status of all, and the rest is tried all the same. */
static int act_on_all(const struct action *a)
{
	struct soo_me_desc desc;
	int status = 0;
	u32 slot;

	for (slot = DOMID_ME_FIRST; slot <= DOMID_ME_LAST; slot++) {
		if (!me_describe(slot, &desc) && (a->wanted & (1u << desc.state)))
			status |= act(a, slot);
	}
	return status;
}

static int run(const struct action *a, int argc, char **argv)
{
	int slot;

	printf("*** SOO - Mobile Entity %s ***\n", a->noun);
	if (argc == 1 && a->wanted)
		return act_on_all(a);
	if (argc != 2) {
		fail("wants the number of an ME, 1 to %u", SOO_MAX_ME);
		return complain(a->command);
	}
	slot = slot_of(argv[1]);
	return slot < 0 ? complain(a->command) : act(a, slot);
}

int shutdownme_main(int argc, char **argv)
{
	return run(&(struct action){ "shutdownme", "shutdown", SOO_IOC_ME_SHUTDOWN, 0 }, argc, argv);
}

int mekill_main(int argc, char **argv)
{
	return run(&(struct action){ "mekill", "kill", SOO_IOC_ME_KILL, 0 }, argc, argv);
}

int suspendme_main(int argc, char **argv)
{
	return run(&(struct action){ "suspendme", "suspend", SOO_IOC_ME_SUSPEND, 1u << ME_STATE_LIVING }, argc,
		   argv);
}

int resumeme_main(int argc, char **argv)
{
	const u32 at_rest = 1u << ME_STATE_SUSPENDED | 1u << ME_STATE_HIBERNATE | 1u << ME_STATE_RESUMING;

	return run(&(struct action){ "resumeme", "resume", SOO_IOC_ME_RESUME, at_rest }, argc, argv);
}
