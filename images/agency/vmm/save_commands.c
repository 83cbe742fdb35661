// SPDX-License-Identifier: GPL-2.0-only
/*
 * save_commands.c - saveme FILE [SLOT], restoreme FILE [SLOT].
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "control.h"
#include "host.h"
#include "me_request.h"
#include "snapshot.h"
#include "snapshot_file.h"
#include "uart.h"
#include "util.h"

#define DEFAULT_SLOT	2u

/* FILE [SLOT]. Return: 0, or -1 by fail(). */
static int arguments(int argc, char **argv, u32 *slot)
{
	char *end;
	unsigned long n;

	*slot = DEFAULT_SLOT;
	if (argc != 2 && argc != 3)
		return fail("wants FILE [SLOT]");
	if (argc == 2)
		return 0;
	n = strtoul(argv[2], &end, 10);
	if (*end || n < DOMID_ME_FIRST || n > DOMID_ME_LAST)
		return fail("%s: a slot has a number from %u to %u", argv[2], DOMID_ME_FIRST, DOMID_ME_LAST);
	*slot = n;
	return 0;
}

/* Return: 0, or -1 by fail(), with the ME going on if it did before. */
static int save(const char *path, u32 slot, unsigned long long *size)
{
	struct snapshot_target target;
	struct soo_me_desc desc;
	int was_living, err;

	if (me_describe(slot, &desc) || snapshot_target_open(&target, path))
		return -1;
	was_living = desc.state != ME_STATE_SUSPENDED && desc.state != ME_STATE_HIBERNATE;
	err = was_living ? me_request(SOO_IOC_ME_SUSPEND, slot) : 0;
	if (err) {
		snapshot_target_drop(&target);
		return err;
	}
	err = control_request(desc.pid, CONTROL_SAVE, target.fd, size);
	if (err)
		snapshot_target_drop(&target);
	else
		err = snapshot_target_keep(&target);
	if (err && was_living) {
		char why[256];

		snprintf(why, sizeof(why), "%s", failure());
		me_request(SOO_IOC_ME_RESUME, slot);
		fail("%s", why);
	}
	return err;
}

int saveme_main(int argc, char **argv)
{
	unsigned long long size;
	u32 slot;

	printf("*** SOO - Mobile Entity save ***\n");
	if (arguments(argc, argv, &slot) || save(argv[1], slot, &size))
		return complain("saveme");
	printf("## Size of the snapshot: %llu bytes.\n", size);
	printf("snapshot saved successfully\ndone.\n");
	return 0;
}

static int build(struct vm *vm, const void *arg)
{
	return snapshot_build(vm, arg);
}

static void restore_console(const void *arg)
{
	const struct snapshot *snap = arg;

	uart_restore(snap->header->uart_mask, snap->header->typed_text, snap->header->typed);
}

static int restore(const void *data, size_t size, u32 slot)
{
	struct snapshot snap;
	struct host_plan plan = { .build = build, .console = restore_console, .arg = &snap, .slot = slot };
	u32 got;

	if (snapshot_check(data, size, &snap) || host_start(&plan, &got))
		return -1;
	return me_request(SOO_IOC_ME_RESUME, slot);
}

int restoreme_main(int argc, char **argv)
{
	void *data;
	size_t size;
	u32 slot;
	int err;

	printf("*** SOO - Mobile Entity restore ***\n");
	if (arguments(argc, argv, &slot) || snapshot_read_file(argv[1], &data, &size))
		return complain("restoreme");
	err = restore(data, size, slot);
	free(data);
	if (err) {
		printf("restoreme: %s: %s\n", argv[1], failure());
		return 1;
	}
	printf("ME successfully restored and resumed...\ndone.\n");
	return 0;
}
