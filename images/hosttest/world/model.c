/* SPDX-License-Identifier: GPL-2.0-only */
/* model.c - the store as a list of paths. Nothing of it is taken from the store's own code. */
#include <linux/slab.h>

#include <abi/limits.h>

#include "model_parts.h"
#include "world.h"

struct model_node *model_find(struct model *m, const char *path)
{
	unsigned int i;

	for (i = 0; i < m->nr_nodes; i++) {
		if (!strcmp(m->nodes[i].path, path))
			return &m->nodes[i];
	}
	return NULL;
}

/* Is @path @dir or below? */
static bool below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return !n || (!strncmp(path, dir, n) && (!path[n] || path[n] == '/'));
}

void model_parent(const char *path, char parent[VBS_PATH_SIZE])
{
	memmove(parent, path, strlen(path) + 1);
	*(strrchr(parent, '/') ? strrchr(parent, '/') : parent) = '\0';
}

int model_judge_path(const char *path)
{
	static const char good[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.,/";
	size_t n = strlen(path);

	if (n > 49)
		return -ENAMETOOLONG;
	if (strspn(path, good) != n || strstr(path, "..") || strstr(path, "//"))
		return -EINVAL;
	return n && (path[0] == '/' || path[n - 1] == '/') ? -EINVAL : 0;
}

bool model_owns(u32 domid, const char *path)
{
	char part[3][VBS_PATH_SIZE] = { "", "", "" };
	char own[12];

	if (!domid)
		return true;
	snprintf(own, sizeof(own), "%u", domid);
	sscanf(path, "%49[^/]/%49[^/]/%49[^/]", part[0], part[1], part[2]);
	if (!strcmp(part[0], "device"))
		return !strcmp(part[1], own);
	if (!strcmp(part[0], "soo"))
		return !strcmp(part[1], "me") && !strcmp(part[2], own);
	return !strcmp(part[0], "backend") && !strcmp(part[2], own);
}

static void add(struct model *m, u32 owner, const char *path, const char *value)
{
	struct model_node *n = &m->nodes[m->nr_nodes++];

	host_check(m->nr_nodes < MODEL_NODES, "the model is too small");
	*n = (struct model_node){ .owner = owner };
	strcpy(n->path, path);
	n->value = value ? host_strdup(value) : NULL;
}

static void remove_at(struct model *m, unsigned int i)
{
	unsigned int w;

	for (w = 0; w < m->nr_watches; w++) {
		if (!strcmp(m->watches[w].path, m->nodes[i].path))
			m->watches[w].alive = false;
	}
	host_free(m->nodes[i].value);
	memmove(&m->nodes[i], &m->nodes[i + 1], (m->nr_nodes - i - 1) * sizeof(m->nodes[0]));
	m->nr_nodes--;
}

static void remove_below(struct model *m, const char *path)
{
	unsigned int i;

	for (i = m->nr_nodes; i-- > 0; ) {
		if (below(m->nodes[i].path, path))
			remove_at(m, i);
	}
}

/* The no that makes the number full is kept in soo/me/<d>/error. */
int model_answer(struct model *m, u32 domid, int err, const char *what)
{
	char path[VBS_PATH_SIZE], text[64];

	if (!domid || err >= 0 || err == -ENOENT || err == -EEXIST || ++m->refused[domid] != SOO_REFUSALS_TOLD)
		return err;
	snprintf(path, sizeof(path), "soo/me/%u", domid);
	if (!model_find(m, path))
		add(m, DOMID_AGENCY, path, NULL);
	snprintf(path, sizeof(path), "soo/me/%u/error", domid);
	snprintf(text, sizeof(text), "refused: %s (%d)", what, err);
	add(m, DOMID_AGENCY, path, text);
	return err;
}

static unsigned int notes_of(const struct model *m, u32 domid)
{
	unsigned int i, n = 0;

	for (i = 0; i < m->nr_notes; i++)
		n += m->notes[i].domid == domid;
	return n;
}

static int note(struct model *m, u32 domid, u32 tx, const char *path)
{
	unsigned int i;

	for (i = 0; tx && i < m->nr_notes; i++) {
		if (m->notes[i].domid == domid && m->notes[i].tx == tx && !strcmp(m->notes[i].path, path))
			return 0;
	}
	if (!tx)
		return 0;
	host_check(m->nr_notes < MODEL_NOTES, "the model is too small");
	m->notes[m->nr_notes] = (struct model_note){ .domid = domid, .tx = tx };
	strcpy(m->notes[m->nr_notes++].path, path);
	return 0;
}

static int may_add(struct model *m, u32 domid, const char *path)
{
	char parent[VBS_PATH_SIZE];
	unsigned int i, n = 0;

	model_parent(path, parent);
	if (*parent && !model_find(m, parent))
		return -ENOENT;
	if (*parent && model_find(m, parent)->value)
		return -ENOTDIR;
	for (i = 0; i < m->nr_nodes; i++)
		n += m->nodes[i].owner == domid;
	return domid && n >= SOO_MAX_NODES ? -ENOSPC : 0;
}

static int tx_room(const struct model *m, u32 domid, u32 tx)
{
	return tx && notes_of(m, domid) >= 128 ? -ENOSPC : 0;
}

static int make(struct model *m, u32 domid, u32 tx, const char *path, const char *value)
{
	char parent[VBS_PATH_SIZE];
	int err = may_add(m, domid, path);

	if (err)
		return err;
	add(m, domid, path, value);
	model_parent(path, parent);
	return note(m, domid, tx, parent);
}

/* The reason why an ME was refused something is the agency's, and so is its place. */
static bool is_reason(u32 domid, const char *path)
{
	char reason[VBS_PATH_SIZE];

	snprintf(reason, sizeof(reason), "soo/me/%u/error", domid);
	return domid && !strcmp(path, reason);
}

static int try_mkdir(struct model *m, u32 domid, u32 tx, const char *path)
{
	int err = model_judge_path(path);

	if (err)
		return err;
	if (is_reason(domid, path))
		return -EPERM;
	if (!model_owns(domid, path))
		return -EACCES;
	if (!*path || model_find(m, path))
		return -EEXIST;
	err = tx_room(m, domid, tx);
	return err ? err : make(m, domid, tx, path, NULL);
}

int model_mkdir(struct model *m, u32 domid, u32 tx, const char *path)
{
	return model_answer(m, domid, try_mkdir(m, domid, tx, path), "mkdir");
}

static size_t bytes_of(const struct model *m, u32 domid)
{
	size_t n = 0;
	unsigned int i;

	for (i = 0; i < m->nr_nodes; i++) {
		if (m->nodes[i].owner == domid && m->nodes[i].value)
			n += strlen(m->nodes[i].value) + 1;
	}
	return n;
}

static int try_write(struct model *m, u32 domid, u32 tx, const char *path, const char *value)
{
	char reason[VBS_PATH_SIZE];
	struct model_node *n;
	size_t before;
	int err = model_judge_path(path);

	if (err)
		return err;
	snprintf(reason, sizeof(reason), "soo/me/%u", domid);
	if (is_reason(domid, path) || (domid && !strcmp(path, reason)))
		return -EPERM;
	if (!*path || strlen(value) >= VBS_VALUE_SIZE)
		return -EINVAL;
	if (!model_owns(domid, path))
		return -EACCES;
	n = model_find(m, path);
	if (n && !n->value)
		return -EISDIR;
	before = n ? strlen(n->value) + 1 : 0;
	if (domid && bytes_of(m, n ? n->owner : domid) - before + strlen(value) + 1 > SOO_MAX_STORE_BYTES)
		return -ENOSPC;
	err = tx_room(m, domid, tx);
	if (err || !n)
		return err ? err : make(m, domid, tx, path, value);
	host_free(n->value);
	n->value = host_strdup(value);
	return note(m, domid, tx, path);
}

int model_write(struct model *m, u32 domid, u32 tx, const char *path, const char *value)
{
	return model_answer(m, domid, try_write(m, domid, tx, path, value), "write");
}

static int try_rm(struct model *m, u32 domid, const char *path)
{
	char reason[VBS_PATH_SIZE];
	int err = model_judge_path(path);

	if (err)
		return err;
	snprintf(reason, sizeof(reason), "soo/me/%u/error", domid);
	if (domid && *path && below(reason, path) && model_find(m, reason))
		return -EPERM;
	if (!*path)
		return -EINVAL;
	if (!model_owns(domid, path))
		return -EACCES;
	if (!model_find(m, path))
		return -ENOENT;
	remove_below(m, path);
	return 0;
}

int model_rm(struct model *m, u32 domid, u32 tx, const char *path)
{
	return model_answer(m, domid, try_rm(m, domid, path), "rm");
}

int model_exists(struct model *m, u32 domid, const char *path)
{
	int err = domid ? model_answer(m, domid, model_judge_path(path), "exists") : 0;

	return err ? err : !*path || model_find(m, path);
}

int model_read(struct model *m, u32 domid, const char *path, char *out)
{
	int err = model_answer(m, domid, model_judge_path(path), "read");
	struct model_node *n = model_find(m, path);

	strcpy(out, n && n->value ? n->value : "");
	return err ? err : (int)strlen(out) + 1;
}

int model_directory(struct model *m, u32 domid, const char *path, char *out)
{
	int err = model_answer(m, domid, model_judge_path(path), "directory");
	char parent[VBS_PATH_SIZE];
	size_t n = 0;
	unsigned int i;

	for (i = 0; !err && i < m->nr_nodes; i++) {
		const char *name = m->nodes[i].path + (*path ? strlen(path) + 1 : 0);

		model_parent(m->nodes[i].path, parent);
		if (strcmp(parent, path))
			continue;
		if (n + strlen(name) + 1 > VBS_MSG_MAX_PAYLOAD)
			return model_answer(m, domid, -ERANGE, "directory");
		strcpy(out + n, name);
		n += strlen(name) + 1;
	}
	return err ? err : (int)n;
}

void model_renew(struct model *m, u32 domid)
{
	char path[VBS_PATH_SIZE], type[VBS_PATH_SIZE], value[16];
	unsigned int i;
	u32 d;

	for (i = m->nr_nodes; i-- > 0; ) {
		if (sscanf(m->nodes[i].path, "backend/%49[^/]/%u", type, &d) == 2 && d == domid)
			remove_at(m, i);
	}
	snprintf(path, sizeof(path), "device/%u", domid);
	remove_below(m, path);
	snprintf(path, sizeof(path), "soo/me/%u", domid);
	remove_below(m, path);
	snprintf(path, sizeof(path), "soo/directcomm/%u/event-channel", domid);
	remove_below(m, path);
	for (i = m->nr_notes; i-- > 0; ) {
		if (m->notes[i].domid == domid) {
			memmove(&m->notes[i], &m->notes[i + 1], (m->nr_notes - i - 1) * sizeof(m->notes[0]));
			m->nr_notes--;
		}
	}
	for (i = m->nr_watches; i-- > 0; ) {
		if (m->watches[i].domid == domid)
			model_forget_watch(m, i);
	}
	m->refused[domid] = 0;
	/* Which channel it got is not the store's affair. */
	vbs_read(path, value, sizeof(value));
	add(m, DOMID_AGENCY, path, value);
}
