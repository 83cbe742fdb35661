// SPDX-License-Identifier: GPL-2.0-only
/*
 * vm_run.c - the loop around KVM_RUN: the console, hypercalls, work in between, and the end.
 */
#include <errno.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>

#include "fault.h"
#include "uart.h"
#include "util.h"
#include "vm.h"

static u64 mmio_value(const struct kvm_run *run)
{
	u64 value = 0;

	memcpy(&value, run->mmio.data, run->mmio.len < 8 ? run->mmio.len : 8);
	return value;
}

/* Work for the thread that runs the CPU, one piece at a time. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t done;
	bool running;		/* a thread is in vm_run(): `runner` */
	pthread_t runner;
	int (*work)(struct vm *vm, void *arg);
	void *arg;
	int result;
} between = { .lock = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER };

static void interrupt(int signal)
{
	(void)signal;	/* it is there to make KVM_RUN return */
}

static void do_work(struct vm *vm)
{
	pthread_mutex_lock(&between.lock);
	if (between.work) {
		__atomic_store_n(&vm->run->immediate_exit, 0, __ATOMIC_SEQ_CST);
		between.result = between.work(vm, between.arg);
		between.work = NULL;
		pthread_cond_broadcast(&between.done);
	}
	pthread_mutex_unlock(&between.lock);
}

/* immediate_exit before the signal: wherever the signal meets the CPU's thread, the run ends. */
int vm_between_runs(struct vm *vm, int (*work)(struct vm *vm, void *arg), void *arg)
{
	int result = -1;

	pthread_mutex_lock(&between.lock);
	if (!between.running) {
		fail("the ME does not run any more");
		goto unlock;
	}
	between.work = work;
	between.arg = arg;
	__atomic_store_n(&vm->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
	pthread_kill(between.runner, SIGUSR1);
	while (between.work && between.running)
		pthread_cond_wait(&between.done, &between.lock);
	result = between.work ? fail("the ME does not run any more") : between.result;
	between.work = NULL;

unlock:
	pthread_mutex_unlock(&between.lock);
	return result;
}

static void print(struct vm *vm, u64 where)
{
	u64 size = where >> AVZ_TEXT_LEN_SHIFT;
	u64 offset = (where & ~(~0ull << AVZ_TEXT_LEN_SHIFT)) - vm->me.ram_base;

	if (offset < vm->me.ram_size && size <= vm->me.ram_size - offset)
		uart_print(vm->ram + offset, size);
}

/* Return: 0, SOO_HYPERCALL_END, or -1 by fail(). */
static int avz_access(struct vm *vm, u64 offset, struct kvm_run *run)
{
	u32 op = mmio_value(run);
	u64 keys = 0;
	int ret;

	if (run->mmio.is_write && offset == AVZ_CONSOLE)
		print(vm, mmio_value(run));
	if (!run->mmio.is_write) {
		if (offset == AVZ_CONSOLE)
			keys = uart_keys();
		memcpy(run->mmio.data, &keys, sizeof(keys));
	}
	if (!run->mmio.is_write || offset != AVZ_HYPERCALL)
		return 0;
	fault_hypercall(vm, op);
	ret = ioctl(vm->core, SOO_IOC_HYPERCALL, &op);
	return ret < 0 ? fail("hypercall %u: %s", op, strerror(errno)) : ret;
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

/* Return: 0 to go on, 1 for the end, or -1 by fail(). */
static int run_once(struct vm *vm)
{
	if (ioctl(vm->vcpu, KVM_RUN, 0) < 0) {
		/* The reason in kvm_run is that of an earlier exit, which has been dealt with. */
		return errno == EINTR ? 0 : fail("KVM_RUN: %s", strerror(errno));
	}
	switch (vm->run->exit_reason) {
	case KVM_EXIT_MMIO:
		return mmio(vm, vm->run);
	case KVM_EXIT_SYSTEM_EVENT:
		return 1;
	default:
		return fail("the ME's CPU stopped, exit reason %u", vm->run->exit_reason);
	}
}

static void set_running(bool running)
{
	pthread_mutex_lock(&between.lock);
	between.runner = pthread_self();
	between.running = running;
	pthread_cond_broadcast(&between.done);
	pthread_mutex_unlock(&between.lock);
}

int vm_run(struct vm *vm)
{
	const struct sigaction action = { .sa_handler = interrupt };
	int end = 0;

	sigaction(SIGUSR1, &action, NULL);
	set_running(true);
	while (!end) {
		if (__atomic_load_n(&vm->run->immediate_exit, __ATOMIC_SEQ_CST)) {
			/* One more run, which ends at once, completes the access that the last one made. */
			end = run_once(vm);
			if (!end)
				do_work(vm);
			continue;
		}
		end = run_once(vm);
	}
	set_running(false);
	uart_drain();
	return end < 0 ? -1 : 0;
}
