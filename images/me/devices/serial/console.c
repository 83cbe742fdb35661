/* SPDX-License-Identifier: GPL-2.0-only */
/* console.c - keeps log lines, output and typed lines apart, and holds keys until they are read. */
#include <string.h>

#include "asm/irqflags.h"
#include "console.h"
#include "panic.h"
#include "thread.h"
#include "wait.h"

#define OUT_SIZE	512u
#define KEYS		1024u		/* a power of two; a whole framed command typed ahead */

static const struct console_device *devices[CONSOLE_DEVICES];
static void (*print)(const char *buf, size_t len);
static u32 (*take)(u8 *keys);
static bool mid_line;
static void (*reader_redraw)(void);

static u8 keys[KEYS];
static volatile u32 key_in, key_out;
static volatile bool break_seen;
static struct wait_queue key_wait = WAIT_QUEUE_INIT(key_wait);

void console_register(const struct console_device *dev)
{
	u32 i = 0;

	while (devices[i])
		BUG_ON(++i == CONSOLE_DEVICES);
	devices[i] = dev;
}

void console_print_by(void (*write)(const char *buf, size_t len))
{
	print = write;
}

void console_read_by(u32 (*read)(u8 *keys))
{
	take = read;
}

void console_take_keys(void)
{
	u8 some[CONSOLE_KEYS];
	u32 n, i;

	if (!take)
		return;
	do {
		n = take(some);
		for (i = 0; i < n; i++)
			console_key(some[i]);
	} while (n == CONSOLE_KEYS);
}

static void write_devices(const char *buf, size_t len)
{
	u32 i;

	for (i = 0; i < CONSOLE_DEVICES && devices[i]; i++)
		(i == 0 && print ? print : devices[i]->write)(buf, len);
}

static void tell_devices_of_room(void)
{
	u32 i;

	for (i = 0; i < CONSOLE_DEVICES && devices[i]; i++)
		if (devices[i]->room)
			devices[i]->room();
}

/* In few large pieces: the device may cost an exit for each look at its flags. */
void console_write(const char *buf, size_t len)
{
	char out[OUT_SIZE];
	size_t i, n = 0;

	if (!devices[0] || !len)
		return;
	mid_line = buf[len - 1] != '\n';
	for (i = 0; i < len; i++) {
		if (n + 2 > sizeof(out)) {
			write_devices(out, n);
			n = 0;
		}
		if (buf[i] == '\n')
			out[n++] = '\r';
		out[n++] = buf[i];
	}
	write_devices(out, n);
	/* Output is slow. With interrupts off it is one of several parts that belong together. */
	if (irq_enabled())
		thread_yield();
}

void console_log(const char *line)
{
	u64 flags = irq_save();

	if (mid_line)
		console_write("\n", 1);
	console_write(line, strlen(line));
	if (reader_redraw)
		reader_redraw();
	irq_restore(flags);
}

bool console_room(void)
{
	return key_in - key_out < KEYS;
}

void console_key(u8 key)
{
	u64 flags = irq_save();

	if (key == KEY_BREAK) {
		/* What was typed ahead is void too. */
		key_out = key_in;
		break_seen = true;
		tell_devices_of_room();
	} else if (console_room()) {
		keys[key_in++ % KEYS] = key;
	}
	wait_wake_all(&key_wait);
	irq_restore(flags);
}

bool console_key_waits(void)
{
	return break_seen || key_in != key_out;
}

u8 console_getc(void (*redraw)(void))
{
	u64 flags = irq_save();
	u8 key = KEY_BREAK;

	reader_redraw = redraw;
	wait_event(&key_wait, console_key_waits());
	reader_redraw = NULL;
	if (break_seen)
		break_seen = false;
	else
		key = keys[key_out++ % KEYS];
	/* Not at each key: who waits for room is to find some worth waking for. */
	if (key_in - key_out == KEYS / 2)
		tell_devices_of_room();
	irq_restore(flags);
	return key;
}

bool console_break(void)
{
	return break_seen;
}

void console_break_clear(void)
{
	break_seen = false;
}
