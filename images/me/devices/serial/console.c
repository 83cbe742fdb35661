/* SPDX-License-Identifier: GPL-2.0-only */
/* console.c - keeps log lines, output and typed lines apart, and holds keys until they are read. */
#include <string.h>

#include "asm/irqflags.h"
#include "console.h"
#include "wait.h"

#define KEYS	1024u		/* a power of two; a whole framed command typed ahead */

static const struct console_device *device;
static bool mid_line;
static void (*reader_redraw)(void);

static u8 keys[KEYS];
static u32 key_in, key_out;
static bool break_seen;
static struct wait_queue key_wait = WAIT_QUEUE_INIT(key_wait);

void console_register(const struct console_device *dev)
{
	device = dev;
}

void console_write(const char *buf, size_t len)
{
	const char *end = buf + len;
	const char *eol;

	if (!device || !len)
		return;
	mid_line = end[-1] != '\n';
	while (buf < end) {
		eol = memchr(buf, '\n', (size_t)(end - buf));
		device->write(buf, (size_t)((eol ? eol : end) - buf));
		if (!eol)
			break;
		device->write("\r\n", 2);
		buf = eol + 1;
	}
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

void console_key(u8 key)
{
	if (key == KEY_BREAK) {
		/* What was typed ahead is void too. */
		key_out = key_in;
		break_seen = true;
	} else if (key_in - key_out < KEYS) {
		keys[key_in++ % KEYS] = key;
	}
	wait_wake_all(&key_wait);
}

u8 console_getc(void (*redraw)(void))
{
	u64 flags = irq_save();
	u8 key = KEY_BREAK;

	reader_redraw = redraw;
	wait_event(&key_wait, break_seen || key_in != key_out);
	reader_redraw = NULL;
	if (break_seen)
		break_seen = false;
	else
		key = keys[key_out++ % KEYS];
	irq_restore(flags);
	return key;
}

bool console_break(void)
{
	return __atomic_load_n(&break_seen, __ATOMIC_RELAXED);
}

void console_break_clear(void)
{
	__atomic_store_n(&break_seen, false, __ATOMIC_RELAXED);
}
