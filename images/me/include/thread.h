/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * thread.h - threads on one CPU. A thread runs until it waits; interrupts only make others ready.
 * So data that no interrupt handler touches needs no lock, except across a wait.
 */
#ifndef THREAD_H
#define THREAD_H

#include "list.h"

#define THREAD_STACK_PAGES	4u

enum thread_state {
	THREAD_READY,
	THREAD_RUNNING,
	THREAD_WAITING,
};

struct thread {
	u64 sp;			/* valid while it does not run */
	const char *name;
	enum thread_state state;
	bool timed_out;
	u64 deadline;		/* ns, of the present wait; TIME_NEVER if it has none */
	u64 switches;
	struct list queue;	/* in the ready list or in a wait queue */
	struct list all;
};

void thread_init(void);

/* Return: 0 or -ENOMEM. @fn must never return. */
int thread_create(const char *name, void (*fn)(void *), void *arg);

const char *thread_name(void);
void thread_for_each(void (*fn)(const struct thread *, void *), void *arg);

/* Turns the caller into the thread that runs when no other can. */
void thread_idle(void) __noreturn;

/*
 * Lets those run who are ready. For threads that have work for long: a wait whose condition holds
 * already is no turn for anybody else.
 */
void thread_yield(void);

/* From the one to the other, no thread but the caller runs. Interrupts are still served. */
void thread_freeze_others(void);
void thread_thaw_others(void);

/* For wait.c and timer.c, with interrupts off. */
struct thread *thread_current(void);
void thread_wait(struct list *queue, u64 deadline);
void thread_wake(struct thread *t, bool timed_out);
void thread_expire(u64 now);
u64 thread_next_deadline(void);

#endif /* THREAD_H */
