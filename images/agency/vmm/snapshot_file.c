// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <abi/snapshot.h>

#include "snapshot_file.h"
#include "util.h"

static int is_block_device(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISBLK(st.st_mode);
}

/* A terminal, or the null device, would be replaced by the file. */
static int is_something_else(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

int snapshot_target_open(struct snapshot_target *t, const char *path)
{
	const char *opened = path;
	int flags = O_WRONLY | O_CLOEXEC;

	*t = (struct snapshot_target){ .path = path };
	if (!is_block_device(path)) {
		int n = snprintf(t->temporary, sizeof(t->temporary), "%s.%d", path, getpid());

		if (is_something_else(path))
			return fail("%s: neither a file nor a block device", path);
		if (n >= (int)sizeof(t->temporary))
			return fail("%s: %s", path, strerror(ENAMETOOLONG));
		opened = t->temporary;
		flags |= O_CREAT | O_EXCL;
	}
	t->fd = open(opened, flags, 0600);
	return t->fd < 0 ? fail("%s: %s", opened, strerror(errno)) : 0;
}

int snapshot_target_keep(struct snapshot_target *t)
{
	int err = 0;

	if (!t->temporary[0])
		ioctl(t->fd, BLKFLSBUF);	/* another machine may write there next */
	else if (rename(t->temporary, t->path) < 0)
		err = fail("%s: %s", t->path, strerror(errno));
	close(t->fd);
	if (err)
		unlink(t->temporary);
	return err;
}

void snapshot_target_drop(struct snapshot_target *t)
{
	if (t->temporary[0])
		unlink(t->temporary);
	close(t->fd);
}

static int read_all(int fd, char *data, size_t size)
{
	while (size) {
		ssize_t n = read(fd, data, size);

		if (n <= 0)
			return -1;
		data += n;
		size -= n;
	}
	return 0;
}

/* A device that another machine has written: nothing of it that was read before is true. */
static int read_device(int fd, const char *path, void **data, size_t *size)
{
	struct snapshot_header h;
	u64 room;

	if (ioctl(fd, BLKFLSBUF) < 0 || ioctl(fd, BLKGETSIZE64, &room) < 0)
		return fail("%s: %s", path, strerror(errno));
	if (room < sizeof(h) || read_all(fd, (char *)&h, sizeof(h)))
		return fail("%s: cannot be read", path);
	/* Of any other content the header is enough to say what is wrong. */
	*size = sizeof(h);
	if (h.signature == SOO_SIGNATURE && h.length > sizeof(h))
		*size = h.length < room ? h.length : room;
	*data = malloc(*size);
	if (!*data)
		return fail("%s: no memory for %zu bytes", path, *size);
	memcpy(*data, &h, sizeof(h));
	if (read_all(fd, (char *)*data + sizeof(h), *size - sizeof(h))) {
		free(*data);
		return fail("%s: cannot be read to its end", path);
	}
	return 0;
}

int snapshot_read_file(const char *path, void **data, size_t *size)
{
	int fd, err;

	if (!is_block_device(path))
		return read_file(path, data, size);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail("%s: %s", path, strerror(errno));
	err = read_device(fd, path, data, size);
	close(fd);
	return err;
}
