/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * console.h - the one console: lines of the log, output of programs, keys. Devices show all the same,
 * and keys of all are one stream.
 */
#ifndef CONSOLE_H
#define CONSOLE_H

#include "types.h"

#define CONSOLE_DEVICES	2u
#define CONSOLE_KEYS	7u
#define KEY_BREAK	0x03	/* Ctrl-C */

struct console_device {
	void (*write)(const char *buf, size_t len);
	void (*room)(void);	/* console_key() has room again; may be NULL */
};

/* Finds the device in the tree before drivers start; without one there is nowhere to say so. */
void console_early_init(const void *fdt);

/* From now on @write does what the first device's did. */
void console_print_by(void (*write)(const char *buf, size_t len));

/* From now on @read gives the first device's keys, up to CONSOLE_KEYS at once; it returns how many. */
void console_read_by(u32 (*read)(u8 *keys));

/* The first device has keys: they are taken, if there is a way to take several at once. */
void console_take_keys(void);

/* At most CONSOLE_DEVICES, for ever. */
void console_register(const struct console_device *dev);
void console_write(const char *buf, size_t len);

/* Writes @line on a line of its own; a line that is being typed is shown again behind it. */
void console_log(const char *line);

/* Called by a device for each key, in any context. A key without room is lost, but for Ctrl-C. */
void console_key(u8 key);
bool console_room(void);

/* True if console_getc() would not wait. */
bool console_key_waits(void);

/* Waits for a key. @redraw shows prompt and typed text again, after a log line. */
u8 console_getc(void (*redraw)(void));

/* True if Ctrl-C came since console_break_clear(). */
bool console_break(void);
void console_break_clear(void);

#endif /* CONSOLE_H */
