/* SPDX-License-Identifier: GPL-2.0-only */
/* text.c - the kernel's own functions for text. */
#include <stdio.h>
#include <stdlib.h>

#include <linux/device.h>
#include <linux/seq_file.h>

ssize_t strscpy(char *to, const char *from, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++) {
		to[i] = from[i];
		if (!from[i])
			return i;
	}
	if (size)
		to[size - 1] = '\0';
	return -E2BIG;
}

int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	int n = vsnprintf(buf, size, fmt, args);

	return !size ? 0 : n < (int)size ? n : (int)size - 1;
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vscnprintf(buf, size, fmt, args);
	va_end(args);
	return n;
}

/* Digits only, with at most one sign "+" before and one newline behind, as the kernel has it. */
int kstrtou32(const char *text, unsigned int base, u32 *value)
{
	u64 sum = 0;

	text += *text == '+';
	if (*text < '0' || *text > '9')
		return -EINVAL;
	for (; *text >= '0' && *text <= '9'; text++) {
		sum = sum * base + (*text - '0');
		if (sum > U32_MAX)
			return -ERANGE;
	}
	text += *text == '\n';
	if (*text)
		return -EINVAL;
	*value = sum;
	return 0;
}

int sysfs_emit(char *buf, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vscnprintf(buf, PAGE_SIZE, fmt, args);
	va_end(args);
	return n;
}

int add_uevent_var(struct kobj_uevent_env *env, const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	vscnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return 0;
}

static void append(struct seq_file *m, const char *text, size_t len)
{
	if (m->len + len + 1 > m->size) {
		m->size = 2 * (m->len + len + 1);
		m->text = realloc(m->text, m->size);
	}
	memcpy(m->text + m->len, text, len);
	m->len += len;
	m->text[m->len] = '\0';
}

void seq_printf(struct seq_file *m, const char *fmt, ...)
{
	char text[8192];
	va_list args;

	va_start(args, fmt);
	append(m, text, vscnprintf(text, sizeof(text), fmt, args));
	va_end(args);
}

void seq_puts(struct seq_file *m, const char *text)
{
	append(m, text, strlen(text));
}

void seq_putc(struct seq_file *m, char c)
{
	append(m, &c, 1);
}
