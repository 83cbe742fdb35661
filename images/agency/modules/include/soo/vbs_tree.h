/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vbs_tree.h - what the files of the store share. All with vbs_lock held.
 */
#ifndef SOO_VBS_TREE_H
#define SOO_VBS_TREE_H

#include <linux/list.h>
#include <linux/mutex.h>

#include <soo/vbstore.h>

struct vbs_node {
	char *name;
	char *value;			/* NULL for a directory */
	u32 owner;			/* the domain that made it */
	struct vbs_node *parent;
	struct list_head children;	/* in the order of their making */
	struct list_head link;
	struct list_head watches;
};

extern struct mutex vbs_lock;

struct vbs_node *vbs_find(const char *path);

/* @path was written: remember it for the end of transaction @tx. Return: 0, -ENOSPC, -ENOMEM. */
int vbs_tx_note(u32 domid, u32 tx, const char *path);

/* May @domid have one more written node noted? Return: 0, -ENOSPC. */
int vbs_tx_room(u32 domid, u32 tx);

/* A domain's open transactions are forgotten. */
void vbs_tx_drop(u32 domid);

void vbs_detach_watches(struct vbs_node *node);

#endif /* SOO_VBS_TREE_H */
