/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * time.h - nanoseconds, and the one timer, which serves the waits.
 *
 * Time starts with the counter and stands still while the ME is suspended, so that no wait runs out
 * of time then, wherever the ME is resumed and whatever the counter says there.
 */
#ifndef TIME_H
#define TIME_H

#include "types.h"

#define TIME_NEVER	(~0ul)
#define NS_PER_MS	1000000ul
#define NS_PER_S	1000000000ul

u64 time_now(void);

/* A deadline for a wait that starts now. */
u64 time_in_ms(u64 ms);

void time_stop(void);
void time_go(void);

/* Interrupts off: sets the timer to the earliest deadline of all threads. */
void timer_update(void);

#endif /* TIME_H */
