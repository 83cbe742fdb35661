// SPDX-License-Identifier: GPL-2.0-only
/*
 * injector.c - injector FILE.itb: give the ME in the file a slot, and be its host from then on.
 *
 * The command returns when the ME runs, or tells in one line why it does not. The host stays behind
 * as a process of its own, so that whatever the ME does to it, no other ME and no shell is hit.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"
#include "fit.h"
#include "uart.h"
#include "util.h"
#include "vm.h"

#define VERSION	"1.0"

static int create_domain(struct vm *vm)
{
	struct soo_domain_create args = {
		.ram = (u64)vm->ram,
		.ram_size = vm->me.ram_size,
		.ram_base = vm->me.ram_base,
		.shared = vm->me.shared,
		.spid = vm->me.spid,
		.doorbell = vm->doorbell,
		.irq = vm->irq,
	};

	memcpy(args.name, vm->me.name, sizeof(args.name));
	memcpy(args.shortdesc, vm->me.shortdesc, sizeof(args.shortdesc));
	vm->core = core_open();
	if (vm->core < 0)
		return -1;
	if (ioctl(vm->core, SOO_IOC_DOMAIN_CREATE, &args) < 0)
		return errno == ENOSPC ? fail("No available ME slot further...")
				       : fail("SOO_IOC_DOMAIN_CREATE: %s", strerror(errno));
	vm->slot = args.slot;
	return 0;
}

static int start(struct vm *vm, const struct fit_me *image)
{
	if (vm_create(vm, image) || create_domain(vm) || uart_init(vm->fd, vm->me.uart_spi, vm->slot))
		return -1;
	return ioctl(vm->core, SOO_IOC_DOMAIN_START) < 0 ? fail("SOO_IOC_DOMAIN_START: %s", strerror(errno)) : 0;
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
static int be_host(const struct fit_me *image, int report)
{
	static struct vm vm;
	char name[16];
	int null;

	if (start(&vm, image)) {
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

static int inject(const struct fit_me *image, unsigned long *slot)
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
		_exit(be_host(image, report[1]));
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

/* Some reasons already are a sentence about the file, in upstream's wording. */
static int refuse(const char *file)
{
	if (strstr(failure(), "not found.") || strstr(failure(), "further..."))
		printf("%s\n", failure());
	else
		printf("injector: %s: %s\n", file, failure());
	return 1;
}

int injector_main(int argc, char **argv)
{
	struct fit_me image = { 0 };
	unsigned long slot = 0;
	size_t size;
	void *data;
	int status = 0;

	printf("*** SOO - Mobile Entity injector ***\n");
	printf("SOO ME injector (reference)\nVersion: " VERSION "\n");
	if (argc != 2) {
		fail("wants one FILE.itb");
		return complain("injector");
	}
	if (read_file(argv[1], &data, &size))
		return refuse(argv[1]);
	if (fit_check(data, size, &image) || inject(&image, &slot))
		status = refuse(argv[1]);
	else
		printf("ME in slot %lu\ndone.\n", slot);
	fit_free(&image);
	free(data);
	return status;
}
