/* SPDX-License-Identifier: GPL-2.0-only */
/* cmd_store.c - store: requests to the store by hand. */
#include <string.h>

#include "printk.h"
#include "shell.h"
#include "soo/vbs.h"

static int do_ls(const char *path, const char *value __unused)
{
	static char names[VBS_MSG_MAX_PAYLOAD];
	int len = vbs_directory(path, names, sizeof(names));
	const char *name;

	for (name = names; name < names + len; name += strlen(name) + 1)
		printf("%s\n", name);
	return len < 0 ? len : 0;
}

static int do_read(const char *path, const char *value __unused)
{
	static char text[VBS_VALUE_SIZE];
	int err = vbs_read(path, text, sizeof(text));

	/* In two parts, as it may be longer than what printf() takes. */
	if (!err) {
		printf("%.400s", text);
		printf("%s\n", strlen(text) > 400 ? text + 400 : "");
	}
	return err;
}

static int do_exists(const char *path, const char *value __unused)
{
	int found = vbs_exists(path);

	if (found >= 0)
		printf("%d\n", found);
	return found < 0 ? found : 0;
}

/* In a transaction of its own, so that watchers wake. */
static int do_write(const char *path, const char *value)
{
	u32 tx = vbs_transaction_start();
	int err = vbs_write(tx, path, value);

	return err ? err : vbs_transaction_end(tx);
}

static int do_rm(const char *path, const char *value __unused)
{
	return vbs_rm(VBS_NO_TRANSACTION, path);
}

static int do_mkdir(const char *path, const char *value __unused)
{
	return vbs_mkdir(VBS_NO_TRANSACTION, path);
}

static const struct {
	const char *name;
	int args;		/* words of the command line */
	int (*run)(const char *path, const char *value);
} actions[] = {
	{ "ls", 3, do_ls },
	{ "read", 3, do_read },
	{ "exists", 3, do_exists },
	{ "write", 4, do_write },
	{ "rm", 3, do_rm },
	{ "mkdir", 3, do_mkdir },
};

static int cmd_store(int argc, char **argv)
{
	u32 i;
	int err;

	for (i = 0; i < ARRAY_SIZE(actions); i++) {
		if (argc != actions[i].args || strcmp(argv[1], actions[i].name))
			continue;
		err = actions[i].run(argv[2], argv[3]);
		if (err)
			printf("store: %s %s: error %d\n", argv[1], argv[2], err);
		return err ? SHELL_FAILED : SHELL_OK;
	}
	printf("usage: store ls|read|exists|rm|mkdir PATH; store write PATH VALUE\n");
	return SHELL_USAGE;
}
SHELL_COMMAND("store", "ls|read|exists|rm|mkdir PATH, write PATH VALUE", cmd_store);
