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

struct dentry;

#ifdef SOO_FAULTS
bool soo_fault(const char *name);
void soo_fault_on_injection(void);
void soo_force_init(struct dentry *root);
#else
#define soo_fault(name) (false)
static inline void soo_fault_on_injection(void)
{
}

static inline void soo_force_init(struct dentry *root)
{
}
#endif

#endif /* SOO_FAULT_H */
