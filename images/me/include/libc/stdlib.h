/* SPDX-License-Identifier: GPL-2.0-only */
/* stdlib.h - the part of the C library that libfdt's headers and this kernel use. */
#ifndef LIBC_STDLIB_H
#define LIBC_STDLIB_H

unsigned long strtoul(const char *s, char **end, int base);

#endif /* LIBC_STDLIB_H */
