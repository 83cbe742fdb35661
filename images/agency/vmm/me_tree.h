/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * me_tree.h - what the host needs from an ME's device tree.
 */
#ifndef ME_TREE_H
#define ME_TREE_H

#include <abi/soo.h>

struct me_tree {
	u64 ram_base;
	u64 ram_size;		/* bytes */
	u64 shared;		/* struct avz_shared; the vbstore page follows */
	u64 avz_base;		/* the AVZ window */
	u32 avz_spi;
	u64 uart_base;
	u32 uart_spi;
	u64 gic_dist;
	u64 gic_redist;
	u64 spid;
	char name[SOO_ME_NAME_SIZE];
	char shortdesc[SOO_ME_SHORTDESC_SIZE];
};

/* Return: 0, or -1 by fail(), which names the node or property that is missing. */
int me_tree_read(const void *tree, struct me_tree *me);

#endif /* ME_TREE_H */
