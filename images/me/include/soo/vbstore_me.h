/* SPDX-License-Identifier: GPL-2.0-only */
/* vbstore_me.h - this ME's own entries in the store. */
#ifndef SOO_VBSTORE_ME_H
#define SOO_VBSTORE_ME_H

/* Makes soo/me/<d>, and both ends' entries of each enabled frontend whose backend exists. */
void vbstore_me_register(void);
void vbstore_me_remove(void);

/* The ME has refused to rest: a planted defect remembers it, nothing else does. */
#ifdef CONFIG_FAULTS
void vbstore_me_refused(void);
#else
static inline void vbstore_me_refused(void)
{
}
#endif

#endif /* SOO_VBSTORE_ME_H */
