/* SPDX-License-Identifier: GPL-2.0-only */
/* wait.h - a wait evaluates its condition again whenever anything was done elsewhere. */
#ifndef HOST_LINUX_WAIT_H
#define HOST_LINUX_WAIT_H

#include <linux/mutex.h>

struct wait_queue_entry;
typedef int (*wait_queue_func_t)(struct wait_queue_entry *entry, unsigned int mode, int sync, void *key);

/* Of a doorbell: who is told. */
typedef struct wait_queue_entry {
	wait_queue_func_t func;
} wait_queue_entry_t;

typedef struct wait_queue_head {
	wait_queue_entry_t *entry;
} wait_queue_head_t;

#define DECLARE_WAIT_QUEUE_HEAD(name)	wait_queue_head_t name = { NULL }

static inline void init_waitqueue_head(wait_queue_head_t *wq)
{
	wq->entry = NULL;
}

static inline void init_waitqueue_func_entry(wait_queue_entry_t *entry, wait_queue_func_t func)
{
	entry->func = func;
}

static inline void add_wait_queue(wait_queue_head_t *wq, wait_queue_entry_t *entry)
{
	wq->entry = entry;
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
