/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * util.h - messages, and the core device.
 */
#ifndef UTIL_H
#define UTIL_H

#include <stddef.h>

#include <abi/core.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Keep one line that says why. Return: -1, so that a caller can pass it on. */
__attribute__((format(printf, 1, 2))) int fail(const char *fmt, ...);

/* The line that fail() kept last. */
const char *failure(void);

/* Print that line, after the command's name. Return: 1, the status to exit with. */
int complain(const char *command);

/* Open /dev/soo/core. Return: the descriptor, or -1 by fail(). */
int core_open(void);

/* A whole file. Return: 0 with *data to be freed, or -1 by fail(). */
int read_file(const char *path, void **data, size_t *size);

/* All of it, however often one has to ask. Return: 0, or -1 with errno; ENOSPC if nothing more goes. */
int write_all(int fd, const void *data, size_t size);

/* A number of an ME on the command line, 1..5. Return: its slot, or -1 by fail(). */
int slot_of(const char *text);

#endif /* UTIL_H */
