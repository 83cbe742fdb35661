// SPDX-License-Identifier: GPL-2.0-only
/*
 * force.c - test builds: the agency's word by hand.
 *
 * "PATH VALUE" in the debugfs file soo/force is written to the store as the agency's own, in a
 * transaction, so that watchers are told. With the fault be-hold the bus leaves a link's backend alone:
 * each of its states is then held for as long as a test likes, and the next one may be any.
 */
#ifdef SOO_FAULTS
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <soo/fault.h>
#include <soo/vbstore.h>

static ssize_t force_write(struct file *file, const char __user *buf, size_t size, loff_t *pos)
{
	char line[2 * VBS_PATH_SIZE];
	char *value = line;
	char *path;
	int err;

	if (size >= sizeof(line))
		return -E2BIG;
	if (copy_from_user(line, buf, size))
		return -EFAULT;
	line[size] = '\0';
	path = strsep(&value, " ");
	if (!value)
		return -EINVAL;
	value[strcspn(value, "\n")] = '\0';
	err = vbs_write_now(DOMID_AGENCY, path, value);
	return err ? err : size;
}

static const struct file_operations force_fops = {
	.owner = THIS_MODULE,
	.open = nonseekable_open,
	.write = force_write,
	.llseek = no_llseek,
};

void soo_force_init(struct dentry *root)
{
	debugfs_create_file("force", 0200, root, NULL, &force_fops);
}
#endif
