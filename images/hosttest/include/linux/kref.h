/* SPDX-License-Identifier: GPL-2.0-only */
/* kref.h - reference counts. */
#ifndef HOST_LINUX_KREF_H
#define HOST_LINUX_KREF_H

#include <linux/kernel.h>

struct kref {
	int count;
};

static inline void kref_init(struct kref *ref)
{
	ref->count = 1;
}

static inline void kref_get(struct kref *ref)
{
	BUG_ON(ref->count <= 0);
	ref->count++;
}

static inline int kref_put(struct kref *ref, void (*release)(struct kref *ref))
{
	BUG_ON(ref->count <= 0);
	if (--ref->count)
		return 0;
	release(ref);
	return 1;
}

#endif /* HOST_LINUX_KREF_H */
