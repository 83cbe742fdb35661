// SPDX-License-Identifier: GPL-2.0-only
#include "crc32.h"

static u32 table[256];

static void make_table(void)
{
	u32 byte;
	int bit;

	for (byte = 0; byte < 256; byte++) {
		u32 crc = byte;

		for (bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (crc & 1 ? 0xedb88320u : 0);
		table[byte] = crc;
	}
}

u32 crc32(const void *data, size_t size)
{
	const u8 *p = data;
	u32 crc = ~0u;

	if (!table[1])
		make_table();
	while (size--)
		crc = (crc >> 8) ^ table[(crc ^ *p++) & 0xff];
	return ~crc;
}
