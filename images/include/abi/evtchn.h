/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * evtchn.h - event channels: numbered, one bit each, between two domains.
 *
 * The frontend allocates an unbound channel for the agency and publishes its number; the backend
 * binds to (domain, number) and gets a number of its own. Number 0 is never given out.
 */
#ifndef ABI_EVTCHN_H
#define ABI_EVTCHN_H

#include "types.h"

#define EVTCHN_MAX	128u

enum evtchn_state {
	EVTCHN_FREE = 0,
	EVTCHN_RESERVED = 1,
	EVTCHN_UNBOUND = 2,
	EVTCHN_INTERDOMAIN = 3,
	EVTCHN_VIRQ = 4,
};

#endif /* ABI_EVTCHN_H */
