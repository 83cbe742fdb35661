// SPDX-License-Identifier: GPL-2.0-only
/*
 * injector.c - injector FILE.itb: give the ME in the file a slot, and a host.
 *
 * The command returns when the ME runs, or tells in one line why it does not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "fit.h"
#include "host.h"
#include "util.h"

#define VERSION	"1.0"

static int build(struct vm *vm, const void *arg)
{
	const struct fit_me *image = arg;

	return me_tree_read(image->tree.data, &vm->me) || vm_create(vm) || vm_load(vm, image) ? -1 : 0;
}

/* Some reasons already are a sentence about the file, in upstream's wording. */
static int refuse(const char *file)
{
	if (strstr(failure(), "not found.") || strstr(failure(), "further..."))
		printf("%s\n", failure());
	else
		printf("injector: %s: %s\n", file, failure());
	return 1;
}

int injector_main(int argc, char **argv)
{
	struct fit_me image = { 0 };
	struct host_plan plan = { .build = build, .arg = &image };
	int status = 0;
	size_t size;
	void *data;
	u32 slot;

	printf("*** SOO - Mobile Entity injector ***\n");
	printf("SOO ME injector (reference)\nVersion: " VERSION "\n");
	if (argc != 2) {
		fail("wants one FILE.itb");
		return complain("injector");
	}
	if (read_file(argv[1], &data, &size))
		return refuse(argv[1]);
	if (fit_check(data, size, &image) || host_start(&plan, &slot))
		status = refuse(argv[1]);
	else
		printf("ME in slot %u\ndone.\n", slot);
	fit_free(&image);
	free(data);
	return status;
}
