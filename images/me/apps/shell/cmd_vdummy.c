/* SPDX-License-Identifier: GPL-2.0-only */
/* cmd_vdummy.c - send: traffic over vdummy. */
#include <string.h>

#include "printk.h"
#include "shell.h"
#include "soo/vdummy.h"

#define COUNT_MAX	1000000000ul
#define WINDOW_MAX	64u
#define EVERY_MAX	1000u	/* ms; below the silence that means a loss */
#define SEED_MAX	0xfffffffful

static const char *const patterns[] = {
	[VDUMMY_SEQ] = "seq", [VDUMMY_ZERO] = "zero", [VDUMMY_ONES] = "ones", [VDUMMY_RANDOM] = "random",
};

static bool parse_pattern(const char *text, enum vdummy_pattern *ret)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(patterns); i++) {
		if (!strcmp(text, patterns[i])) {
			*ret = i;
			return true;
		}
	}
	return false;
}

static bool parse_option(const char *arg, struct vdummy_run *run)
{
	const char *value = strchr(arg, '=');
	size_t len;
	u64 n;

	if (!value)
		return false;
	len = (size_t)(++value - arg);
	if (!strncmp(arg, "pattern=", len))
		return parse_pattern(value, &run->pattern);
	if (!strncmp(arg, "device=", len))
		return !strcmp(value, VDUMMY_NAME);
	if (!strncmp(arg, "count=", len))
		return shell_number(value, 1, COUNT_MAX, &run->count);
	if (!strncmp(arg, "every=", len))
		return shell_number(value, 0, EVERY_MAX, &run->every);
	if (!strncmp(arg, "seed=", len))
		return shell_number(value, 0, SEED_MAX, &run->seed);
	if (!strncmp(arg, "size=", len) && shell_number(value, 1, VDUMMY_PACKET_SIZE, &n)) {
		run->size = (u32)n;
		return true;
	}
	if (!strncmp(arg, "window=", len) && shell_number(value, 1, WINDOW_MAX, &n)) {
		run->window = (u32)n;
		return true;
	}
	return false;
}

static int cmd_send(int argc, char **argv)
{
	struct vdummy_run run = { .count = 1, .size = VDUMMY_PACKET_SIZE, .window = 1, .seed = 1 };
	vdummy_priv_t *priv = vdummy_get();
	struct vdummy_result r;
	int err, i;

	for (i = 1; i < argc; i++) {
		if (!parse_option(argv[i], &run)) {
			printf("usage: send count=1.. size=1..32 window=1..64 every=MS "
			       "pattern=seq|zero|ones|random seed=N device=vdummy; not \"%s\"\n", argv[i]);
			return SHELL_USAGE;
		}
	}
	err = priv ? vdummy_traffic(priv, &run, &r) : -ENODEV;
	if (err) {
		printf("send: vdummy is not connected: error %d\n", err);
		return SHELL_FAILED;
	}
	printf("vdummy: sent=%lu received=%lu lost=%lu doubled=%lu reordered=%lu corrupt=%lu early=%lu full=%lu "
	       "ms=%lu\n", r.sent, r.received, r.lost, r.doubled, r.reordered, r.corrupt, r.early, r.full, r.ms);
	if (r.lost || r.doubled || r.reordered || r.corrupt || r.early || r.received != r.sent || r.sent != run.count)
		return SHELL_FAILED;
	return SHELL_OK;
}
SHELL_COMMAND("send",
	      "count=N size=1..32 window=1..64 every=MS pattern=seq|zero|ones|random seed=N device=vdummy", cmd_send);
