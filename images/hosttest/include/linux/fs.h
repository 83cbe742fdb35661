/* SPDX-License-Identifier: GPL-2.0-only */
/* fs.h - files as far as the modules' own operations go; ../../host/files.c opens them. */
#ifndef HOST_LINUX_FS_H
#define HOST_LINUX_FS_H

#include <linux/kernel.h>

#define O_NONBLOCK	04000
#define FMODE_READ	1u
#define FMODE_WRITE	2u

struct inode;
struct seq_file;

struct file {
	void *private_data;
	unsigned int f_flags;
	unsigned int f_mode;
};

struct file_operations {
	struct module *owner;
	int (*open)(struct inode *inode, struct file *file);
	int (*release)(struct inode *inode, struct file *file);
	ssize_t (*read)(struct file *file, char __user *buf, size_t size, loff_t *pos);
	ssize_t (*write)(struct file *file, const char __user *buf, size_t size, loff_t *pos);
	loff_t (*llseek)(struct file *file, loff_t offset, int whence);
	int (*host_show)(struct seq_file *m, void *unused);
};

static inline int nonseekable_open(struct inode *inode, struct file *file)
{
	return 0;
}

#define no_llseek	NULL

static inline unsigned long copy_from_user(void *to, const void __user *from, unsigned long size)
{
	memcpy(to, from, size);
	return 0;
}

static inline unsigned long copy_to_user(void __user *to, const void *from, unsigned long size)
{
	memcpy(to, from, size);
	return 0;
}

#endif /* HOST_LINUX_FS_H */
