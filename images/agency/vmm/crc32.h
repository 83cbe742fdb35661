/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * crc32.h - the checksum of FIT images and of snapshots (IEEE 802.3, reflected).
 */
#ifndef CRC32_H
#define CRC32_H

#include <stddef.h>

#include <abi/types.h>

u32 crc32(const void *data, size_t size);

#endif /* CRC32_H */
