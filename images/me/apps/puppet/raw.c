/* SPDX-License-Identifier: GPL-2.0-only */
/* raw.c - message: one message to the store, of any type. */
#include "printk.h"
#include "shell.h"
#include "soo/vbs.h"

static int cmd_message(int argc, char **argv)
{
	static char reply[VBS_VALUE_SIZE];
	u64 type;
	int len;

	if (argc < 3 || argc > 4 || !shell_number(argv[1], 0, 0xffffffff, &type)) {
		printf("usage: message TYPE PATH [VALUE]\n");
		return SHELL_USAGE;
	}
	len = vbs_request(type, VBS_NO_TRANSACTION, argv[2], argc > 3 ? argv[3] : NULL, reply, sizeof(reply));
	if (len < 0)
		printf("message: error %d\n", len);
	return len < 0 ? SHELL_FAILED : SHELL_OK;
}
SHELL_COMMAND("message", "TYPE PATH [VALUE]: a message to the store, its type as a number", cmd_message);
