/* SPDX-License-Identifier: GPL-2.0-only */
/* page.c - pages of memory, first fit in a bitmap. */
#include <string.h>

#include "mm.h"
#include "panic.h"

#define PAGES_MAX	65536u	/* 256 MiB; what is above stays unused */

static u8 bitmap[PAGES_MAX / 8];
static u64 first;
static u32 total, used;

static bool is_used(u32 page)
{
	return bitmap[page / 8] & 1u << page % 8;
}

static void mark(u32 page, bool in_use)
{
	if (is_used(page) == in_use)
		return;
	bitmap[page / 8] ^= (u8)(1u << page % 8);
	used += in_use ? 1 : -1u;
}

void page_init(u64 base, u64 size)
{
	first = ALIGN_UP(base, PAGE_SIZE);
	size = (base + size - first) / PAGE_SIZE;
	total = (u32)(size < PAGES_MAX ? size : PAGES_MAX);
}

void page_reserve(u64 start, u64 size)
{
	u64 addr;

	for (addr = ALIGN_DOWN(start, PAGE_SIZE); addr < start + size; addr += PAGE_SIZE)
		if (addr >= first && (addr - first) / PAGE_SIZE < total)
			mark((u32)((addr - first) / PAGE_SIZE), true);
}

void *page_alloc(u32 count)
{
	u32 page, run = 0;
	void *start;

	for (page = 0; page < total; page++) {
		run = is_used(page) ? 0 : run + 1;
		if (run == count)
			break;
	}
	if (page == total)
		return NULL;
	start = (void *)(first + (u64)(page + 1 - count) * PAGE_SIZE);
	page_reserve((u64)start, (u64)count * PAGE_SIZE);
	return memset(start, 0, (size_t)count * PAGE_SIZE);
}

void page_free(void *start, u32 count)
{
	u32 page = (u32)(((u64)start - first) / PAGE_SIZE);

	for (; count--; page++) {
		BUG_ON(page >= total || !is_used(page));
		mark(page, false);
	}
}

void page_usage(u32 *all, u32 *in_use)
{
	*all = total;
	*in_use = used;
}
