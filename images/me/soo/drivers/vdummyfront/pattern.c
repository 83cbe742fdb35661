/* SPDX-License-Identifier: GPL-2.0-only */
/* pattern.c - what the messages of a run contain. */
#include <string.h>

#include "pattern.h"

void pattern_init(struct pattern *p, const struct vdummy_run *run)
{
	memset(p, 0, sizeof(*p));
	p->kind = run->pattern;
	p->size = run->size;
	/* The generator never leaves state 0. */
	p->state = run->seed * 0x9e3779b97f4a7c15ul + 1;
}

/* xorshift64*, by S. Vigna */
static u64 next_random(struct pattern *p)
{
	p->state ^= p->state >> 12;
	p->state ^= p->state << 25;
	p->state ^= p->state >> 27;
	return p->state * 0x2545f4914f6cdd1dul;
}

static void fill_words(struct pattern *p)
{
	u64 words[VDUMMY_PACKET_SIZE / sizeof(u64)];
	u32 i;

	/* The counter comes first, little-endian, so that a short message has its low bytes. */
	for (i = 0; i < ARRAY_SIZE(words); i++)
		words[i] = p->kind == VDUMMY_RANDOM ? next_random(p) : p->counter + i;
	memcpy(p->message.buffer, words, p->size);
}

void pattern_next(struct pattern *p)
{
	switch (p->kind) {
	case VDUMMY_ZERO:
		break;
	case VDUMMY_ONES:
		memset(p->message.buffer, 0xff, p->size);
		break;
	case VDUMMY_SEQ:
	case VDUMMY_RANDOM:
		fill_words(p);
		break;
	}
	p->counter++;
	p->pending = true;
}
