// SPDX-License-Identifier: GPL-2.0-only
/*
 * vbstorage.c - the tree of the store.
 */
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <abi/limits.h>
#include <soo/events.h>
#include <soo/fault.h>
#include <soo/vbs_tree.h>
#include <soo/vbstore.h>

DEFINE_MUTEX(vbs_lock);

static struct vbs_node root = {
	.name = "",
	.children = LIST_HEAD_INIT(root.children),
	.watches = LIST_HEAD_INIT(root.watches),
};
static unsigned int node_count[SOO_MAX_DOMAINS];
static unsigned int byte_count[SOO_MAX_DOMAINS];	/* of values, each with its NUL */

static struct vbs_node *find_child(struct vbs_node *node, const char *name, size_t len)
{
	struct vbs_node *child;

	list_for_each_entry(child, &node->children, link) {
		if (!strncmp(child->name, name, len) && child->name[len] == '\0')
			return child;
	}
	return NULL;
}

static struct vbs_node *find_len(const char *path, size_t len)
{
	struct vbs_node *node = &root;
	const char *end = path + len;

	while (node && path < end) {
		const char *slash = memchr(path, '/', end - path);
		size_t part = (slash ? slash : end) - path;

		node = find_child(node, path, part);
		path += part + 1;
	}
	return node;
}

struct vbs_node *vbs_find(const char *path)
{
	return find_len(path, strlen(path));
}

static size_t parent_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash - path : 0;
}

static int add_node(u32 domid, const char *path, struct vbs_node **ret)
{
	size_t len = parent_len(path);
	struct vbs_node *parent = find_len(path, len);
	struct vbs_node *node;

	if (!parent)
		return -ENOENT;
	if (parent->value)
		return -ENOTDIR;
	if (domid != DOMID_AGENCY && node_count[domid] >= SOO_MAX_NODES)
		return -ENOSPC;
	node = kzalloc(sizeof(*node), GFP_KERNEL);
	if (!node)
		return -ENOMEM;
	node->name = kstrdup(path + (len ? len + 1 : 0), GFP_KERNEL);
	if (!node->name) {
		kfree(node);
		return -ENOMEM;
	}
	node->owner = domid;
	node->parent = parent;
	INIT_LIST_HEAD(&node->children);
	INIT_LIST_HEAD(&node->watches);
	list_add_tail(&node->link, &parent->children);
	node_count[domid]++;
	*ret = node;
	return 0;
}

static unsigned int value_bytes(const char *value)
{
	return value ? strlen(value) + 1 : 0;
}

/* Leaves first; no deeper than a path has parts. */
static void remove_node(struct vbs_node *node)
{
	struct vbs_node *child, *next;

	list_for_each_entry_safe(child, next, &node->children, link)
		remove_node(child);
	vbs_detach_watches(node);
	list_del(&node->link);
	node_count[node->owner]--;
	byte_count[node->owner] -= value_bytes(node->value);
	kfree(node->value);
	kfree(node->name);
	kfree(node);
}

/* The making of @path is a write of its parent. */
static int note_creation(u32 domid, u32 tx, const char *path)
{
	char parent[VBS_PATH_SIZE];

	strscpy(parent, path, sizeof(parent));
	parent[parent_len(path)] = '\0';
	return vbs_tx_note(domid, tx, parent);
}

int vbs_mkdir(u32 domid, u32 tx, const char *path)
{
	struct vbs_node *node;
	int err;

	err = vbs_check_path(path);
	if (err)
		return err;
	if (!vbs_may_write(domid, path))
		return -EACCES;
	mutex_lock(&vbs_lock);
	err = vbs_find(path) ? -EEXIST : vbs_tx_room(domid, tx);
	if (!err)
		err = add_node(domid, path, &node);
	if (!err) {
		soo_event("store mkdir dom=%u tx=%u path=%s", domid, tx, path);
		err = note_creation(domid, tx, path);
	}
	mutex_unlock(&vbs_lock);
	return err;
}

/* Counted for the node's owner, whoever writes; the agency is not refused. */
static int check_room(u32 domid, u32 tx, const struct vbs_node *node, const char *value)
{
	u32 owner = node ? node->owner : domid;
	unsigned int before = node ? value_bytes(node->value) : 0;

	if (node && !node->value)
		return -EISDIR;
	if (domid != DOMID_AGENCY && byte_count[owner] - before + value_bytes(value) > SOO_MAX_STORE_BYTES)
		return -ENOSPC;
	return vbs_tx_room(domid, tx);
}

static int write_locked(u32 domid, u32 tx, const char *path, char **copy)
{
	struct vbs_node *node = vbs_find(path);
	bool is_new = !node;
	int err;

	err = check_room(domid, tx, node, *copy);
	if (!err && is_new)
		err = add_node(domid, path, &node);
	if (err)
		return err;
	byte_count[node->owner] += value_bytes(*copy) - value_bytes(node->value);
	swap(node->value, *copy);
	soo_event_text("val", node->value, "store write dom=%u tx=%u path=%s", domid, tx, path);
	return is_new ? note_creation(domid, tx, path) : vbs_tx_note(domid, tx, path);
}

