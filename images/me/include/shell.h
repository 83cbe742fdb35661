/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * shell.h - the shell and its commands.
 *
 * A command registers itself. It gets the words of its line, its own name first, and returns what
 * `$?` shows: 0 for success, 1 for failure, 2 for wrong use.
 */
#ifndef SHELL_H
#define SHELL_H

#include "types.h"

#define SHELL_LINE_SIZE	513u	/* with the final NUL */
#define SHELL_ARGS	16

#define SHELL_OK	0
#define SHELL_FAILED	1
#define SHELL_USAGE	2
#define SHELL_UNKNOWN	127

struct shell_command {
	const char *name;
	const char *usage;
	int (*run)(int argc, char **argv);
};

#define SHELL_COMMAND(cmd, help, fn) \
	static const struct shell_command command_##fn __section_entry(".commands") = { \
		.name = (cmd), .usage = (help), .run = (fn) }

void shell_run(void) __noreturn;

/* Runs one line; the status of its last command is remembered for `$?`. */
void shell_line(char *line);

/* Reads a line into @line, SHELL_LINE_SIZE bytes. Return: false if it was given up or too long. */
bool shell_read_line(const char *prompt, char *line);

/* Cuts the first command off *@rest, NUL-terminates its words. Return: their number, or -1: too many. */
int shell_next_command(char **rest, int status, char *words, char **argv);

/* Parses decimal or 0x-hexadecimal within [min, max]. Return: false if it is anything else. */
bool shell_number(const char *text, u64 min, u64 max, u64 *value);

#endif /* SHELL_H */
