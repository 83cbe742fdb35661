/* SPDX-License-Identifier: GPL-2.0-only */
/* eventfd.h - an ME's interrupt, counted. */
#ifndef HOST_LINUX_EVENTFD_H
#define HOST_LINUX_EVENTFD_H

#include <linux/kernel.h>

struct eventfd_ctx {
	u64 count;
};

struct eventfd_ctx *eventfd_ctx_fdget(int fd);
void eventfd_ctx_put(struct eventfd_ctx *ctx);

static inline void eventfd_signal(struct eventfd_ctx *ctx, u64 n)
{
	ctx->count += n;
}

#endif /* HOST_LINUX_EVENTFD_H */
