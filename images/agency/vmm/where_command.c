// SPDX-License-Identifier: GPL-2.0-only
/*
 * where_command.c - mewhere [K]: where ME K stands, or where each one does.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "commands.h"
#include "control.h"
#include "me_request.h"
#include "util.h"

static int copy_out(int fd, size_t size)
{
	char chunk[1024];
	size_t done = 0;

	while (done < size) {
		ssize_t n = pread(fd, chunk, sizeof(chunk), done);

		if (n <= 0)
			return fail("the answer of the host is cut off");
		fwrite(chunk, 1, n, stdout);
		done += n;
	}
	return 0;
}

static int tell(u32 slot, const struct soo_me_desc *desc)
{
	unsigned long long size;
	int fd, err;

	printf("slot %u: %s\n", slot, desc->name);
	fd = memfd_create("where", MFD_CLOEXEC);
	if (fd < 0)
		return fail("memfd_create: %s", strerror(errno));
	err = control_request(desc->pid, CONTROL_WHERE, fd, &size);
	if (!err)
		err = copy_out(fd, size);
	close(fd);
	return err;
}

int mewhere_main(int argc, char **argv)
{
	struct soo_me_desc desc;
	int slot, only = 0, status = 0;

	if (argc > 2) {
		fail("wants the number of an ME, 1 to %u, or nothing", SOO_MAX_ME);
		return complain("mewhere");
	}
	if (argc == 2) {
		only = slot_of(argv[1]);
		if (only < 0 || me_describe(only, &desc))
			return complain("mewhere");
	}
	for (slot = DOMID_ME_FIRST; slot <= (int)DOMID_ME_LAST; slot++) {
		if (only ? slot != only : me_describe(slot, &desc))
			continue;
		if (tell(slot, &desc))
			status = complain("mewhere");
	}
	return status;
}
