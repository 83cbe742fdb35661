/* SPDX-License-Identifier: GPL-2.0-only */
/* heap.c - small blocks, first fit; neighbours that are free are joined when one is freed. */
#include <string.h>

#include "list.h"
#include "mm.h"
#include "panic.h"

#define ALIGNMENT	16u
#define MAGIC		0x48454150u	/* tells a block's header from what an overrun left of it */

struct block {
	struct list list;	/* all blocks, by address */
	size_t size;		/* without this header */
	u32 magic;
	u32 in_use;
};
_Static_assert(sizeof(struct block) % ALIGNMENT == 0, "blocks keep the alignment");

static struct list blocks = LIST_INIT(blocks);
static size_t arena_size, used_size;

void heap_init(void *arena, size_t size)
{
	struct block *b = arena;

	b->size = size - sizeof(*b);
	b->magic = MAGIC;
	b->in_use = 0;
	list_add_tail(&b->list, &blocks);
	arena_size = size;
}

static void split(struct block *b, size_t size)
{
	struct block *rest = (struct block *)((u8 *)(b + 1) + size);

	if (b->size < size + sizeof(*rest) + ALIGNMENT)
		return;
	rest->size = b->size - size - sizeof(*rest);
	rest->magic = MAGIC;
	rest->in_use = 0;
	/* Before the one that follows b, which is after b. */
	list_add_tail(&rest->list, b->list.next);
	b->size = size;
}

void *kzalloc(size_t size)
{
	struct list *pos;
	struct block *b;

	size = ALIGN_UP(size ? size : 1, ALIGNMENT);
	list_for_each(pos, &blocks) {
		b = container_of(pos, struct block, list);
		BUG_ON(b->magic != MAGIC);
		if (b->in_use || b->size < size)
			continue;
		split(b, size);
		b->in_use = 1;
		used_size += b->size;
		return memset(b + 1, 0, b->size);
	}
	return NULL;
}

static void join_next(struct block *b)
{
	struct block *next = container_of(b->list.next, struct block, list);

	if (b->list.next == &blocks || next->in_use)
		return;
	list_del(&next->list);
	b->size += sizeof(*next) + next->size;
}

void kfree(void *ptr)
{
	struct block *b = (struct block *)ptr - 1;
	struct block *prev;

	if (!ptr)
		return;
	BUG_ON(b->magic != MAGIC || !b->in_use);
	b->in_use = 0;
	used_size -= b->size;
	join_next(b);
	prev = container_of(b->list.prev, struct block, list);
	if (b->list.prev != &blocks && !prev->in_use)
		join_next(prev);
}

void heap_usage(size_t *all, size_t *in_use)
{
	*all = arena_size;
	*in_use = used_size;
}
