/* SPDX-License-Identifier: GPL-2.0-only */
/* eventfd.h - doorbells, and an ME's interrupt, counted. */
#ifndef HOST_LINUX_EVENTFD_H
#define HOST_LINUX_EVENTFD_H

#include <linux/wait.h>

struct file;

struct eventfd_ctx {
	u64 count;
	wait_queue_head_t *head;
};

struct eventfd_ctx *eventfd_ctx_fdget(int fd);
struct eventfd_ctx *eventfd_ctx_fileget(struct file *file);
void eventfd_ctx_put(struct eventfd_ctx *ctx);
int eventfd_ctx_remove_wait_queue(struct eventfd_ctx *ctx, wait_queue_entry_t *entry, u64 *count);

static inline void eventfd_ctx_do_read(struct eventfd_ctx *ctx, u64 *count)
{
	*count = ctx->count;
	ctx->count = 0;
}

static inline void eventfd_signal(struct eventfd_ctx *ctx, u64 n)
{
	ctx->count += n;
}

#endif /* HOST_LINUX_EVENTFD_H */
