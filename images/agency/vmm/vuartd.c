// SPDX-License-Identifier: GPL-2.0-only
/*
 * vuartd.c - carries the vuart of each slot to the machine's port of the same name, and back.
 *
 * It stays, as a process of its own, if there is anything to carry. A slot without a port is left out.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "port.h"
#include "util.h"

#define CHUNK	1024

/* One direction of one slot. */
struct copy {
	int from;
	int to;
};

/* Ends when one side does: a port whose harness has gone reads as empty. */
static void *run_copy(void *arg)
{
	const struct copy *c = arg;
	struct pollfd fd = { .fd = c->from, .events = POLLIN };
	char data[CHUNK];

	for (;;) {
		ssize_t n;

		if (poll(&fd, 1, -1) < 0)
			continue;
		n = read(c->from, data, sizeof(data));
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0 || write_all(c->to, data, n))
			return NULL;
	}
}

/* Return: 0, also if the slot has no port, or -1 by fail(). */
static int open_slot(u32 slot, struct copy *copies, int *count)
{
	char path[32], name[16];
	int port, dev;

	snprintf(name, sizeof(name), "vuart%u", slot);
	snprintf(path, sizeof(path), "/dev/soo/vuart%u", slot);
	port = port_open(name);
	if (port < 0)
		return 0;
	dev = open(path, O_RDWR | O_CLOEXEC);
	if (dev < 0)
		return fail("%s: %s", path, strerror(errno));
	copies[(*count)++] = (struct copy){ .from = dev, .to = port };
	copies[(*count)++] = (struct copy){ .from = port, .to = dev };
	return 0;
}

static int run_copies(struct copy *copies, int count)
{
	pthread_t threads[2 * SOO_MAX_ME];
	int i, err;

	for (i = 0; i < count; i++) {
		err = pthread_create(&threads[i], NULL, run_copy, &copies[i]);
		if (err)
			return fail("thread: %s", strerror(err));
	}
	for (i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	return 0;
}

int vuartd_main(int argc, char **argv)
{
	struct copy copies[2 * SOO_MAX_ME];
	int count = 0;
	u32 slot;

	(void)argv;
	if (argc != 1) {
		fail("takes no arguments");
		return complain("vuartd");
	}
	/* Without a vuart backend there is nothing to do. */
	if (access("/dev/soo/vuart2", F_OK) < 0)
		return 0;
	for (slot = DOMID_ME_FIRST; slot <= DOMID_ME_LAST; slot++) {
		if (open_slot(slot, copies, &count))
			return complain("vuartd");
	}
	if (!count)
		return 0;
	/* All slots are open: who started it may go on, e.g. to inject MEs. Threads come after the fork. */
	if (daemon(0, 0) < 0) {
		fail("daemon: %s", strerror(errno));
		return complain("vuartd");
	}
	return run_copies(copies, count) ? 1 : 0;
}
