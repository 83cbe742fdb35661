/* SPDX-License-Identifier: GPL-2.0-only */
/* files.c - the files that the modules make, by name. */
#include <stdlib.h>

#include <linux/debugfs.h>
#include <linux/miscdevice.h>
#include <linux/seq_file.h>

#include "machine.h"

#define FILES	24

struct dentry {
	const char *name;
	void *data;
	const struct file_operations *fops;
};

static struct dentry files[FILES];

static struct dentry *find(const char *name)
{
	int i;

	for (i = 0; i < FILES; i++) {
		if (files[i].name && !strcmp(files[i].name, name))
			return &files[i];
	}
	return NULL;
}

static struct dentry *add(const char *name, void *data, const struct file_operations *fops)
{
	int i;

	host_check(!find(name), "there is a file %s already", name);
	for (i = 0; i < FILES && files[i].name; i++)
		;
	host_check(i < FILES, "more than %d files", FILES);
	files[i] = (struct dentry){ name, data, fops };
	return &files[i];
}

struct dentry *debugfs_create_dir(const char *name, struct dentry *parent)
{
	return NULL;
}

struct dentry *debugfs_create_file(const char *name, umode_t mode, struct dentry *parent, void *data,
				   const struct file_operations *fops)
{
	return add(name, data, fops);
}

void debugfs_remove(struct dentry *dentry)
{
	*dentry = (struct dentry){ NULL };
}

void debugfs_remove_recursive(struct dentry *dentry)
{
	memset(files, 0, sizeof(files));
}

int misc_register(struct miscdevice *misc)
{
	add(misc->nodename, misc, misc->fops);
	return 0;
}

void misc_deregister(struct miscdevice *misc)
{
	struct dentry *d = find(misc->nodename);

	if (d)
		debugfs_remove(d);
}

char *machine_view(const char *name)
{
	struct dentry *d = find(name);
	struct seq_file m = { NULL };

	if (!d || !d->fops->host_show)
		return NULL;
	m.private = d->data;
	d->fops->host_show(&m, NULL);
	if (!m.text)
		m.text = calloc(1, 1);
	return m.text;
}

void machine_view_free(char *text)
{
	free(text);
}

bool machine_open(const char *name, unsigned int mode, unsigned int flags, struct file *file)
{
	struct dentry *d = find(name);

	if (!d)
		return false;
	*file = (struct file){ .private_data = d->data, .f_mode = mode, .f_flags = flags };
	return !d->fops->open || !d->fops->open(NULL, file);
}

ssize_t machine_read(const char *name, struct file *file, char *buf, size_t size)
{
	return find(name)->fops->read(file, buf, size, NULL);
}

ssize_t machine_write(const char *name, struct file *file, const char *buf, size_t size)
{
	return find(name)->fops->write(file, buf, size, NULL);
}

void machine_close(const char *name, struct file *file)
{
	struct dentry *d = find(name);

	if (d && d->fops->release)
		d->fops->release(NULL, file);
}
