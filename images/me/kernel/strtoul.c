/* SPDX-License-Identifier: GPL-2.0-only */
/* strtoul.c - text to number. No sign, no overflow check: callers bound the number of digits. */
#include <stddef.h>
#include <stdlib.h>

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 10;
	return 99;
}

unsigned long strtoul(const char *s, char **end, int base)
{
	unsigned long value = 0;

	if ((base == 0 || base == 16) && s[0] == '0' && (s[1] == 'x' || s[1] == 'X') && digit(s[2]) < 16) {
		s += 2;
		base = 16;
	} else if (base == 0) {
		base = 10;
	}
	while (digit(*s) < base)
		value = value * (unsigned long)base + (unsigned long)digit(*s++);
	if (end)
		*end = (char *)s;
	return value;
}
