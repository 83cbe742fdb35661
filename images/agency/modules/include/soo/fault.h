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
struct soo_domain;

#ifdef SOO_FAULTS
bool soo_fault(const char *name);
void soo_fault_on_init(void);
void soo_fault_on_injection(void);
void soo_force_init(struct dentry *root);
void soo_fault_spin_with_events_locked(void (*locked)(void));

/*
 * Defects that need a history: each shows after a sequence of orders that no scenario was written
 * for, and is left to exploration.
 */
void soo_fault_on_resume(const struct soo_domain *dom);
void soo_fault_on_refusal(struct soo_domain *dom);
bool soo_fault_keeps_grant(const struct soo_domain *dom);
#else
#define soo_fault(name) (false)
static inline void soo_fault_on_init(void)
{
}

static inline void soo_fault_on_injection(void)
{
}

static inline void soo_force_init(struct dentry *root)
{
}
static inline void soo_fault_on_resume(const struct soo_domain *dom)
{
}

static inline void soo_fault_on_refusal(struct soo_domain *dom)
{
}

static inline bool soo_fault_keeps_grant(const struct soo_domain *dom)
{
	return false;
}
#endif

#endif /* SOO_FAULT_H */
