/* SPDX-License-Identifier: GPL-2.0-only */
/* vbs_heard.c - watches of whoever sits at the shell, and what the store told because of them. */
#include <string.h>

#include "soo/vbs.h"
#include "soo/vbs_heard.h"

#define WATCHED_MAX	16u
#define HEARD_MAX	64u

static char watched[WATCHED_MAX][VBS_PATH_SIZE];	/* unused: empty */
static char heard[HEARD_MAX][VBS_PATH_SIZE];
static u32 first, count, dropped;

static char *find(const char *path)
{
	u32 i;

	for (i = 0; i < WATCHED_MAX; i++)
		if (!strcmp(watched[i], path))
			return watched[i];
	return NULL;
}

static bool wanted(const char *path)
{
	u32 i;

	for (i = 0; i < WATCHED_MAX; i++)
		if (watched[i][0] && vbs_covers(watched[i], path))
			return true;
	return false;
}

int vbs_listen(const char *path)
{
	char *slot;
	int err;

	if (!path[0])
		return -EINVAL;
	slot = find(path);
	if (!slot)
		slot = find("");
	if (!slot)
		return -ENOSPC;
	/* Before the store knows: the first event may overtake this thread. */
	strlcpy(slot, path, VBS_PATH_SIZE);
	err = vbs_request(VBS_WATCH, VBS_NO_TRANSACTION, path, NULL, NULL, 0);
	if (err < 0)
		slot[0] = '\0';
	return err < 0 ? err : 0;
}

int vbs_unlisten(const char *path)
{
	char *slot = path[0] ? find(path) : NULL;
	int err = vbs_request(VBS_UNWATCH, VBS_NO_TRANSACTION, path, NULL, NULL, 0);

	if (slot)
		slot[0] = '\0';
	return err < 0 ? err : 0;
}

void vbs_hear(const char *path)
{
	if (!wanted(path))
		return;
	if (count == HEARD_MAX) {
		dropped++;
		return;
	}
	strlcpy(heard[(first + count++) % HEARD_MAX], path, VBS_PATH_SIZE);
}

bool vbs_heard(char *path)
{
	if (!count)
		return false;
	strlcpy(path, heard[first], VBS_PATH_SIZE);
	first = (first + 1) % HEARD_MAX;
	count--;
	return true;
}

u32 vbs_heard_dropped(void)
{
	u32 lost = dropped;

	dropped = 0;
	return lost;
}
