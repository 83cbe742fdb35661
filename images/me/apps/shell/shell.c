/* SPDX-License-Identifier: GPL-2.0-only */
/* shell.c - reads lines and runs their commands. */
#include <string.h>

#include "console.h"
#include "printk.h"
#include "shell.h"

extern const struct shell_command _commands_start[], _commands_end[];

static int last_status;

static int run_command(int argc, char **argv)
{
	const struct shell_command *cmd;

	for (cmd = _commands_start; cmd < _commands_end; cmd++)
		if (!strcmp(cmd->name, argv[0]))
			return cmd->run(argc, argv);
	printf("%s: unknown command; try help\n", argv[0]);
	return SHELL_UNKNOWN;
}

void shell_line(char *line)
{
	/* Room for `$?` of three digits in place of each two characters. */
	static char words[2 * SHELL_LINE_SIZE];
	char *argv[SHELL_ARGS];
	int argc;

	while (*line) {
		argc = shell_next_command(&line, last_status, words, argv);
		if (argc < 0) {
			printf("more than %d words\n", SHELL_ARGS);
			last_status = SHELL_USAGE;
		} else if (argc > 0) {
			last_status = run_command(argc, argv);
		}
	}
}

void shell_run(void)
{
	static char line[SHELL_LINE_SIZE];

	for (;;) {
		if (shell_read_line("so3% ", line))
			shell_line(line);
		else
			last_status = SHELL_FAILED;
	}
}

static int cmd_help(int argc __unused, char **argv __unused)
{
	const struct shell_command *cmd;

	for (cmd = _commands_start; cmd < _commands_end; cmd++)
		printf("%-8s %s\n", cmd->name, cmd->usage);
	return SHELL_OK;
}
SHELL_COMMAND("help", "list the commands", cmd_help);

static int cmd_echo(int argc, char **argv)
{
	/* In one piece, whoever else has something to say. No line has more words than this has room for. */
	static char text[2 * SHELL_LINE_SIZE];
	size_t len = 0;
	int i;

	for (i = 1; i < argc; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", argv[i], i + 1 < argc ? " " : "");
	text[len++] = '\n';
	console_write(text, len);
	return SHELL_OK;
}
SHELL_COMMAND("echo", "print the words", cmd_echo);
