/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vbstore.h - the tree of directories and values where backends and frontends meet.
 *
 * Paths are relative to the root, without a leading slash, and have at most 49 characters, all of
 * them letters, digits, or one of "-_.,/". A key is made below an existing directory only.
 *
 * Transactions hold back watch events and nothing else: each written node is remembered once, and
 * vbs_transaction_end() tells the watchers of the node and of its ancestors. A write outside a
 * transaction wakes nobody.
 */
#ifndef SOO_VBSTORE_H
#define SOO_VBSTORE_H

#include <linux/list.h>
#include <linux/types.h>

#include <abi/soo.h>
#include <abi/vbstore.h>
#include <abi/vbus.h>

struct seq_file;
struct vbs_node;

#define VBS_NO_TRANSACTION	0u

/*
 * struct vbs_watch - somebody waits for writes to a node or below
 * @notify: called with the store's lock held, so that it may only queue work or append to a list
 */
struct vbs_watch {
	void (*notify)(struct vbs_watch *watch, const char *path);
	u32 domid;
	struct vbs_node *node;
	struct list_head link;
};

int vbstore_init(void);
void vbstore_exit(void);

/*
 * All return 0 or -errno: -EINVAL (path or value malformed), -ENAMETOOLONG, -ENOENT (no parent, or
 * no such node), -EEXIST (mkdir), -EISDIR and -ENOTDIR (directory for value), -ENOSPC (too many nodes,
 * bytes or pending events), -ENOMEM.
 * @domid asks; the agency may do all, an ME writes below its own directories only (-EACCES).
 */
int vbs_mkdir(u32 domid, u32 tx, const char *path);
int vbs_write(u32 domid, u32 tx, const char *path, const char *value);
int vbs_rm(u32 domid, u32 tx, const char *path);
int vbs_watch(struct vbs_watch *watch, const char *path);
void vbs_unwatch(struct vbs_watch *watch);

/* The value, terminated, empty for a directory. Return: its length, or -ENOENT, -ERANGE. */
int vbs_read(const char *path, char *value, size_t size);

/* A decimal value. Return: 0, -ENOENT, -EINVAL. */
int vbs_read_u32(const char *path, u32 *value);

bool vbs_exists(const char *path);

/* Names of the children, each with its NUL. Return: bytes written, or -ENOENT, -ERANGE. */
int vbs_directory(const char *path, char *names, size_t size);

u32 vbs_transaction_start(void);
void vbs_transaction_end(u32 domid, u32 tx);

/* Write in a transaction of its own: watchers are told. */
int vbs_write_now(u32 domid, const char *path, const char *value);

/* All that belongs to an ME goes, with nobody told. */
void vbs_remove_domain(u32 domid);

/* Is @path well-formed? Return: 0, -EINVAL, -ENAMETOOLONG. */
int vbs_check_path(const char *path);

/* Is @path a directory of @domid's own, or below one? The agency's are all. */
bool vbs_may_write(u32 domid, const char *path);

/* What a domain has in the store: nodes, and bytes of values. */
void vbs_usage(u32 domid, unsigned int *nodes, unsigned int *bytes);

void vbs_show(struct seq_file *m);

#endif /* SOO_VBSTORE_H */
