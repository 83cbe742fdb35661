/* SPDX-License-Identifier: GPL-2.0-only */
/* wait.c - wait queues and the mutex made of one. */
#include "thread.h"
#include "wait.h"

void wait_queue_init(struct wait_queue *wq)
{
	list_init(&wq->waiters);
}

void wait_wake_all(struct wait_queue *wq)
{
	u64 flags = irq_save();

	while (!list_empty(&wq->waiters))
		thread_wake(container_of(wq->waiters.next, struct thread, queue), false);
	irq_restore(flags);
}

bool wait_sleep(struct wait_queue *wq, u64 deadline)
{
	thread_wait(&wq->waiters, deadline);
	return !thread_current()->timed_out;
}

void mutex_init(struct mutex *m)
{
	m->held = false;
	wait_queue_init(&m->wq);
}

void mutex_lock(struct mutex *m)
{
	u64 flags = irq_save();

	wait_event(&m->wq, !m->held);
	m->held = true;
	irq_restore(flags);
}

void mutex_unlock(struct mutex *m)
{
	m->held = false;
	wait_wake_all(&m->wq);
}
