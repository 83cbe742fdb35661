/* SPDX-License-Identifier: GPL-2.0-only */
/* cmd_store.c - store: requests to the store by hand. */
#include <string.h>

#include "printk.h"
#include "shell.h"
#include "soo/vbs.h"
#include "soo/vbs_heard.h"

#define TX_MAX		0xfffffffful
#define DIRECTORY	"/"	/* in place of a value: a directory is made */

/* Each gets the words after its name, and returns 0 or -errno. */
static int do_ls(int argc __unused, char **argv)
{
	static char names[VBS_MSG_MAX_PAYLOAD];
	int len = vbs_directory(argv[0], names, sizeof(names));
	const char *name;

	for (name = names; name < names + len; name += strlen(name) + 1)
		printf("%s\n", name);
	return len < 0 ? len : 0;
}

static int do_read(int argc __unused, char **argv)
{
	static char text[VBS_VALUE_SIZE];
	int err = vbs_read(argv[0], text, sizeof(text));

	/* In two parts, as it may be longer than what printf() takes. */
	if (!err) {
		printf("%.400s", text);
		printf("%s\n", strlen(text) > 400 ? text + 400 : "");
	}
	return err;
}

static int do_exists(int argc __unused, char **argv)
{
	int found = vbs_exists(argv[0]);

	if (found >= 0)
		printf("%d\n", found);
	return found < 0 ? found : 0;
}

static int write_one(u32 tx, const char *path, const char *value)
{
	return strcmp(value, DIRECTORY) ? vbs_write(tx, path, value) : vbs_mkdir(tx, path);
}

/* All in one transaction, which ends even if one is refused. */
static int do_tx(int argc, char **argv)
{
	u32 tx;
	int err = 0;
	int end, i;

	if (argc % 2)
		return -EINVAL;
	tx = vbs_transaction_start();
	for (i = 0; i + 1 < argc && !err; i += 2)
		err = write_one(tx, argv[i], argv[i + 1]);
	end = vbs_transaction_end(tx);
	return err ? err : end;
}

/* In transaction N, which is not ended by it; N = 0: outside any. */
static int do_in(int argc __unused, char **argv)
{
	u64 tx;

	if (!shell_number(argv[0], 0, TX_MAX, &tx))
		return -EINVAL;
	return write_one((u32)tx, argv[1], argv[2]);
}

static int do_end(int argc __unused, char **argv)
{
	u64 tx;

	if (!shell_number(argv[0], 0, TX_MAX, &tx))
		return -EINVAL;
	return vbs_transaction_end((u32)tx);
}

/* A value of N characters, as no line is as long as the longest value. */
static int do_fill(int argc __unused, char **argv)
{
	static char text[VBS_MSG_MAX_PAYLOAD];
	u64 len;

	if (!shell_number(argv[1], 0, sizeof(text) - 1, &len))
		return -EINVAL;
	memset(text, 'x', len);
	text[len] = '\0';
	return vbs_write(VBS_NO_TRANSACTION, argv[0], text);
}

static int do_rm(int argc __unused, char **argv)
{
	return vbs_rm(VBS_NO_TRANSACTION, argv[0]);
}

static int do_mkdir(int argc __unused, char **argv)
{
	return vbs_mkdir(VBS_NO_TRANSACTION, argv[0]);
}

static int do_watch(int argc __unused, char **argv)
{
	return vbs_listen(argv[0]);
}

static int do_unwatch(int argc __unused, char **argv)
{
	return vbs_unlisten(argv[0]);
}

/* The store tells what it has to before it answers: after a request all is here. */
static int do_events(int argc __unused, char **argv __unused)
{
	char path[VBS_PATH_SIZE];
	int err = vbs_exists("");
	u32 dropped;

	while (vbs_heard(path))
		printf("%s\n", path);
	dropped = vbs_heard_dropped();
	if (dropped)
		printf("and %u more\n", dropped);
	return err < 0 ? err : 0;
}

static const struct {
	const char *name;
	int min, max;		/* words after it */
	int (*run)(int argc, char **argv);
} actions[] = {
	{ "ls", 1, 1, do_ls },
	{ "read", 1, 1, do_read },
	{ "exists", 1, 1, do_exists },
	{ "write", 2, 2, do_tx },
	{ "tx", 2, SHELL_ARGS, do_tx },
	{ "in", 3, 3, do_in },
	{ "end", 1, 1, do_end },
	{ "fill", 2, 2, do_fill },
	{ "rm", 1, 1, do_rm },
	{ "mkdir", 1, 1, do_mkdir },
	{ "watch", 1, 1, do_watch },
	{ "unwatch", 1, 1, do_unwatch },
	{ "events", 0, 0, do_events },
};

static int cmd_store(int argc, char **argv)
{
	u32 i;
	int err;

	for (i = 0; i < ARRAY_SIZE(actions); i++) {
		if (argc < 2 || strcmp(argv[1], actions[i].name))
			continue;
		if (argc - 2 < actions[i].min || argc - 2 > actions[i].max)
			break;
		err = actions[i].run(argc - 2, argv + 2);
		if (err)
			printf("store: %s %s: error %d\n", argv[1], argc > 2 ? argv[2] : "", err);
		return err ? SHELL_FAILED : SHELL_OK;
	}
	printf("usage: store ls|read|exists|rm|mkdir|watch|unwatch PATH; store events\n"
	       "       store write PATH VALUE; store tx PATH VALUE [PATH VALUE...]; a value of / makes a directory\n"
	       "       store in TRANSACTION PATH VALUE; store end TRANSACTION; store fill PATH LENGTH\n");
	return SHELL_USAGE;
}
SHELL_COMMAND("store", "requests to vbstore; without words: which there are", cmd_store);
