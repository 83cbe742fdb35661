/* SPDX-License-Identifier: GPL-2.0-only */
/* model_watch.c - watches and transactions of the model. */
#include <linux/kernel.h>

#include <abi/limits.h>

#include "model_parts.h"

void model_forget_watch(struct model *m, unsigned int i)
{
	memmove(&m->watches[i], &m->watches[i + 1], (m->nr_watches - i - 1) * sizeof(m->watches[0]));
	m->nr_watches--;
}

static int find_watch(const struct model *m, u32 domid, const char *path)
{
	unsigned int i;

	for (i = 0; i < m->nr_watches; i++) {
		if (m->watches[i].domid == domid && !strcmp(m->watches[i].path, path))
			return i;
	}
	return -1;
}

static int may_watch(struct model *m, u32 domid, const char *path)
{
	unsigned int i, n = 0;

	for (i = m->nr_watches; i-- > 0; ) {
		if (m->watches[i].domid == domid && !m->watches[i].alive)
			model_forget_watch(m, i);
	}
	for (i = 0; i < m->nr_watches; i++)
		n += m->watches[i].domid == domid;
	if (n >= SOO_MAX_WATCHES)
		return -ENOSPC;
	return find_watch(m, domid, path) < 0 ? 0 : -EEXIST;
}

static int try_watch(struct model *m, u32 domid, const char *path)
{
	int err = model_judge_path(path);

	if (!err && domid)
		err = may_watch(m, domid, path);
	if (err)
		return err;
	if (*path && !model_find(m, path))
		return -ENOENT;
	host_check(m->nr_watches < MODEL_WATCHES, "the model is too small");
	m->watches[m->nr_watches] = (struct model_watch){ .domid = domid, .alive = true };
	strcpy(m->watches[m->nr_watches++].path, path);
	return 0;
}

int model_watch(struct model *m, u32 domid, const char *path)
{
	return model_answer(m, domid, try_watch(m, domid, path), "watch");
}

static int try_unwatch(struct model *m, u32 domid, const char *path)
{
	int err = model_judge_path(path);
	int i = find_watch(m, domid, path);

	if (err)
		return err;
	if (i < 0)
		return -ENOENT;
	model_forget_watch(m, i);
	return 0;
}

int model_unwatch(struct model *m, u32 domid, const char *path)
{
	return model_answer(m, domid, try_unwatch(m, domid, path), "unwatch");
}

static void tell(struct model *m, u32 domid, const char *path)
{
	unsigned int i;

	/* To an ME an event that waits says it all; each watch of the agency is called. */
	for (i = 0; domid && i < m->nr_events; i++) {
		if (m->events[i].domid == domid && !strcmp(m->events[i].path, path))
			return;
	}
	host_check(m->nr_events < MODEL_EVENTS, "the model is too small");
	m->events[m->nr_events] = (struct model_event){ .domid = domid };
	strcpy(m->events[m->nr_events++].path, path);
}

/* The node's watches before its parent's, each in the order of their making. */
static void tell_all(struct model *m, const char *path)
{
	char at[VBS_PATH_SIZE];
	unsigned int i;

	if (*path && !model_find(m, path))
		return;
	strcpy(at, path);
	for (;;) {
		for (i = 0; i < m->nr_watches; i++) {
			if (m->watches[i].alive && !strcmp(m->watches[i].path, at))
				tell(m, m->watches[i].domid, path);
		}
		if (!*at)
			return;
		model_parent(at, at);
	}
}

int model_txend(struct model *m, u32 domid, u32 tx)
{
	unsigned int i = 0;

	while (i < m->nr_notes) {
		struct model_note *n = &m->notes[i];

		if (n->domid != domid || n->tx != tx) {
			i++;
			continue;
		}
		tell_all(m, n->path);
		memmove(n, n + 1, (m->nr_notes - i - 1) * sizeof(*n));
		m->nr_notes--;
	}
	return 0;
}
