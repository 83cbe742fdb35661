/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fault.h - planted defects, each for a check that must find it. Built with FAULTS=1 only, where the
 * string property "fault" of /ME selects one; otherwise the question is a constant and leaves no trace.
 */
#ifndef FAULT_H
#define FAULT_H

#include "types.h"

#ifdef CONFIG_FAULTS
void fault_init(const void *fdt);
bool fault_active(const char *name);
#else
static inline void fault_init(const void *fdt __unused)
{
}
#define fault_active(name)	false
#endif

#endif /* FAULT_H */
