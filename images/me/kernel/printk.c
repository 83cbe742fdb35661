/* SPDX-License-Identifier: GPL-2.0-only */
/* printk.c - text to the console. */
#include <string.h>

#include "console.h"
#include "printk.h"

void printk(const char *fmt, ...)
{
	char line[PRINTK_LINE_SIZE];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	console_log(line);
}

void printf(const char *fmt, ...)
{
	char text[PRINTK_LINE_SIZE];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	console_write(text, strlen(text));
}
