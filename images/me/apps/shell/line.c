/* SPDX-License-Identifier: GPL-2.0-only */
/* line.c - the line reader: echo and erase, nothing that asks the terminal for answers. */
#include <string.h>

#include "console.h"
#include "printk.h"
#include "shell.h"

#define KEY_BACKSPACE	0x08
#define KEY_KILL_LINE	0x15
#define KEY_DELETE	0x7f

static const char *shown_prompt;
static char *typed;
static size_t length;
static size_t shown;		/* how much of it is on the screen */

static void redraw(void)
{
	console_write(shown_prompt, strlen(shown_prompt));
	console_write(typed, length);
	shown = length;
}

/* A line that comes at once is shown at once, not in as many pieces as it has characters. */
static void show(void)
{
	console_write(typed + shown, length - shown);
	shown = length;
}

static void erase(size_t count)
{
	show();
	for (; count && length; count--, length--)
		console_write("\b \b", 3);
	shown = length;
}

/* Return: false if the line has no room for it. */
static bool add(u8 key)
{
	if (key < ' ')
		return true;
	if (length + 1 >= SHELL_LINE_SIZE)
		return false;
	typed[length++] = (char)key;
	return true;
}

bool shell_read_line(const char *prompt, char *line)
{
	bool fits = true;
	u8 key;

	shown_prompt = prompt;
	typed = line;
	length = 0;
	redraw();
	for (;;) {
		if (!console_key_waits())
			show();
		key = console_getc(redraw);
		switch (key) {
		case KEY_BREAK:
			console_write("^C\n", 3);
			return false;
		case KEY_KILL_LINE:
			erase(length);
			break;
		case KEY_BACKSPACE:
		case KEY_DELETE:
			erase(1);
			break;
		case '\r':
		case '\n':
			show();
			console_write("\n", 1);
			line[length] = '\0';
			if (!fits)
				printf("line longer than %u characters\n", SHELL_LINE_SIZE - 1);
			return fits;
		default:
			fits = add(key) && fits;
		}
	}
}
