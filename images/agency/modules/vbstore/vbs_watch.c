// SPDX-License-Identifier: GPL-2.0-only
/*
 * vbs_watch.c - watches, and the transactions that decide when they are told.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <soo/events.h>
#include <soo/fault.h>
#include <soo/vbs_tree.h>
#include <soo/vbstore.h>

#define NOTES_PER_DOMAIN	128

/* One written node of an open transaction. */
struct tx_note {
	struct list_head link;
	u32 domid;
	u32 tx;
	char path[VBS_PATH_SIZE];
};

static LIST_HEAD(notes);
static unsigned int note_count[SOO_MAX_DOMAINS];
static atomic_t last_tx = ATOMIC_INIT(0);

static void free_note(struct tx_note *note)
{
	note_count[note->domid]--;
	list_del(&note->link);
	kfree(note);
}

static void tell_watchers(const char *path)
{
	struct vbs_node *node = vbs_find(path);
	struct vbs_watch *watch;

	for (; node; node = soo_fault("vbs-no-ancestor") ? NULL : node->parent) {
		list_for_each_entry(watch, &node->watches, link) {
			soo_event("watch event dom=%u path=%s", watch->domid, path);
			watch->notify(watch, path);
		}
	}
}

int vbs_tx_room(u32 domid, u32 tx)
{
	return tx != VBS_NO_TRANSACTION && note_count[domid] >= NOTES_PER_DOMAIN ? -ENOSPC : 0;
}

int vbs_tx_note(u32 domid, u32 tx, const char *path)
{
	struct tx_note *note;

	if (tx == VBS_NO_TRANSACTION) {
		if (soo_fault("vbs-tx0-wakes"))
			tell_watchers(path);
		return 0;
	}
	list_for_each_entry(note, &notes, link) {
		if (note->domid == domid && note->tx == tx && !strcmp(note->path, path))
			return 0;
	}
	if (note_count[domid] >= NOTES_PER_DOMAIN)
		return -ENOSPC;
	note = kzalloc(sizeof(*note), GFP_KERNEL);
	if (!note)
		return -ENOMEM;
	note->domid = domid;
	note->tx = tx;
	strscpy(note->path, path, sizeof(note->path));
	note_count[domid]++;
	list_add_tail(&note->link, &notes);
	return 0;
}

void vbs_tx_drop(u32 domid)
{
	struct tx_note *note, *next;

	list_for_each_entry_safe(note, next, &notes, link) {
		if (note->domid == domid)
			free_note(note);
	}
}

u32 vbs_transaction_start(void)
{
	u32 tx;

	do {
		tx = atomic_inc_return(&last_tx);
	} while (tx == VBS_NO_TRANSACTION);
	return tx;
}
EXPORT_SYMBOL_GPL(vbs_transaction_start);

static struct tx_note *next_note(u32 domid, u32 tx)
{
	struct tx_note *note;

	if (soo_fault("vbs-order-swapped")) {
		list_for_each_entry_reverse(note, &notes, link) {
			if (note->domid == domid && note->tx == tx)
				return note;
		}
		return NULL;
	}
	list_for_each_entry(note, &notes, link) {
		if (note->domid == domid && note->tx == tx)
			return note;
	}
	return NULL;
}

void vbs_transaction_end(u32 domid, u32 tx)
{
	struct tx_note *note;

	mutex_lock(&vbs_lock);
	soo_event("store txend dom=%u tx=%u", domid, tx);
	while ((note = next_note(domid, tx))) {
		tell_watchers(note->path);
		if (soo_fault("vbs-event-twice"))
			tell_watchers(note->path);
		free_note(note);
	}
	mutex_unlock(&vbs_lock);
}
EXPORT_SYMBOL_GPL(vbs_transaction_end);

int vbs_write_now(u32 domid, const char *path, const char *value)
{
	u32 tx = vbs_transaction_start();
	int err = vbs_write(domid, tx, path, value);

	vbs_transaction_end(domid, tx);
	return err;
}
EXPORT_SYMBOL_GPL(vbs_write_now);

int vbs_watch(struct vbs_watch *watch, const char *path)
{
	struct vbs_node *node;

	mutex_lock(&vbs_lock);
	node = vbs_find(path);
	if (node) {
		watch->node = node;
		list_add_tail(&watch->link, &node->watches);
		soo_event("store watch dom=%u path=%s", watch->domid, path);
	}
	mutex_unlock(&vbs_lock);
	return node ? 0 : -ENOENT;
}

/* Fill @path from its end; return where it begins. */
static const char *node_path(const struct vbs_node *node, char path[VBS_PATH_SIZE])
{
	char *start = path + VBS_PATH_SIZE - 1;

	*start = '\0';
	for (; node->parent; node = node->parent) {
		size_t len = strlen(node->name);

		if (*start)
			*--start = '/';
		start -= len;
		memcpy(start, node->name, len);
	}
	return start;
}

void vbs_unwatch(struct vbs_watch *watch)
{
	char path[VBS_PATH_SIZE];

	mutex_lock(&vbs_lock);
	if (watch->node) {
		soo_event("store unwatch dom=%u path=%s", watch->domid, node_path(watch->node, path));
		list_del(&watch->link);
		watch->node = NULL;
	}
	mutex_unlock(&vbs_lock);
}

/* The node goes: whoever watched it hears nothing more. */
void vbs_detach_watches(struct vbs_node *node)
{
	struct vbs_watch *watch, *next;

	if (soo_fault("vbs-watch-kept"))
		return;
	list_for_each_entry_safe(watch, next, &node->watches, link) {
		list_del(&watch->link);
		watch->node = NULL;
	}
}
