/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vbs_heard.h - watches by hand. What the store tells is kept in its order, each time it is told.
 *
 * Such a watch ends with the domain: a moved ME has none until it asks again.
 */
#ifndef SOO_VBS_HEARD_H
#define SOO_VBS_HEARD_H

#include "types.h"

/* Return: 0, -ENOSPC, or what the store answers. The root, "", cannot be watched by hand. */
int vbs_listen(const char *path);
int vbs_unlisten(const char *path);

/* The oldest path that was told and not taken yet, VBS_PATH_SIZE bytes. Return: false if there is none. */
bool vbs_heard(char *path);

/* How many there was no room for, since the last call. */
u32 vbs_heard_dropped(void);

/* Called with each event as it comes, in the thread that reads the store's messages. */
void vbs_hear(const char *path);

#endif /* SOO_VBS_HEARD_H */
