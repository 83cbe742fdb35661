/* SPDX-License-Identifier: GPL-2.0-only */
/* cmd_sys.c - ps, mem, uptime: what this kernel is doing. */
#include "mm.h"
#include "printk.h"
#include "shell.h"
#include "thread.h"
#include "time.h"

static void print_thread(const struct thread *t, void *arg __unused)
{
	static const char *const states[] = {
		[THREAD_READY] = "ready", [THREAD_RUNNING] = "running", [THREAD_WAITING] = "waiting",
	};

	printf("%-12s %-8s switches=%lu\n", t->name, states[t->state], t->switches);
}

static int cmd_ps(int argc __unused, char **argv __unused)
{
	thread_for_each(print_thread, NULL);
	return SHELL_OK;
}
SHELL_COMMAND("ps", "list the threads", cmd_ps);

static int cmd_mem(int argc __unused, char **argv __unused)
{
	struct mm_usage u;

	mm_usage(&u);
	printf("mem: ram=%lu pages=%u pages_used=%u heap=%zu heap_used=%zu\n",
	       u.ram_size, u.pages, u.pages_used, u.heap_size, u.heap_used);
	return SHELL_OK;
}
SHELL_COMMAND("mem", "memory in use, in bytes and pages", cmd_mem);

static int cmd_uptime(int argc __unused, char **argv __unused)
{
	printf("uptime: ms=%lu\n", time_now() / NS_PER_MS);
	return SHELL_OK;
}
SHELL_COMMAND("uptime", "milliseconds since the counter started", cmd_uptime);
