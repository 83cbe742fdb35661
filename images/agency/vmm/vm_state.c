// SPDX-License-Identifier: GPL-2.0-only
/*
 * vm_state.c - all that the CPU and the interrupt controller know, in KVM's own numbers.
 */
#include <asm/kvm.h>
#include <errno.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <abi/snapshot.h>

#include "util.h"
#include "vm.h"

static struct kvm_reg_list *reg_list(struct vm *vm)
{
	struct kvm_reg_list probe = { .n = 0 };
	struct kvm_reg_list *list;

	if (ioctl(vm->vcpu, KVM_GET_REG_LIST, &probe) == 0 || errno != E2BIG)
		return NULL;
	list = malloc(sizeof(*list) + probe.n * sizeof(list->reg[0]));
	if (!list)
		return NULL;
	list->n = probe.n;
	if (ioctl(vm->vcpu, KVM_GET_REG_LIST, list) < 0) {
		free(list);
		return NULL;
	}
	return list;
}

static size_t reg_size(u64 id)
{
	return 1u << ((id & KVM_REG_SIZE_MASK) >> KVM_REG_SIZE_SHIFT);
}

int vm_get_regs(struct vm *vm, struct snapshot_reg **ret, u32 *count)
{
	struct kvm_reg_list *list = reg_list(vm);
	struct snapshot_reg *regs = NULL;
	int err = -1;
	u64 i;

	if (!list)
		return fail("KVM_GET_REG_LIST: %s", strerror(errno));
	regs = calloc(list->n, sizeof(*regs));
	if (!regs) {
		fail("no memory for %llu registers", (unsigned long long)list->n);
		goto free_list;
	}
	for (i = 0; i < list->n; i++) {
		struct kvm_one_reg reg = { .id = list->reg[i], .addr = (u64)regs[i].value };

		regs[i].id = reg.id;
		if (reg_size(reg.id) > sizeof(regs[i].value) || ioctl(vm->vcpu, KVM_GET_ONE_REG, &reg) < 0) {
			fail("register 0x%llx cannot be read", (unsigned long long)reg.id);
			free(regs);
			goto free_list;
		}
	}
	*ret = regs;
	*count = list->n;
	err = 0;

free_list:
	free(list);
	return err;
}

int vm_set_regs(struct vm *vm, const struct snapshot_reg *list, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		struct kvm_one_reg reg = { .id = list[i].id, .addr = (u64)list[i].value };

		if (reg_size(reg.id) > sizeof(list[i].value) || ioctl(vm->vcpu, KVM_SET_ONE_REG, &reg) < 0)
			return fail("register 0x%llx is refused: %s", (unsigned long long)reg.id,
				    strerror(errno));
	}
	return 0;
}
