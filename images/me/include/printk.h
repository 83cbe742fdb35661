/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * printk.h - formatted text. %d %u %x with l and z, %s, %c, %%, a width, 0 and -, a precision for %s.
 */
#ifndef PRINTK_H
#define PRINTK_H

#include "types.h"

#define PRINTK_LINE_SIZE	512u

int vsnprintf(char *buf, size_t size, const char *fmt, va_list args);
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

/* One whole log line, with its newline. It never lands inside a line of a program. */
void printk(const char *fmt, ...) __printf(1, 2);
/* Output of a program: as it is. */
void printf(const char *fmt, ...) __printf(1, 2);

#endif /* PRINTK_H */
