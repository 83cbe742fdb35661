/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * panic.h - the end. For states that this kernel's own code must have prevented, never for what a
 * peer or a device did. The wording is that of SO3, since the same tools watch both.
 */
#ifndef PANIC_H
#define PANIC_H

#include "types.h"

void bug(const char *file, int line) __noreturn;
void panic(const char *fmt, ...) __noreturn __printf(1, 2);

#define BUG()		bug(__FILE__, __LINE__)
#define BUG_ON(cond)	do { if (cond) BUG(); } while (0)

#endif /* PANIC_H */
