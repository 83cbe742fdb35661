/* SPDX-License-Identifier: GPL-2.0-only */
/* main.c - the order in which the kernel comes up. */
#include "asm/mmu.h"
#include "console.h"
#include "device.h"
#include "fault.h"
#include "mm.h"
#include "panic.h"
#include "printk.h"
#include "shell.h"
#include "soo/avz.h"
#include "soo/soo.h"
#include "thread.h"
#include "tree.h"

void start_kernel(const void *fdt);

static void print_memory(void)
{
	struct mm_usage u;

	mm_usage(&u);
	printk("SO3 Memory information:\n");
	printk("  - RAM: %lu KiB at 0x%lx\n", u.ram_size / 1024, u.ram_base);
	printk("  - Pages: %u of %u in use, heap %zu KiB\n", u.pages_used, u.pages, u.heap_size / 1024);
}

/* Runs as a thread, so that it may wait for the agency; ends as the shell. */
static void init(void *arg __unused)
{
	devices_init_postcore();
	if (fault_active("me-page-tables"))
		mmu_corrupt();
	soo_init();
	printk("SO3: starting the initial process (shell) ...\n");
	shell_run();
}

void start_kernel(const void *fdt)
{
	if (fdt_check_header(fdt))
		panic("no device tree at 0x%lx", (u64)fdt);
	tree_set(fdt);
	console_early_init(fdt);
	if (avz_early_init(fdt)) {
		console_print_by(avz_print);
		console_read_by(avz_keys);
	}
	printk("Smart Object Oriented SO3 Operating System\n");
	printk("Now bootstraping the kernel ...\n");
	mm_init(fdt);
	print_memory();
	fault_init(fdt);

	thread_init();
	devices_parse(fdt);
	devices_init_core();
	if (thread_create("init", init, NULL))
		panic("no memory for the first thread");
	thread_idle();
}
