/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mmu.c - identity map in blocks of 2 MiB: 39-bit addresses, one table of 1 GiB entries, two tables
 * of blocks below it. Whatever is not mapped faults, address 0 among it.
 */
#include "asm/io.h"
#include "asm/mmu.h"
#include "panic.h"

#define BLOCK_SIZE	0x200000ul
#define ENTRIES		512u
#define GIB_SHIFT	30
#define BLOCK_TABLES	2u

/* Descriptor bits, Arm ARM D8.3 */
#define DESC_BLOCK	(1ul << 0)
#define DESC_TABLE	(3ul << 0)
#define DESC_ATTR(n)	((u64)(n) << 2)
#define DESC_INNER	(3ul << 8)
#define DESC_AF		(1ul << 10)
#define DESC_PXN	(1ul << 53)
#define DESC_UXN	(1ul << 54)

/* MAIR_EL1: attribute 0 device nGnRE, attribute 1 normal, write-back */
#define MAIR_VALUE	0xff04ul
/* TCR_EL1: T0SZ 25, inner and outer write-back, inner shareable, TTBR1 off, 40-bit addresses */
#define TCR_VALUE	(25ul | 1ul << 8 | 1ul << 10 | 3ul << 12 | 1ul << 23 | 2ul << 32)
/* SCTLR_EL1: the bits that read as one, stack alignment check, I, C and M */
#define SCTLR_VALUE	(0x30d00800ul | 1ul << 12 | 1ul << 4 | 1ul << 3 | 1ul << 2 | 1ul << 0)

static u64 top[ENTRIES] __attribute__((aligned(4096)));
static u64 blocks[BLOCK_TABLES][ENTRIES] __attribute__((aligned(4096)));
static u32 used_tables;

static u64 *block_table(u64 addr)
{
	u64 *entry = &top[addr >> GIB_SHIFT];
	u64 *table;

	if (*entry)
		return (u64 *)(*entry & ~0xffful);
	if (used_tables == BLOCK_TABLES)
		panic("no page table left for address 0x%lx", addr);
	table = blocks[used_tables++];
	*entry = (u64)table | DESC_TABLE;
	return table;
}

void mmu_map(u64 start, u64 size, enum mem_type type)
{
	u64 attr = DESC_BLOCK | DESC_AF | DESC_UXN;
	u64 addr;

	if (type == MEM_NORMAL)
		attr |= DESC_ATTR(1) | DESC_INNER;
	else
		attr |= DESC_ATTR(0) | DESC_PXN;

	for (addr = ALIGN_DOWN(start, BLOCK_SIZE); addr < start + size; addr += BLOCK_SIZE) {
		u64 *entry = &block_table(addr)[(addr / BLOCK_SIZE) % ENTRIES];

		/* The same block may be asked for twice; it is never changed, so no TLB entry gets stale. */
		if (!*entry)
			*entry = addr | attr;
	}
	dsb_sy();
	isb();
}

#ifdef CONFIG_FAULTS
/* The planted defect: takes the table of the image's blocks for a buffer of its own. */
void mmu_corrupt(void)
{
	u64 *buffer = (u64 *)(top[(u64)top >> GIB_SHIFT] & ~0xffful);
	u32 i;

	for (i = 0; i < ENTRIES; i++)
		buffer[i] = 0;
	/* What the CPU remembers of the table would hide it for a while. */
	asm volatile("dsb sy\n\ttlbi vmalle1\n\tdsb sy\n\tisb" : : : "memory");
}
#endif

/*
 * Maps the image and the tree, which is all that is known before the tree can be read: libfdt does
 * unaligned accesses, and these fault while the MMU is off.
 */
void mmu_init(u64 dtb)
{
	extern char _start[], _end[];

	mmu_map((u64)_start, (u64)(_end - _start), MEM_NORMAL);
	mmu_map(dtb, BLOCK_SIZE, MEM_NORMAL);

	write_sysreg(mair_el1, MAIR_VALUE);
	write_sysreg(tcr_el1, TCR_VALUE);
	write_sysreg(ttbr0_el1, (u64)top);
	asm volatile("tlbi vmalle1\n\tic iallu\n\tdsb sy\n\tisb" : : : "memory");
	write_sysreg(sctlr_el1, SCTLR_VALUE);
	isb();
}
