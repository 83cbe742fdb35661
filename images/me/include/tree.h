/* SPDX-License-Identifier: GPL-2.0-only */
/* tree.h - what drivers ask the device tree, above libfdt. */
#ifndef TREE_H
#define TREE_H

#include <libfdt.h>

#include "types.h"

/* The tree that the kernel was started with. */
const void *tree(void);
void tree_set(const void *fdt);

/* True if the node and all nodes above it are enabled: no status, "okay" or "ok". */
bool tree_enabled(const void *fdt, int node);
bool tree_status_ok(const void *fdt, int node);

/* All return 0, or -ENOENT if property or index are missing, -EINVAL if the size is wrong. */
int tree_reg(const void *fdt, int node, int index, u64 *addr, u64 *size);
int tree_u32(const void *fdt, int node, const char *name, u32 *value);
int tree_u64(const void *fdt, int node, const char *name, u64 *value);

/* Interrupt @index of a node with three-cell specifiers of a GIC: its INTID and trigger. */
int tree_interrupt(const void *fdt, int node, int index, u32 *irq, bool *edge);

/* The text, or @absent. */
const char *tree_string(const void *fdt, int node, const char *name, const char *absent);

#endif /* TREE_H */
