/* SPDX-License-Identifier: GPL-2.0-only */
/* memory.c - blocks, each on a list, so that none is lost and none outlives its input. */
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

struct block {
	void *memory;
	struct block *next;
};

#define BUCKETS	1024u

static struct block *blocks[BUCKETS];
static size_t used;
static unsigned int wanting;	/* requests until the one that gets nothing */

static struct block **bucket(const void *p)
{
	return &blocks[((uintptr_t)p >> 4) % BUCKETS];
}

static void *keep(void *p)
{
	struct block *b = malloc(sizeof(*b));

	*b = (struct block){ .memory = p, .next = *bucket(p) };
	*bucket(p) = b;
	used++;
	return p;
}

static bool is_wanting(void)
{
	return wanting && --wanting == 0;
}

void host_want(unsigned int nth)
{
	wanting = nth;
}

void *host_alloc(size_t size)
{
	return is_wanting() ? NULL : keep(calloc(1, size));
}

void *host_alloc_aligned(size_t size, size_t alignment)
{
	void *p;

	if (is_wanting())
		return NULL;
	p = aligned_alloc(alignment, size);
	memset(p, 0, size);
	return keep(p);
}

char *host_strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = is_wanting() ? NULL : keep(malloc(size));

	if (copy)
		memcpy(copy, text, size);
	return copy;
}

/* What is on no list goes to free() all the same: the sanitizer knows it better. */
void host_free(void *p)
{
	struct block **at, *b;

	for (at = bucket(p); p && *at; at = &(*at)->next) {
		if ((*at)->memory == p) {
			b = *at;
			*at = b->next;
			free(b);
			used--;
			break;
		}
	}
	free(p);
}

size_t host_blocks(void)
{
	return used;
}

/* Of reset.c. */
void host_free_all(void);
void host_free_all(void)
{
	size_t i;

	for (i = 0; i < BUCKETS; i++) {
		while (blocks[i])
			host_free(blocks[i]->memory);
	}
	wanting = 0;
}
