/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * host.h - the process that is the host of one ME.
 */
#ifndef HOST_H
#define HOST_H

#include "vm.h"

/*
 * struct host_plan - which ME
 * @build: in the host: read @arg, fill vm->me and vm->incarnation, make the machine. 0, or -1 by fail()
 * @console: in the host, when the console is open; NULL if there is nothing to do
 * @slot: wanted, or 0 for any
 */
struct host_plan {
	int (*build)(struct vm *vm, const void *arg);
	void (*console)(const void *arg);
	const void *arg;
	u32 slot;
};

/*
 * Fork the host. Return: 0 when the ME runs, with its slot, or -1 by fail() with nothing left behind.
 *
 * The host stays as a process of its own, so that whatever the ME does to it, no other ME and no
 * shell is hit.
 */
int host_start(const struct host_plan *plan, u32 *slot);

#endif /* HOST_H */
