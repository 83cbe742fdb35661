/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reset.c - the variables' first values, kept and restored.
 *
 * The build renames the sections of variables of everything but this file to soo_data and soo_bss,
 * so that the linker names their bounds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

/* A program may have none of a kind. */
extern char __start_soo_data[] __attribute__((weak)), __stop_soo_data[] __attribute__((weak));
extern char __start_soo_bss[] __attribute__((weak)), __stop_soo_bss[] __attribute__((weak));

/* What is not among the variables that are put back. */
void host_free_all(void);
void fiber_forget_all(void);

static char *first_data;
static char *first_bss;

/*
 * Between variables the sanitizer has zones that nobody may touch, the C library's functions that it
 * knows included. Words by hand, in a function that it leaves alone, may.
 */
__attribute__((no_sanitize("address"), noinline))
static void copy_words(char *to, const char *from, size_t size)
{
	volatile char *t = to;
	size_t i;

	for (i = 0; i + 8 <= size; i += 8)
		*(volatile unsigned long *)(t + i) = *(const unsigned long *)(from + i);
	for (; i < size; i++)
		t[i] = from[i];
}

static char *keep(const char *start, const char *stop)
{
	char *copy = malloc(stop - start);

	copy_words(copy, start, stop - start);
	return copy;
}

void host_init(void)
{
	if (first_data)
		return;
	setvbuf(stdout, NULL, _IOLBF, 0);
	first_data = keep(__start_soo_data, __stop_soo_data);
	first_bss = keep(__start_soo_bss, __stop_soo_bss);
}

void host_reset(void)
{
	host_free_all();
	fiber_forget_all();
	copy_words(__start_soo_data, first_data, __stop_soo_data - __start_soo_data);
	copy_words(__start_soo_bss, first_bss, __stop_soo_bss - __start_soo_bss);
}
