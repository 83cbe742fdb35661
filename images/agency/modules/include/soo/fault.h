/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fault.h - planted defects, in test builds only.
 *
 * The module parameter `fault` names the defect; a build without SOO_FAULTS has neither the
 * parameter nor the names.
 */
#ifndef SOO_FAULT_H
#define SOO_FAULT_H

#include <linux/types.h>

#ifdef SOO_FAULTS
bool soo_fault(const char *name);
void soo_fault_on_injection(void);
#else
#define soo_fault(name) (false)
static inline void soo_fault_on_injection(void)
{
}
#endif

#endif /* SOO_FAULT_H */
