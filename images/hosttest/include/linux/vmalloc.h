/* SPDX-License-Identifier: GPL-2.0-only */
/* vmalloc.h - all of it is in slab.h. */
#include <linux/slab.h>