int vbs_write(u32 domid, u32 tx, const char *path, const char *value)
{
	char *copy;
	int err;

	err = vbs_check_path(path);
	if (err)
		return err;
	if (!*path || strlen(value) >= VBS_VALUE_SIZE)
		return -EINVAL;
	if (!vbs_may_write(domid, path))
		return -EACCES;
	copy = kstrdup(value, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	mutex_lock(&vbs_lock);
	err = write_locked(domid, tx, path, &copy);
	mutex_unlock(&vbs_lock);
	kfree(copy);	/* the old value, or the new one if it was refused */
	return err;
}
EXPORT_SYMBOL_GPL(vbs_write);

int vbs_rm(u32 domid, u32 tx, const char *path)
{
	struct vbs_node *node;
	int err;

	err = vbs_check_path(path);
	if (err)
		return err;
	if (!*path)
		return -EINVAL;
	if (!vbs_may_write(domid, path))
		return -EACCES;
	mutex_lock(&vbs_lock);
	node = vbs_find(path);
	if (node) {
		remove_node(node);
		soo_event("store rm dom=%u tx=%u path=%s", domid, tx, path);
	} else {
		err = -ENOENT;
	}
	mutex_unlock(&vbs_lock);
	return err;
}

int vbs_read(const char *path, char *value, size_t size)
{
	const struct vbs_node *node;
	int len;

	mutex_lock(&vbs_lock);
	node = vbs_find(path);
	if (!node)
		len = -ENOENT;
	else
		len = strscpy(value, node->value ? node->value : "", size);
	mutex_unlock(&vbs_lock);
	return len == -E2BIG ? -ERANGE : len;
}
EXPORT_SYMBOL_GPL(vbs_read);

int vbs_read_u32(const char *path, u32 *value)
{
	char text[16];
	int len = vbs_read(path, text, sizeof(text));

	if (len < 0)
		return len == -ERANGE ? -EINVAL : len;
	return kstrtou32(text, 10, value) ? -EINVAL : 0;
}
EXPORT_SYMBOL_GPL(vbs_read_u32);

bool vbs_exists(const char *path)
{
	bool found;

	mutex_lock(&vbs_lock);
	found = vbs_find(path) != NULL;
	mutex_unlock(&vbs_lock);
	return found;
}

int vbs_directory(const char *path, char *names, size_t size)
{
	const struct vbs_node *node, *child;
	int len = 0;

	mutex_lock(&vbs_lock);
	node = vbs_find(path);
	if (!node) {
		len = -ENOENT;
		goto unlock;
	}
	list_for_each_entry(child, &node->children, link) {
		size_t n = strlen(child->name) + 1;

		if (len + n > size) {
			len = -ERANGE;
			goto unlock;
		}
		memcpy(names + len, child->name, n);
		len += n;
	}

unlock:
	mutex_unlock(&vbs_lock);
	return len;
}

static void rm_quietly(const char *path)
{
	int err = vbs_rm(DOMID_AGENCY, VBS_NO_TRANSACTION, path);

	WARN_ON_ONCE(err && err != -ENOENT);
}

void vbs_remove_domain(u32 domid)
{
	char types[512];
	char path[VBS_PATH_SIZE];
	int len = vbs_directory("backend", types, sizeof(types));
	char *type;

	for (type = types; type < types + len; type += strlen(type) + 1) {
		snprintf(path, sizeof(path), "backend/%s/%u", type, domid);
		rm_quietly(path);
	}
	snprintf(path, sizeof(path), "device/%u", domid);
	rm_quietly(path);
	snprintf(path, sizeof(path), "soo/me/%u", domid);
	rm_quietly(path);
	snprintf(path, sizeof(path), "soo/directcomm/%u/event-channel", domid);
	rm_quietly(path);
	mutex_lock(&vbs_lock);
	vbs_tx_drop(domid);
	mutex_unlock(&vbs_lock);
}

static void show_node(struct seq_file *m, const struct vbs_node *node, const char *prefix)
{
	const struct vbs_node *child;
	char path[VBS_PATH_SIZE + 1];

	list_for_each_entry(child, &node->children, link) {
		const char *c;

		snprintf(path, sizeof(path), "%s/%s", prefix, child->name);
		seq_puts(m, path);
		if (child->value)
			seq_puts(m, " = ");
		for (c = child->value ? child->value : ""; *c; c++) {
			if (*c > ' ' && *c < 0x7f && *c != '%')
				seq_putc(m, *c);
			else
				seq_printf(m, "%%%02x", (unsigned char)*c);
		}
		seq_putc(m, '\n');
		show_node(m, child, path);
	}
}

void vbs_usage(u32 domid, unsigned int *nodes, unsigned int *bytes)
{
	mutex_lock(&vbs_lock);
	*nodes = node_count[domid];
	*bytes = byte_count[domid];
	mutex_unlock(&vbs_lock);
}

void vbs_show(struct seq_file *m)
{
	mutex_lock(&vbs_lock);
	show_node(m, &root, "");
	mutex_unlock(&vbs_lock);
}

void vbstore_exit(void)
{
	struct vbs_node *child, *next;

	mutex_lock(&vbs_lock);
	list_for_each_entry_safe(child, next, &root.children, link)
		remove_node(child);
	vbs_tx_drop(DOMID_AGENCY);
	mutex_unlock(&vbs_lock);
}
