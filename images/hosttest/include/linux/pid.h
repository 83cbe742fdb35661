/* SPDX-License-Identifier: GPL-2.0-only */
/* pid.h - processes by number. A kill is told to the test, see host_on_kill(). */
#ifndef HOST_LINUX_PID_H
#define HOST_LINUX_PID_H

#include <linux/kernel.h>

struct task_struct;

struct pid {
	int number;
};

#define PIDTYPE_TGID	0
#ifndef SIGKILL
#define SIGKILL		9
#endif

struct pid *get_task_pid(struct task_struct *task, int type);
void put_pid(struct pid *pid);
int pid_nr(const struct pid *pid);
int kill_pid(struct pid *pid, int signal, int private);

#endif /* HOST_LINUX_PID_H */
