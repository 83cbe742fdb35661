/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * model.h - what the store is to do, said once more and as simply as can be: a list of paths.
 */
#ifndef MODEL_H
#define MODEL_H

#include <soo/vbstore.h>

#define MODEL_NODES	1024
#define MODEL_WATCHES	256
#define MODEL_NOTES	512
#define MODEL_EVENTS	512

struct model_node {
	char path[VBS_PATH_SIZE];
	char *value;			/* NULL: a directory */
	u32 owner;
};

/* A watch of an ME stays in its list when its node goes, until the next one is asked for. */
struct model_watch {
	char path[VBS_PATH_SIZE];
	u32 domid;
	bool alive;
};

struct model_note {
	char path[VBS_PATH_SIZE];
	u32 domid;
	u32 tx;
};

struct model_event {
	char path[VBS_PATH_SIZE];
	u32 domid;
};

struct model {
	struct model_node nodes[MODEL_NODES];	/* in the order of their making */
	struct model_watch watches[MODEL_WATCHES];
	struct model_note notes[MODEL_NOTES];
	struct model_event events[MODEL_EVENTS];	/* that the last call told */
	unsigned int nr_nodes, nr_watches, nr_notes, nr_events;
	unsigned int refused[SOO_MAX_DOMAINS];	/* how often was an ME told no? */
};

/* Take the tree that the agency has made at start for given. */
void model_init(struct model *m);

/* All return what the store's call of that name is to return. @domid asks, through its page unless it is 0. */
int model_mkdir(struct model *m, u32 domid, u32 tx, const char *path);
int model_write(struct model *m, u32 domid, u32 tx, const char *path, const char *value);
int model_rm(struct model *m, u32 domid, u32 tx, const char *path);
int model_watch(struct model *m, u32 domid, const char *path);
int model_unwatch(struct model *m, u32 domid, const char *path);
int model_txend(struct model *m, u32 domid, u32 tx);
int model_exists(struct model *m, u32 domid, const char *path);

/* Return: bytes of the reply, in @out. */
int model_read(struct model *m, u32 domid, const char *path, char *out);
int model_directory(struct model *m, u32 domid, const char *path, char *out);

/* ME @domid has ended, and another one has begun in its place. */
void model_renew(struct model *m, u32 domid);

/* Is the store's own view the model's? A difference is a finding. */
void model_compare(const struct model *m);

#endif /* MODEL_H */
