// SPDX-License-Identifier: GPL-2.0-only
/*
 * host.c - from a plan to a process in which an ME runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control.h"
#include "host.h"
#include "uart.h"
#include "util.h"

static int create_domain(struct vm *vm, u32 slot)
{
	struct soo_domain_create args = {
		.ram = (u64)vm->ram,
		.ram_size = vm->me.ram_size,
		.ram_base = vm->me.ram_base,
		.shared = vm->me.shared,
		.spid = vm->me.spid,
		.doorbell = vm->doorbell,
		.irq = vm->irq,
		.slot = slot,
		.incarnation = vm->incarnation,
	};

	memcpy(args.name, vm->me.name, sizeof(args.name));
	memcpy(args.shortdesc, vm->me.shortdesc, sizeof(args.shortdesc));
	vm->core = core_open();
	if (vm->core < 0)
		return -1;
	if (ioctl(vm->core, SOO_IOC_DOMAIN_CREATE, &args) < 0) {
		if (errno != ENOSPC)
			return fail("SOO_IOC_DOMAIN_CREATE: %s", strerror(errno));
		return slot ? fail("slot %u is not empty", slot) : fail("No available ME slot further...");
	}
	vm->slot = args.slot;
	return 0;
}

static int start(struct vm *vm, const struct host_plan *plan)
{
	if (plan->build(vm, plan->arg) || create_domain(vm, plan->slot) ||
	    uart_init(vm->fd, vm->me.uart_spi, vm->slot))
		return -1;
	if (plan->console)
		plan->console(plan->arg);
	if (control_init(vm))
		return -1;
	if (ioctl(vm->core, SOO_IOC_DOMAIN_START) < 0)
		return fail("SOO_IOC_DOMAIN_START: %s", strerror(errno));
	return 0;
}

/* The kernel's log is where the agency looks for what happened behind its back. */
static void log_end(u32 slot, const char *why)
{
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	dprintf(fd, "soo: host of the ME in slot %u: %s\n", slot, why);
	close(fd);
}

/* In the child. The parent reads one line: the slot's number, or what went wrong. */
static int be_host(const struct host_plan *plan, int report)
{
	static struct vm vm;
	char name[16];
	int null;

	if (start(&vm, plan)) {
		dprintf(report, "%s\n", failure());
		return 1;
	}
	snprintf(name, sizeof(name), "me-host-%u", vm.slot);
	prctl(PR_SET_NAME, name);
	dprintf(report, "%u\n", vm.slot);
	close(report);
	/* The shell that started it must not wait for this one's output. */
	null = open("/dev/null", O_RDWR);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	if (vm_run(&vm))
		log_end(vm.slot, failure());
	return 0;
}

static int read_report(int fd, char *line, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len < size - 1 && (n = read(fd, line + len, size - 1 - len)) > 0) {
		len += n;
		if (memchr(line, '\n', len))
			break;
	}
	line[len] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return len ? 0 : fail("the host of the ME died");
}

int host_start(const struct host_plan *plan, u32 *slot)
{
	char line[256], *end;
	int report[2];
	pid_t pid;
	int err;

	if (pipe2(report, O_CLOEXEC) < 0)
		return fail("pipe: %s", strerror(errno));
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		return fail("fork: %s", strerror(errno));
	if (pid == 0) {
		close(report[0]);
		setsid();
		_exit(be_host(plan, report[1]));
	}
	close(report[1]);
	err = read_report(report[0], line, sizeof(line));
	close(report[0]);
	if (err)
		return err;
	*slot = strtoul(line, &end, 10);
	if (end != line && *end == '\0')
		return 0;
	waitpid(pid, NULL, 0);
	return fail("%s", line);
}
