/* SPDX-License-Identifier: GPL-2.0-only */
/* mm.c - what memory there is, and what part of it is free. */
#include "asm/mmu.h"
#include "mm.h"
#include "panic.h"
#include "tree.h"

#define HEAP_SIZE	0x80000u	/* devices, threads and watches need a few KiB of it */

static u64 ram_base, ram_size;

static void reserve_ranges(const void *fdt)
{
	int parent = fdt_path_offset(fdt, "/reserved-memory");
	u64 addr, size;
	int node;

	if (parent < 0)
		return;
	fdt_for_each_subnode(node, fdt, parent)
		if (!tree_reg(fdt, node, 0, &addr, &size))
			page_reserve(addr, size);
}

void mm_init(const void *fdt)
{
	extern char _start[], _end[];
	int node = fdt_node_offset_by_prop_value(fdt, -1, "device_type", "memory", sizeof("memory"));
	void *arena;

	if (node < 0 || tree_reg(fdt, node, 0, &ram_base, &ram_size))
		panic("the tree names no memory");
	mmu_map(ram_base, ram_size, MEM_NORMAL);
	page_init(ram_base, ram_size);
	page_reserve((u64)_start, (u64)(_end - _start));
	page_reserve((u64)fdt, fdt_totalsize(fdt));
	reserve_ranges(fdt);

	arena = page_alloc(HEAP_SIZE / PAGE_SIZE);
	if (!arena)
		panic("%lu bytes of memory have no room for the heap", ram_size);
	heap_init(arena, HEAP_SIZE);
}

void mm_usage(struct mm_usage *usage)
{
	usage->ram_base = ram_base;
	usage->ram_size = ram_size;
	page_usage(&usage->pages, &usage->pages_used);
	heap_usage(&usage->heap_size, &usage->heap_used);
}
