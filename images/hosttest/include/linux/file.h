/* SPDX-License-Identifier: GPL-2.0-only */
/* file.h - open files by number: doorbells, see ../../host/machine.c. */
#ifndef HOST_LINUX_FILE_H
#define HOST_LINUX_FILE_H

#include <linux/eventfd.h>
#include <linux/fs.h>
#include <linux/poll.h>

struct fd {
	struct file *file;
};

struct fd fdget(int fd);

static inline void fdput(struct fd f)
{
}

#endif /* HOST_LINUX_FILE_H */
