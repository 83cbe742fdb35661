/* SPDX-License-Identifier: GPL-2.0-only */
/* miscdevice.h - character devices; host_open() finds them by their node's name. */
#ifndef HOST_LINUX_MISCDEVICE_H
#define HOST_LINUX_MISCDEVICE_H

#include <linux/fs.h>

#define MISC_DYNAMIC_MINOR	255

struct miscdevice {
	int minor;
	const char *name;
	const char *nodename;
	const struct file_operations *fops;
	umode_t mode;
};

int misc_register(struct miscdevice *misc);
void misc_deregister(struct miscdevice *misc);

#endif /* HOST_LINUX_MISCDEVICE_H */
