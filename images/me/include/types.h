/* SPDX-License-Identifier: GPL-2.0-only */
/* types.h - what nearly every file needs: fixed-width types, error numbers, attributes. */
#ifndef TYPES_H
#define TYPES_H

#include <stdarg.h>
#include <stdbool.h>

#include "abi/types.h"

#define ENOENT		2
#define ENOMEM		12
#define EBUSY		16
#define EEXIST		17
#define ENODEV		19
#define EINVAL		22
#define ENOSPC		28
#define EPROTO		71
#define ESHUTDOWN	108
#define ETIMEDOUT	110

#define PAGE_SIZE	4096u
#define PAGE_SHIFT	12u

#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define ALIGN_UP(x, a)		(((x) + (a) - 1) & ~((u64)(a) - 1))
#define ALIGN_DOWN(x, a)	((x) & ~((u64)(a) - 1))

#define __printf(fmt, first)	__attribute__((format(printf, fmt, first)))
#define __noreturn		__attribute__((noreturn))
#define __unused		__attribute__((unused))
/* An entry of a linker section that only the linker script's symbols refer to. */
#define __section_entry(name)	__attribute__((used, section(name), aligned(8)))

#endif /* TYPES_H */
