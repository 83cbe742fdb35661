/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fault.h - planted defects, in test builds only: "soo_fault=NAME" on the kernel's command line.
 */
#ifndef VMM_FAULT_H
#define VMM_FAULT_H

#include "vm.h"

#ifdef SOO_FAULTS
int soo_fault(const char *name);

/* The ME has asked for something: "snapshot-stale-page" keeps the page of its first grant as it is. */
void fault_hypercall(const struct vm *vm, u32 op);

/* What a snapshot gets for the page at @offset of the memory. */
const u8 *fault_page(const struct vm *vm, u64 offset);
#else
#define soo_fault(name) 0

static inline void fault_hypercall(const struct vm *vm, u32 op)
{
	(void)vm;
	(void)op;
}

static inline const u8 *fault_page(const struct vm *vm, u64 offset)
{
	return vm->ram + offset;
}
#endif

#endif /* VMM_FAULT_H */
