/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vm.h - the virtual machine of one ME, by /dev/kvm.
 */
#ifndef VM_H
#define VM_H

#include "fit.h"
#include "me_tree.h"

struct snapshot_reg;
struct snapshot_gic;

struct vm {
	int kvm;
	int fd;
	int vcpu;
	int gic;
	struct kvm_run *run;
	size_t run_size;
	u8 *ram;
	struct me_tree me;
	int doorbell;		/* eventfd: the ME's store to AVZ_DOORBELL */
	int irq;		/* eventfd: raises the ME's interrupt */
	int core;		/* /dev/soo/core, with this ME's domain */
	u32 slot;
	u32 incarnation;
};

/* Memory, interrupt controller, one CPU, as @vm->me says. 0, or -1 by fail(). */
int vm_create(struct vm *vm);

/* Kernel and tree into the memory, and the CPU to the kernel's entry. 0, or -1 by fail(). */
int vm_load(struct vm *vm, const struct fit_me *image);

/* Run until the ME ends. Return: 0, or -1 by fail(). */
int vm_run(struct vm *vm);

/*
 * Have the thread in vm_run() do @work, between two runs of the CPU. The caller is another thread.
 * Return: what @work returns; its fail() is the calling thread's to read.
 */
int vm_between_runs(struct vm *vm, int (*work)(struct vm *vm, void *arg), void *arg);

/*
 * The CPU's registers and the interrupt controller's. Of the thread in vm_run(), or before it.
 * get: 0 with *@list to be freed, or -1 by fail().  set: 0, or -1 by fail().
 */
int vm_get_regs(struct vm *vm, struct snapshot_reg **list, u32 *count);
int vm_set_regs(struct vm *vm, const struct snapshot_reg *list, u32 count);
int vm_get_gic(struct vm *vm, struct snapshot_gic **list, u32 *count);
int vm_set_gic(struct vm *vm, const struct snapshot_gic *list, u32 count);

#endif /* VM_H */
