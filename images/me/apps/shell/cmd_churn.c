/* SPDX-License-Identifier: GPL-2.0-only */
/* cmd_churn.c - churn: a key of this ME written again and again, each time watched and read back. */
#include <string.h>

#include "printk.h"
#include "shell.h"
#include "soo/avz.h"
#include "soo/vbs.h"
#include "soo/vbs_heard.h"

#define COUNT_MAX	1000000ul

static struct {
	char key[VBS_PATH_SIZE];
	u64 written;
	u64 told;	/* events of the key */
	u64 wrong;	/* events of anything else, and other values than were written */
} c;

static void take_events(void)
{
	char path[VBS_PATH_SIZE];

	while (vbs_heard(path)) {
		if (strcmp(path, c.key))
			c.wrong++;
		else
			c.told++;
	}
	c.wrong += vbs_heard_dropped();
}

/* Return: 0 or -errno. */
static int write_once(u32 value)
{
	u32 tx = vbs_transaction_start();
	u32 seen = 0;
	int err;

	err = vbs_write_u32(tx, c.key, value);
	if (!err)
		err = vbs_transaction_end(tx);
	/* The event comes before the answer to this. */
	if (!err)
		err = vbs_read_u32(c.key, &seen);
	if (err)
		return err;
	c.written++;
	c.wrong += seen != value;
	take_events();
	return 0;
}

static int churn(u64 count)
{
	u64 i;
	int err;

	memset(&c, 0, sizeof(c));
	snprintf(c.key, sizeof(c.key), "soo/me/%u/churn", avz_domid());
	err = vbs_write_u32(VBS_NO_TRANSACTION, c.key, 0);
	if (!err)
		err = vbs_listen(c.key);
	if (err)
		return err;
	take_events();
	c.told = c.wrong = 0;
	for (i = 1; i <= count && !err; i++)
		err = write_once((u32)i);
	vbs_unlisten(c.key);
	vbs_rm(VBS_NO_TRANSACTION, c.key);
	return err;
}

static int cmd_churn(int argc, char **argv)
{
	u64 count;
	int err;

	if (argc != 2 || !shell_number(argv[1], 1, COUNT_MAX, &count)) {
		printf("usage: churn COUNT\n");
		return SHELL_USAGE;
	}
	err = churn(count);
	printf("churn: written=%lu told=%lu wrong=%lu\n", c.written, c.told, c.wrong);
	if (err)
		printf("churn: error %d\n", err);
	return err || c.wrong || c.told != c.written ? SHELL_FAILED : SHELL_OK;
}
SHELL_COMMAND("churn", "COUNT: write a key of the store, watch it and read it back", cmd_churn);
