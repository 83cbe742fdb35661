/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * limits.h - how much of the agency one ME may use, and how fast.
 *
 * What is beyond a number is refused; what is beyond a rate waits for the next window. An ME that is
 * refused over and over is cut off: its links are closed, its requests are not answered any more, and
 * soo/me/<d>/error says why.
 */
#ifndef ABI_LIMITS_H
#define ABI_LIMITS_H

#define SOO_MAX_WATCHES		64u	/* of the store, one for a path */
#define SOO_MAX_NODES		256u	/* of the store */
#define SOO_MAX_STORE_BYTES	32768u	/* of values in the store, each with its NUL */

/* Refused requests of all kinds; SOO_REFUSALS_FORGIVEN of them are forgotten each second. */
#define SOO_MAX_REFUSALS	20000u
#define SOO_REFUSALS_FORGIVEN	10u
#define SOO_REFUSALS_TOLD	32u	/* so many in all, and soo/me/<d>/error tells of it */

/* Within a window of SOO_RATE_WINDOW_MS */
#define SOO_RATE_WINDOW_MS	100u
#define SOO_RATE_CHANGES	400u	/* of the store, of grants and channels, each counted by itself */
#define SOO_RATE_MESSAGES	2000u	/* from the message page */
#define SOO_RATE_DOORBELLS	5000u	/* times that somebody goes to look */
#define SOO_RATE_DC_EVENTS	20u	/* direct-communication events */

#endif /* ABI_LIMITS_H */
