/* SPDX-License-Identifier: GPL-2.0-only */
/* mm.h - pages and heap. */
#ifndef MM_H
#define MM_H

#include "types.h"

struct mm_usage {
	u64 ram_base;
	u64 ram_size;		/* bytes */
	u32 pages;		/* that can be given out */
	u32 pages_used;
	size_t heap_size;	/* bytes */
	size_t heap_used;
};

/* Maps the memory that the tree names and keeps image, tree and reserved ranges out of use. */
void mm_init(const void *fdt);
void mm_usage(struct mm_usage *usage);

/* Contiguous, zeroed; NULL if there are not so many. Memory is mapped at its own address. */
void *page_alloc(u32 count);
void page_free(void *page, u32 count);
void page_init(u64 base, u64 size);
void page_reserve(u64 start, u64 size);
void page_usage(u32 *total, u32 *used);

/* Zeroed, 16-byte aligned; NULL if there is no room. */
void *kzalloc(size_t size);
void kfree(void *block);
void heap_init(void *arena, size_t size);
void heap_usage(size_t *total, size_t *used);

#endif /* MM_H */
