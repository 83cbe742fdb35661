/* SPDX-License-Identifier: GPL-2.0-only */
/* input.h - an input, read as a script: what it lacks at its end is zero. */
#ifndef INPUT_H
#define INPUT_H

#include <stddef.h>
#include <stdint.h>

struct input {
	const uint8_t *at;
	size_t left;
};

static inline uint8_t in_u8(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->at++;
}

static inline uint16_t in_u16(struct input *in)
{
	uint16_t low = in_u8(in);

	return low | in_u8(in) << 8;
}

static inline uint32_t in_u32(struct input *in)
{
	uint32_t low = in_u16(in);

	return low | (uint32_t)in_u16(in) << 16;
}

/* At most @max bytes. Return: how many. */
static inline size_t in_bytes(struct input *in, void *to, size_t max)
{
	size_t i, n = max < in->left ? max : in->left;

	for (i = 0; i < n; i++)
		((uint8_t *)to)[i] = in_u8(in);
	return n;
}

#endif /* INPUT_H */
