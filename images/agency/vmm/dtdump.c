// SPDX-License-Identifier: GPL-2.0-only
/*
 * dtdump.c - the kernel's view of its device tree, one line a node ("PATH/") and one a property
 * ("PATH/NAME HEX").
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "commands.h"
#include "util.h"

#define TREE	"/proc/device-tree"

static int dump_property(const char *path, const char *name)
{
	unsigned char *data;
	void *file;
	size_t size, i;

	if (read_file(path, &file, &size))
		return -1;
	data = file;
	printf("%s ", name);
	for (i = 0; i < size; i++)
		printf("%02x", data[i]);
	printf("\n");
	free(file);
	return 0;
}

static int dump_node(const char *dir)
{
	char path[1024];
	struct dirent *entry;
	DIR *d = opendir(dir);
	int err = 0;

	if (!d)
		return fail("%s: %s", dir, strerror(errno));
	printf("%s/\n", dir + strlen(TREE));
	while (!err && (entry = readdir(d))) {
		struct stat st;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		if (lstat(path, &st) < 0)
			err = fail("%s: %s", path, strerror(errno));
		else if (S_ISDIR(st.st_mode))
			err = dump_node(path);
		else
			err = dump_property(path, path + strlen(TREE));
	}
	closedir(d);
	return err;
}

int dtdump_main(int argc, char **argv)
{
	(void)argv;
	if (argc != 1) {
		fail("takes no arguments");
		return complain("dtdump");
	}
	return dump_node(TREE) ? complain("dtdump") : 0;
}
