// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "port.h"
#include "util.h"

#define PORTS	"/sys/class/virtio-ports"

static int has_name(const char *entry, const char *name)
{
	char path[512], line[64] = "";
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s/name", PORTS, entry);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);
	line[strcspn(line, "\n")] = '\0';
	return !strcmp(line, name);
}

int port_open(const char *name)
{
	struct dirent *entry;
	char path[512] = "";
	DIR *d = opendir(PORTS);
	int fd;

	if (!d)
		return fail("%s: %s", PORTS, strerror(errno));
	while (!path[0] && (entry = readdir(d))) {
		if (has_name(entry->d_name, name))
			snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
	}
	closedir(d);
	if (!path[0])
		return fail("the machine has no port %s", name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	return fd < 0 ? fail("%s (port %s): %s", path, name, strerror(errno)) : fd;
}
