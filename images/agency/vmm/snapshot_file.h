/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * snapshot_file.h - where a snapshot lies: a file that is there whole or not at all, or a block
 * device, from its beginning.
 */
#ifndef SNAPSHOT_FILE_H
#define SNAPSHOT_FILE_H

#include <stddef.h>

struct snapshot_target {
	const char *path;
	char temporary[512];	/* empty for a block device */
	int fd;
};

/* Return: 0, or -1 by fail(). One of the two others is to follow. */
int snapshot_target_open(struct snapshot_target *t, const char *path);
int snapshot_target_keep(struct snapshot_target *t);
void snapshot_target_drop(struct snapshot_target *t);

/* Of a device as much as its header says. Return: 0 with *@data to be freed, or -1 by fail(). */
int snapshot_read_file(const char *path, void **data, size_t *size);

#endif /* SNAPSHOT_FILE_H */
