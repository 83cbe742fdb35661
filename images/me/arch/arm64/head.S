/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * head.S - entry at EL1, MMU off, address of the device tree in x0.
 *
 * Starts with the header of an arm64 Linux image (Documentation/arm64/booting.rst), so that a
 * loader which knows that format puts us at 0x80000 from the start of memory and passes the tree. Its
 * first reserved word leads to our threads, see abi/where.h.
 */
	.section .head, "ax"
	.globl	_start
_start:
	b	start
	nop
	.quad	0x80000			/* text_offset */
	.quad	_image_size
	.quad	0x2			/* flags: little-endian, 4 KiB pages */
	.quad	me_where, 0, 0
	.ascii	"ARM\x64"
	.long	0

start:
	mov	x19, x0
	msr	daifset, #0xf
	ldr	x1, =boot_stack_top
	mov	sp, x1
	ldr	x1, =vectors
	msr	vbar_el1, x1

	/* libfdt comes compiled for a CPU with vector registers and uses them. */
	mov	x1, #(3 << 20)
	msr	cpacr_el1, x1
	isb

	ldr	x1, =_bss_start
	ldr	x2, =_bss_end
1:	cmp	x1, x2
	b.hs	2f
	stp	xzr, xzr, [x1], #16
	b	1b

2:	mov	x0, x19
	bl	mmu_init
	mov	x0, x19
	bl	start_kernel
	b	.

	.section .boot_stack, "aw", %nobits
	.balign	16
	.space	16384
boot_stack_top:
