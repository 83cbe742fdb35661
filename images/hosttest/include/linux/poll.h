/* SPDX-License-Identifier: GPL-2.0-only */
/* poll.h - how a file lets somebody wait for it. */
#ifndef HOST_LINUX_POLL_H
#define HOST_LINUX_POLL_H

#include <linux/wait.h>

#define EPOLLIN		1u

struct file;

typedef struct poll_table_struct {
	void (*queue)(struct file *file, wait_queue_head_t *head, struct poll_table_struct *pt);
} poll_table;

#define init_poll_funcptr(pt, fn)	((pt)->queue = (fn))
#define key_to_poll(key)		((unsigned int)(unsigned long)(key))

unsigned int vfs_poll(struct file *file, poll_table *pt);

#endif /* HOST_LINUX_POLL_H */
