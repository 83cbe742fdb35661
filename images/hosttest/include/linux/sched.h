/* SPDX-License-Identifier: GPL-2.0-only */
/* sched.h - the one process, which is the host of all MEs. */
#ifndef HOST_LINUX_SCHED_H
#define HOST_LINUX_SCHED_H

#include <linux/mm.h>
#include <linux/pid.h>

struct task_struct {
	struct mm_struct *mm;
};

extern struct task_struct *current;

#endif /* HOST_LINUX_SCHED_H */
