/* SPDX-License-Identifier: GPL-2.0-only */
/* dc.h - direct communication: events between agency and ME, one at a time in each direction. */
#ifndef SOO_DC_H
#define SOO_DC_H

#include "abi/soo.h"

#include "types.h"

/* Binds the channel that the agency has named in the store. */
int dc_connect(void);

/* The same, and starts the thread that serves it. */
int dc_init(void);

/* Has the thread look for an event without its channel; any context. */
void dc_wake(void);

/* Return: 0 once the agency has acted, -ETIMEDOUT. */
int dc_send(enum soo_dc_event event);

#endif /* SOO_DC_H */
