/* SPDX-License-Identifier: GPL-2.0-only */
/* parse.c - a line into commands and words: blanks, `;`, double quotes, `$?`. */
#include <stdlib.h>
#include <string.h>

#include "printk.h"
#include "shell.h"

/* At most three digits for two characters: the caller gives room for that. */
static char *put_status(char *to, int status)
{
	return to + snprintf(to, 4, "%d", status & 0xff);
}

/* Copies the word that starts at @from, without quotes. Return: where it ends. */
static char *take_word(char *from, int status, char **to)
{
	bool quoted = false;
	char *out = *to;

	for (; *from && (quoted || !strchr(" \t;", *from)); from++) {
		if (*from == '"')
			quoted = !quoted;
		else if (from[0] == '$' && from[1] == '?')
			from++, out = put_status(out, status);
		else
			*out++ = *from;
	}
	*out++ = '\0';
	*to = out;
	return from;
}

int shell_next_command(char **rest, int status, char *words, char **argv)
{
	char *p = *rest;
	int argc = 0;

	for (;;) {
		while (*p == ' ' || *p == '\t')
			p++;
		if (!*p || *p == ';')
			break;
		if (argc == SHELL_ARGS)
			argc = -1;
		if (argc < 0) {
			p = take_word(p, status, &words);
			continue;
		}
		argv[argc++] = words;
		p = take_word(p, status, &words);
	}
	*rest = *p ? p + 1 : p;
	return argc;
}

bool shell_number(const char *text, u64 min, u64 max, u64 *value)
{
	char *end;

	/* No 64-bit number has more digits, and strtoul() does not look for overflow. */
	if (!*text || strlen(text) > 18)
		return false;
	*value = strtoul(text, &end, 0);
	return !*end && *value >= min && *value <= max;
}
