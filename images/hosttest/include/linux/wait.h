/* SPDX-License-Identifier: GPL-2.0-only */
/* wait.h - a wait evaluates its condition again whenever anything was done elsewhere. */
#ifndef HOST_LINUX_WAIT_H
#define HOST_LINUX_WAIT_H

#include <linux/mutex.h>

typedef struct wait_queue_head {
	int unused;
} wait_queue_head_t;

typedef struct wait_queue_entry {
	void *private;
} wait_queue_entry_t;

#define DECLARE_WAIT_QUEUE_HEAD(name)	wait_queue_head_t name = { 0 }

static inline void init_waitqueue_head(wait_queue_head_t *wq)
{
	wq->unused = 0;
}

#define wake_up_all(wq)			((void)(wq), host_progress())
#define wake_up(wq)			wake_up_all(wq)
#define wake_up_interruptible(wq)	wake_up_all(wq)

#define wait_event(wq, cond) \
	do { (void)(wq); while (!(cond)) host_pause(HOST_NEVER); } while (0)

/* Return: 0, or -ERESTARTSYS once host_interrupt() was called. */
#define wait_event_interruptible(wq, cond) ({				\
	int __err = 0;							\
	(void)(wq);							\
	while (!(cond) && !(__err = host_interrupted() ? -ERESTARTSYS : 0))	\
		host_pause(HOST_NEVER);					\
	__err; })

/* Return: what is left, at least 1 if the condition holds, or 0. */
#define wait_event_timeout(wq, cond, timeout) ({			\
	unsigned long __until = host_jiffies + (timeout);		\
	bool __met;							\
	(void)(wq);							\
	while (!(__met = (cond)) && host_jiffies < __until)		\
		host_pause(__until);					\
	(long)(!__met ? 0 : __until > host_jiffies ? __until - host_jiffies : 1); })

#endif /* HOST_LINUX_WAIT_H */
