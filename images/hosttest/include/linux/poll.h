/* SPDX-License-Identifier: GPL-2.0-only */
/* poll.h - a type that the modules' structures hold; the doorbell itself is the test's. */
#ifndef HOST_LINUX_POLL_H
#define HOST_LINUX_POLL_H

typedef struct {
	int unused;
} poll_table;

#endif /* HOST_LINUX_POLL_H */
