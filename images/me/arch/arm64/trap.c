/* SPDX-License-Identifier: GPL-2.0-only */
/* trap.c - exceptions that nobody expects. */
#include "asm/frame.h"
#include "asm/io.h"
#include "panic.h"
#include "printk.h"
#include "thread.h"

#define ESR_CLASS_SHIFT	26

static const char *const kinds[4] = { "synchronous", "interrupt", "fast interrupt", "system error" };

void trap_fatal(struct frame *frame, u32 vector);

void trap_fatal(struct frame *frame, u32 vector)
{
	u64 esr = read_sysreg(esr_el1);

	printk("exception: %s, vector %u, class 0x%lx esr 0x%lx far 0x%lx elr 0x%lx lr 0x%lx sp 0x%lx "
	       "spsr 0x%lx x0 0x%lx x1 0x%lx thread %s\n",
	       kinds[vector % 4], vector, esr >> ESR_CLASS_SHIFT, esr, read_sysreg(far_el1), frame->elr,
	       frame->x[30], (u64)frame + FRAME_SIZE, frame->spsr, frame->x[0], frame->x[1],
	       thread_name());
	BUG();
}
