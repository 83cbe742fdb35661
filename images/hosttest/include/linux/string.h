/* SPDX-License-Identifier: GPL-2.0-only */
/* string.h - the C library's, and two of the kernel's. */
#ifndef HOST_LINUX_STRING_H
#define HOST_LINUX_STRING_H

#include <string.h>

#include <linux/types.h>

/* Copies what fits, always with a NUL. Return: the length, or -E2BIG if it was cut. */
ssize_t strscpy(char *to, const char *from, size_t size);

#endif /* HOST_LINUX_STRING_H */
