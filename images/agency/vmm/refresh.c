// SPDX-License-Identifier: GPL-2.0-only
/*
 * refresh.c - refresh SECONDS HEX: what a machine that goes on from a template must not share with the
 * others: the time (since 1970) and the state of the random number generator.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "util.h"

#define SEED_SIZE	32

struct pool {
	struct rand_pool_info info;
	unsigned char bytes[SEED_SIZE];
};

static int parse_seed(const char *hex, struct pool *pool)
{
	char digits[3] = "";
	char *end;
	int i;

	if (strlen(hex) != 2 * SEED_SIZE)
		return fail("the seed has %zu digits, not %d", strlen(hex), 2 * SEED_SIZE);
	for (i = 0; i < SEED_SIZE; i++) {
		memcpy(digits, hex + 2 * i, 2);
		pool->bytes[i] = strtoul(digits, &end, 16);
		if (*end)
			return fail("the seed is not hexadecimal");
	}
	pool->info.entropy_count = 8 * SEED_SIZE;
	pool->info.buf_size = SEED_SIZE;
	return 0;
}

/* Seconds with up to nine decimals. */
static int parse_time(const char *text, struct timespec *time)
{
	long unit = 100 * 1000 * 1000;
	char *end;

	time->tv_sec = strtoll(text, &end, 10);
	time->tv_nsec = 0;
	if (*end == '.') {
		for (end++; *end >= '0' && *end <= '9'; end++, unit /= 10)
			time->tv_nsec += (*end - '0') * unit;
	}
	return *end || time->tv_sec <= 0 ? fail("'%s' is no time", text) : 0;
}

/* The new entropy counts at once, not only when the generator would look for some. */
static int reseed(const struct pool *pool)
{
	int fd = open("/dev/random", O_RDWR | O_CLOEXEC);
	int ret = 0;

	if (fd < 0)
		return fail("/dev/random: %s", strerror(errno));
	if (ioctl(fd, RNDADDENTROPY, pool) < 0 || ioctl(fd, RNDRESEEDCRNG) < 0)
		ret = fail("/dev/random: %s", strerror(errno));
	close(fd);
	return ret;
}

int refresh(int argc, char **argv)
{
	struct timespec now;
	struct pool pool;

	if (argc != 3)
		return fail("wants seconds and %d hexadecimal digits", 2 * SEED_SIZE);
	if (parse_time(argv[1], &now))
		return -1;
	if (parse_seed(argv[2], &pool) || reseed(&pool))
		return -1;
	return clock_settime(CLOCK_REALTIME, &now) < 0 ? fail("clock: %s", strerror(errno)) : 0;
}

int refresh_main(int argc, char **argv)
{
	return refresh(argc, argv) ? complain("refresh") : 0;
}
