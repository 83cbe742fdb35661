/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * snapshot.h - making a snapshot of an ME, and reading one. Layout in abi/snapshot.h.
 */
#ifndef VMM_SNAPSHOT_H
#define VMM_SNAPSHOT_H

#include <abi/snapshot.h>

#include "vm.h"

struct snapshot {
	const struct snapshot_header *header;
	const struct snapshot_reg *regs;
	const struct snapshot_gic *gic;
	const struct snapshot_page *pages;
};

/*
 * Of the thread in vm_run(). @arg is a struct snapshot_buffer. All is built in memory first, so that
 * the CPU stands still for no file.
 */
struct snapshot_buffer {
	u8 *data;		/* to be freed */
	size_t size;
};
int snapshot_make(struct vm *vm, void *arg);

/* Believe nothing of @data before all of it was checked. Return: 0, or -1 by fail(). */
int snapshot_check(const void *data, size_t size, struct snapshot *snap);

/* Fill vm->me and vm->incarnation, make the machine, and put all in its place. */
int snapshot_build(struct vm *vm, const struct snapshot *snap);

#endif /* VMM_SNAPSHOT_H */
