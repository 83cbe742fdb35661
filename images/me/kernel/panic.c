/* SPDX-License-Identifier: GPL-2.0-only */
/* panic.c - report and stop. */
#include "asm/io.h"
#include "asm/irqflags.h"
#include "panic.h"
#include "printk.h"

/* libfdt.a is built with stack protection and refers to both. */
u64 __stack_chk_guard = 0x0a0d00ff5a6f6f53ul;
void __stack_chk_fail(void) __noreturn;

static void __noreturn stop(void)
{
	irq_disable();
	printk("kernel_panic: entering infinite loop... CPU: 0\n");
	for (;;)
		wfi();
}

void bug(const char *file, int line)
{
	irq_disable();
	printk("BUG in %s at line: %d\n", file, line);
	stop();
}

void panic(const char *fmt, ...)
{
	char text[160];
	va_list args;

	irq_disable();
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	printk("panic: %s\n", text);
	stop();
}

void __stack_chk_fail(void)
{
	panic("stack overrun inside libfdt");
}
