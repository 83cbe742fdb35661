/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * types.h - fixed-width types and layout assertions for every shared structure.
 *
 * The headers of this folder are included by the agency's kernel modules, by the host of MEs
 * (Linux user space), by the ME (freestanding) and by the programs that run on the build host.
 * They use nothing but what this file gives. Everything in shared memory is little-endian; all
 * readers here are little-endian too, which ABI_LITTLE_ENDIAN states.
 */
#ifndef ABI_TYPES_H
#define ABI_TYPES_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stddef.h>
#include <stdint.h>
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;
#endif

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the shared ABI is little-endian");

#define ABI_SIZE(type, bytes) \
	_Static_assert(sizeof(type) == (bytes), "size of " #type)
#define ABI_OFFSET(type, member, bytes) \
	_Static_assert(__builtin_offsetof(type, member) == (bytes), "offset of " #type "." #member)

#define ABI_PAGE_SIZE	4096u

#endif /* ABI_TYPES_H */
