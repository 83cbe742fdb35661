// SPDX-License-Identifier: GPL-2.0-only
/*
 * vm_run.c - the loop around KVM_RUN: the console, hypercalls, and the end.
 */
#include <errno.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>

#include "uart.h"
#include "util.h"
#include "vm.h"

static u32 mmio_value(const struct kvm_run *run)
{
	u32 value = 0;

	memcpy(&value, run->mmio.data, run->mmio.len < 4 ? run->mmio.len : 4);
	return value;
}

static int avz_access(struct vm *vm, u64 offset, struct kvm_run *run)
{
	u32 op = mmio_value(run);

	if (!run->mmio.is_write || offset != AVZ_HYPERCALL)
		return 0;
	return ioctl(vm->core, SOO_IOC_HYPERCALL, &op) < 0 ? fail("hypercall %u: %s", op, strerror(errno)) : 0;
}

/* Reads of what is not there give zero, writes are lost: as of a bus with nothing on it. */
static int mmio(struct vm *vm, struct kvm_run *run)
{
	u64 avz = run->mmio.phys_addr - vm->me.avz_base;
	u64 uart = run->mmio.phys_addr - vm->me.uart_base;
	u32 value = 0;

	if (avz < AVZ_WINDOW_SIZE)
		return avz_access(vm, avz, run);
	if (uart < UART_WINDOW_SIZE && run->mmio.is_write)
		uart_write(uart, mmio_value(run));
	else if (uart < UART_WINDOW_SIZE)
		value = uart_read(uart);
	if (!run->mmio.is_write) {
		memset(run->mmio.data, 0, sizeof(run->mmio.data));
		memcpy(run->mmio.data, &value, sizeof(value));
	}
	return 0;
}

int vm_run(struct vm *vm)
{
	for (;;) {
		if (ioctl(vm->vcpu, KVM_RUN, 0) < 0 && errno != EINTR)
			return fail("KVM_RUN: %s", strerror(errno));
		if (vm->run->exit_reason == KVM_EXIT_MMIO) {
			if (mmio(vm, vm->run))
				return -1;
		} else if (vm->run->exit_reason == KVM_EXIT_SYSTEM_EVENT) {
			uart_drain();
			return 0;
		} else if (vm->run->exit_reason != KVM_EXIT_INTR) {
			return fail("the ME's CPU stopped, exit reason %u", vm->run->exit_reason);
		}
	}
}
