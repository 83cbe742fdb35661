/* SPDX-License-Identifier: GPL-2.0-only */
/* log.c - lines of the log, and findings. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

void host_fail(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "hosttest: %s:%d: ", file, line);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, "\n");
	abort();
}

void host_log(const char *fmt, ...)
{
	static int shown = -1;
	char text[4096];
	va_list args;
	size_t len;

	if (shown < 0)
		shown = getenv("SOO_HOST_LOG") != NULL;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	len = strlen(text);
	if (shown)
		fprintf(stderr, "%s%s", text, len && text[len - 1] == '\n' ? "" : "\n");
}
