/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * events.h - the event stream that observers read from debugfs, soo/events.
 *
 * One line an event, "<seq> <ns> <kind> <op> key=value ...". The stream is bounded: when nobody
 * reads, events are dropped, counted, and reported by a line "stream lost n=COUNT".
 */
#ifndef SOO_EVENTS_H
#define SOO_EVENTS_H

#include <linux/compiler_attributes.h>
#include <linux/types.h>

struct dentry;

int soo_events_init(struct dentry *root);
void soo_events_exit(void);

/* Any context. @fmt gives "<kind> <op> key=value ..."; its values hold no blanks. */
__printf(1, 2) void soo_event(const char *fmt, ...);

/* The same with one more pair, whose value is percent-encoded. */
__printf(3, 4) void soo_event_text(const char *key, const char *text, const char *fmt, ...);

/* Percent-encode @text into @out, always terminated. Return: the length written. */
size_t soo_encode(char *out, size_t size, const char *text);

#endif /* SOO_EVENTS_H */
