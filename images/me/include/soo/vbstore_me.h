/* SPDX-License-Identifier: GPL-2.0-only */
/* vbstore_me.h - this ME's own entries in the store. */
#ifndef SOO_VBSTORE_ME_H
#define SOO_VBSTORE_ME_H

/* Makes soo/me/<d>, and both ends' entries of each enabled frontend whose backend exists. */
void vbstore_me_register(void);
void vbstore_me_remove(void);

#endif /* SOO_VBSTORE_ME_H */
