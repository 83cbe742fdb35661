// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "me_request.h"
#include "util.h"

/* How long an ME may take for what it is asked, in ms. */
#define TIMEOUT_MS	5000

const char *me_state_name(s32 state)
{
	static const char *const names[] = {
		"booting", "living", "suspended", "hibernate", "resuming",
		"awakened", "killed", "terminated", "dead",
	};

	return state >= 0 && state < (s32)ARRAY_SIZE(names) ? names[state] : "unknown";
}

int me_describe(u32 slot, struct soo_me_desc *desc)
{
	int core = core_open();
	int err = 0;

	if (core < 0)
		return -1;
	memset(desc, 0, sizeof(*desc));
	desc->slot = slot;
	if (ioctl(core, SOO_IOC_ME_DESC, desc) < 0)
		err = fail("slot %u: %s", slot, strerror(errno));
	else if (desc->state < 0)
		err = fail("slot %u is empty", slot);
	close(core);
	return err;
}

static int explain(u32 slot, int error)
{
	struct soo_me_desc desc;

	switch (error) {
	case ESRCH:
		return fail("slot %u is empty", slot);
	case ENODEV:
		return fail("the ME in slot %u has ended meanwhile", slot);
	case ECONNREFUSED:
		return fail("the ME in slot %u refuses", slot);
	case ETIMEDOUT:
		return fail("the ME in slot %u does not answer; mekill %u ends it", slot, slot - 1);
	case EPROTO:
		return fail("the ME in slot %u was restored and does not ask for its devices", slot);
	case EBUSY:
		if (me_describe(slot, &desc))
			return -1;
		return fail("the ME in slot %u cannot: it is %s", slot, me_state_name(desc.state));
	default:
		return fail("slot %u: %s", slot, strerror(error));
	}
}

int me_request(unsigned long cmd, u32 slot)
{
	struct soo_me_request req = { .slot = slot, .timeout_ms = TIMEOUT_MS };
	int core = core_open();
	int err = 0;

	if (core < 0)
		return -1;
	if (ioctl(core, cmd, &req) < 0)
		err = explain(slot, errno);
	close(core);
	return err;
}
