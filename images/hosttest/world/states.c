/* SPDX-License-Identifier: GPL-2.0-only */
/* states.c - arrows of the backs, from the event stream. */
#include <linux/kernel.h>

#include <abi/soo.h>
#include <abi/vbus.h>

#include "host/machine.h"
#include "states.h"

#define CHUNK	16384

/* Bit n for state n. Closing and Closed may come at any time, once. */
static const u32 next_of[VBUS_STATE_COUNT] = {
	[VBUS_INITIALISING] = BIT(VBUS_INITWAIT) | BIT(VBUS_RECONFIGURING),
	[VBUS_INITWAIT] = BIT(VBUS_CONNECTED),
	[VBUS_CONNECTED] = BIT(VBUS_SUSPENDING),
	[VBUS_RECONFIGURING] = BIT(VBUS_CONNECTED),
	[VBUS_SUSPENDING] = BIT(VBUS_SUSPENDED),
	[VBUS_SUSPENDED] = BIT(VBUS_RESUMING),
	[VBUS_RESUMING] = BIT(VBUS_CONNECTED),
};

static const char *const types[] = { "vdummy", "vuart" };
static u32 states[ARRAY_SIZE(types)][SOO_MAX_DOMAINS];
static struct file stream;
static char left[CHUNK];	/* of a line that has come in part */
static size_t left_len;

void states_start(void)
{
	host_check(machine_open("events", FMODE_READ, O_NONBLOCK, &stream), "no event stream");
}

void states_forget(u32 d)
{
	size_t t;

	states_check();
	for (t = 0; t < ARRAY_SIZE(types); t++)
		states[t][d] = 0;
}

static bool is_arrow(u32 from, u32 to)
{
	if (to == VBUS_INITIALISING)
		return !from || from == VBUS_CLOSED;
	if (to == VBUS_CLOSING)
		return from && from != VBUS_CLOSING && from != VBUS_CLOSED;
	if (to == VBUS_CLOSED)
		return from && from != VBUS_CLOSED;
	return from < VBUS_STATE_COUNT && to < VBUS_STATE_COUNT && (next_of[from] & BIT(to));
}

static void take_state(const char *type, u32 d, u32 to)
{
	size_t t;

	for (t = 0; t < ARRAY_SIZE(types); t++) {
		if (strcmp(types[t], type) || d >= SOO_MAX_DOMAINS)
			continue;
		host_check(is_arrow(states[t][d], to), "backend/%s/%u goes from %u to %u", type, d, states[t][d], to);
		states[t][d] = to;
	}
}

static void take_line(const char *line)
{
	char type[64], kind[16], op[16], path[64];
	u32 dom, tx, d, to, cell;

	if (sscanf(line, "%*u %*u %15s %15s dom=%u tx=%u path=%63s val=%u", kind, op, &dom, &tx, path, &to) == 6 &&
	    !strcmp(op, "write") && sscanf(path, "backend/%63[^/]/%u/%u/stat%c", type, &d, &cell, op) == 4)
		take_state(type, d, to);
	/* What is removed begins anew. */
	if (sscanf(line, "%*u %*u %15s %15s dom=%u tx=%u path=backend/%63[^/]/%u", kind, op, &dom, &tx, type, &d) == 6 &&
	    !strcmp(op, "rm"))
		for (cell = 0; cell < ARRAY_SIZE(types); cell++)
			states[cell][d % SOO_MAX_DOMAINS] = strcmp(types[cell], type) ? states[cell][d % SOO_MAX_DOMAINS] : 0;
}

void states_check(void)
{
	ssize_t n;
	char *end;

	while ((n = machine_read("events", &stream, left + left_len, sizeof(left) - left_len - 1)) > 0) {
		left_len += n;
		left[left_len] = '\0';
		while ((end = strchr(left, '\n'))) {
			*end = '\0';
			take_line(left);
			left_len -= end + 1 - left;
			memmove(left, end + 1, left_len + 1);
		}
	}
}
