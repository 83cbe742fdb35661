/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * switch.S - from one thread's stack to another's.
 *
 * A thread that waits has its callee-saved registers at the top of its stack; thread.c builds the
 * same picture for a new one. Vector registers are not kept: only libfdt uses them, and no thread
 * switches inside it.
 */
	.section .text.switch, "ax"

	/* void cpu_switch(u64 *save_sp, u64 load_sp) */
	.globl	cpu_switch
cpu_switch:
	stp	x29, x30, [sp, #-96]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	mov	x9, sp
	str	x9, [x0]
	mov	sp, x1
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #96
	ret

	/* First code of a thread: x19 its function, x20 the argument. */
	.globl	thread_start
thread_start:
	msr	daifclr, #2
	mov	x0, x20
	blr	x19
	bl	thread_returned
