/* SPDX-License-Identifier: GPL-2.0-only */
/* wait.h - waiting for a condition, with a deadline. */
#ifndef WAIT_H
#define WAIT_H

#include "asm/irqflags.h"
#include "list.h"
#include "time.h"

struct wait_queue {
	struct list waiters;
};

#define WAIT_QUEUE_INIT(name)	{ LIST_INIT((name).waiters) }

void wait_queue_init(struct wait_queue *wq);

/* Any context. */
void wait_wake_all(struct wait_queue *wq);

/* Interrupts off. Return: false if @deadline (ns) passed first. */
bool wait_sleep(struct wait_queue *wq, u64 deadline);

/* True once @condition holds, false if @deadline (ns) passed before it did. */
#define wait_event_until(wq, condition, deadline) ({			\
	u64 __flags = irq_save();					\
	u64 __deadline = (deadline);					\
	bool __met, __in_time = true;					\
	while (!(__met = (condition)) && __in_time)			\
		__in_time = wait_sleep(wq, __deadline);			\
	irq_restore(__flags);						\
	__met; })

#define wait_event(wq, condition)	((void)wait_event_until(wq, condition, TIME_NEVER))

struct mutex {
	bool held;
	struct wait_queue wq;
};

#define MUTEX_INIT(name)	{ false, WAIT_QUEUE_INIT((name).wq) }

void mutex_init(struct mutex *m);
void mutex_lock(struct mutex *m);
void mutex_unlock(struct mutex *m);

#endif /* WAIT_H */
