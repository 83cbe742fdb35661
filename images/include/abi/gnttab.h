/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * gnttab.h - grants: a frame of ME memory that the agency may map.
 *
 * Reference 0 is invalid. Revoking a reference that the agency has mapped fails with -EBUSY.
 */
#ifndef ABI_GNTTAB_H
#define ABI_GNTTAB_H

#include "types.h"

#define GNTTAB_MAX		64u	/* references per domain, 0 included */
#define GNTTAB_INVALID_REF	0u

enum gnttab_state {
	GNTTAB_FREE = 0,
	GNTTAB_GRANTED = 1,
	GNTTAB_MAPPED = 2,
};

#endif /* ABI_GNTTAB_H */
