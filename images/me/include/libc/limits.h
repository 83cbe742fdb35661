/* SPDX-License-Identifier: GPL-2.0-only */
/* limits.h - what libfdt's headers use; the compiler's own one wants a C library behind it. */
#ifndef LIBC_LIMITS_H
#define LIBC_LIMITS_H

#define INT_MAX		__INT_MAX__
#define UINT_MAX	(__INT_MAX__ * 2u + 1u)

#endif /* LIBC_LIMITS_H */
