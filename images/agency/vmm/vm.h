/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vm.h - the virtual machine of one ME, by /dev/kvm.
 */
#ifndef VM_H
#define VM_H

#include "fit.h"
#include "me_tree.h"

struct vm {
	int kvm;
	int fd;
	int vcpu;
	struct kvm_run *run;
	size_t run_size;
	u8 *ram;
	struct me_tree me;
	int doorbell;		/* eventfd: the ME's store to AVZ_DOORBELL */
	int irq;		/* eventfd: raises the ME's interrupt */
	int core;		/* /dev/soo/core, with this ME's domain */
	u32 slot;
};

/* Memory, interrupt controller, one CPU that will enter the ME's kernel. 0, or -1 by fail(). */
int vm_create(struct vm *vm, const struct fit_me *image);

/* Run until the ME ends. Return: the status to exit with. */
int vm_run(struct vm *vm);

#endif /* VM_H */
