// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

static char reason[256];

int fail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	return -1;
}

const char *failure(void)
{
	return reason;
}

int complain(const char *command)
{
	printf("%s: %s\n", command, reason);
	return 1;
}

int core_open(void)
{
	int fd = open(SOO_CORE_PATH, O_RDWR | O_CLOEXEC);

	return fd < 0 ? fail("%s: %s", SOO_CORE_PATH, strerror(errno)) : fd;
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

int read_file(const char *path, void **data, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	int err = -1;

	if (fd < 0)
		return errno == ENOENT ? fail("%s not found.", path) : fail("%s: %s", path, strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		fail("%s: not a file", path);
		goto close_file;
	}
	*data = malloc(st.st_size ? st.st_size : 1);
	if (!*data) {
		fail("%s: no memory for %lld bytes", path, (long long)st.st_size);
		goto close_file;
	}
	if (read_all(fd, *data, st.st_size)) {
		free(*data);
		fail("%s: cannot be read to its end", path);
		goto close_file;
	}
	*size = st.st_size;
	err = 0;

close_file:
	close(fd);
	return err;
}

int write_all(int fd, const void *data, size_t size)
{
	const char *at = data;

	while (size) {
		ssize_t n = write(fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = ENOSPC;
		if (n <= 0)
			return -1;
		at += n;
		size -= n;
	}
	return 0;
}

int slot_of(const char *text)
{
	char *end;
	long k = strtol(text, &end, 10);

	if (*text == '\0' || *end || k < 1 || k > (long)SOO_MAX_ME)
		return fail("%s: an ME has a number from 1 to %u", text, SOO_MAX_ME);
	return k + 1;
}
