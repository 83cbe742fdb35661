/* SPDX-License-Identifier: GPL-2.0-only */
/* vsnprintf.c - formatting into a buffer. */
#include <string.h>

#include "printk.h"

struct out {
	char *buf;
	size_t size;
	size_t len;		/* what the text needs, which may be more than fits */
};

struct spec {
	bool left;
	bool zero;
	int width;
	int precision;		/* -1: none */
	bool is_long;
};

static void put(struct out *o, char c)
{
	if (o->len + 1 < o->size)
		o->buf[o->len] = c;
	o->len++;
}

static void put_padded(struct out *o, const struct spec *s, const char *text, size_t len)
{
	int pad = s->width - (int)len;
	char fill = s->zero && !s->left ? '0' : ' ';

	if (!s->left)
		for (; pad > 0; pad--)
			put(o, fill);
	while (len--)
		put(o, *text++);
	for (; pad > 0; pad--)
		put(o, ' ');
}

static void put_number(struct out *o, const struct spec *s, u64 value, u32 base, bool negative)
{
	char digits[24];
	char *p = digits + sizeof(digits);

	do {
		*--p = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	if (negative)
		*--p = '-';
	put_padded(o, s, p, (size_t)(digits + sizeof(digits) - p));
}

static const char *parse_spec(const char *fmt, struct spec *s)
{
	*s = (struct spec){ .precision = -1 };
	for (;; fmt++) {
		if (*fmt == '-')
			s->left = true;
		else if (*fmt == '0')
			s->zero = true;
		else
			break;
	}
	for (; *fmt >= '0' && *fmt <= '9'; fmt++)
		s->width = s->width * 10 + (*fmt - '0');
	if (*fmt == '.') {
		s->precision = 0;
		for (fmt++; *fmt >= '0' && *fmt <= '9'; fmt++)
			s->precision = s->precision * 10 + (*fmt - '0');
	}
	for (; *fmt == 'l' || *fmt == 'z'; fmt++)
		s->is_long = true;
	return fmt;
}

static void put_string(struct out *o, const struct spec *s, const char *text)
{
	size_t max = s->precision < 0 ? (size_t)-1 : (size_t)s->precision;

	put_padded(o, s, text, strnlen(text, max));
}

static void put_signed(struct out *o, const struct spec *s, s64 value)
{
	put_number(o, s, value < 0 ? -(u64)value : (u64)value, 10, value < 0);
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	struct out o = { .buf = buf, .size = size };
	struct spec s;

	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			put(&o, *fmt);
			continue;
		}
		fmt = parse_spec(fmt + 1, &s);
		switch (*fmt) {
		case 'd':
			put_signed(&o, &s, s.is_long ? va_arg(args, long) : va_arg(args, int));
			break;
		case 'u':
		case 'x':
			put_number(&o, &s, s.is_long ? va_arg(args, unsigned long) : va_arg(args, unsigned int),
				   *fmt == 'x' ? 16 : 10, false);
			break;
		case 's':
			put_string(&o, &s, va_arg(args, const char *));
			break;
		case 'c':
			put(&o, (char)va_arg(args, int));
			break;
		default:
			put(&o, *fmt);
			break;
		}
	}
	if (size)
		buf[o.len < size ? o.len : size - 1] = '\0';
	return (int)o.len;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(buf, size, fmt, args);
	va_end(args);
	return len;
}
