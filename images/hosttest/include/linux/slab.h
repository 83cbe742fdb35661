/* SPDX-License-Identifier: GPL-2.0-only */
/* slab.h - memory, counted, whose want can be planned; see ../../host/memory.c. */
#ifndef HOST_LINUX_SLAB_H
#define HOST_LINUX_SLAB_H

#include <linux/kernel.h>

#define GFP_KERNEL	0u
#define GFP_ATOMIC	1u

#define kmalloc(size, gfp)	host_kalloc(size, gfp)
#define kzalloc(size, gfp)	host_kalloc(size, gfp)
#define kcalloc(n, size, gfp)	host_kalloc((n) * (size), gfp)
#define kvzalloc(size, gfp)	host_kalloc(size, gfp)
#define vmalloc(size)		host_alloc(size)
#define vzalloc(size)		host_alloc(size)
#define kstrdup(text, gfp)	host_strdup(text)
#define kfree(p)		host_free((void *)(p))
#define kvfree(p)		host_free((void *)(p))
#define vfree(p)		host_free((void *)(p))

#endif /* HOST_LINUX_SLAB_H */
