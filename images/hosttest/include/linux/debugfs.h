/* SPDX-License-Identifier: GPL-2.0-only */
/* debugfs.h - files by name, which host_view() and host_open() find. */
#ifndef HOST_LINUX_DEBUGFS_H
#define HOST_LINUX_DEBUGFS_H

#include <linux/fs.h>

struct dentry;

struct dentry *debugfs_create_dir(const char *name, struct dentry *parent);
struct dentry *debugfs_create_file(const char *name, umode_t mode, struct dentry *parent, void *data,
				   const struct file_operations *fops);
void debugfs_remove(struct dentry *dentry);
void debugfs_remove_recursive(struct dentry *dentry);

#endif /* HOST_LINUX_DEBUGFS_H */
