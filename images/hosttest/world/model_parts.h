/* SPDX-License-Identifier: GPL-2.0-only */
/* model_parts.h - between the files of the model. */
#ifndef MODEL_PARTS_H
#define MODEL_PARTS_H

#include "model.h"

struct model_node *model_find(struct model *m, const char *path);
void model_parent(const char *path, char parent[VBS_PATH_SIZE]);

/* Return: 0, -EINVAL, -ENAMETOOLONG. */
int model_judge_path(const char *path);
bool model_owns(u32 domid, const char *path);

/* What @domid is told. One no too many is kept in soo/me/<d>/error. Return: @err. */
int model_answer(struct model *m, u32 domid, int err, const char *what);

void model_forget_watch(struct model *m, unsigned int i);

#endif /* MODEL_PARTS_H */
