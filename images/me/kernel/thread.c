/* SPDX-License-Identifier: GPL-2.0-only */
/* thread.c - threads and the choice among them: first come, first served. */
#include "abi/where.h"
#include "asm/irqflags.h"
#include "mm.h"
#include "panic.h"
#include "thread.h"
#include "time.h"

/* The frame that cpu_switch() leaves on a stack: x29, x30, x19 to x28. */
#define SWITCH_WORDS	12
#define SWITCH_X30	1
#define SWITCH_X19	2
#define SWITCH_X20	3

void cpu_switch(u64 *save_sp, u64 load_sp);
void thread_start(void);
void thread_returned(void) __noreturn;

static struct thread idle = {
	.name = "idle", .state = THREAD_RUNNING, .deadline = TIME_NEVER, .queue = LIST_INIT(idle.queue),
};
static struct thread *current = &idle;
static struct list ready = LIST_INIT(ready);
static struct list all = LIST_INIT(all);
static struct thread *alone;	/* the one that may run, or NULL: all may */

/* For who looks from outside; head.S tells where it is. */
extern const struct me_where me_where;
const struct me_where me_where = {
	.signature = ME_WHERE_SIGNATURE,
	.sp = __builtin_offsetof(struct thread, sp),
	.name = __builtin_offsetof(struct thread, name),
	.link = __builtin_offsetof(struct thread, all),
	.state = __builtin_offsetof(struct thread, state),
	.threads = (u64)&all,
	.current = (u64)&current,
};
_Static_assert(__builtin_offsetof(struct list, next) == sizeof(u64), "abi/where.h");

void thread_init(void)
{
	list_add_tail(&idle.all, &all);
}

int thread_create(const char *name, void (*fn)(void *), void *arg)
{
	struct thread *t = kzalloc(sizeof(*t));
	u8 *stack;
	u64 *frame;
	u64 flags;

	if (!t)
		return -ENOMEM;
	stack = page_alloc(THREAD_STACK_PAGES);
	if (!stack) {
		kfree(t);
		return -ENOMEM;
	}
	frame = (u64 *)(stack + THREAD_STACK_PAGES * PAGE_SIZE) - SWITCH_WORDS;
	frame[SWITCH_X30] = (u64)thread_start;
	frame[SWITCH_X19] = (u64)fn;
	frame[SWITCH_X20] = (u64)arg;
	t->sp = (u64)frame;
	t->name = name;
	t->state = THREAD_READY;
	t->deadline = TIME_NEVER;

	flags = irq_save();
	list_add_tail(&t->all, &all);
	list_add_tail(&t->queue, &ready);
	irq_restore(flags);
	return 0;
}

void thread_returned(void)
{
	panic("thread %s returned", current->name);
}

struct thread *thread_current(void)
{
	return current;
}

const char *thread_name(void)
{
	return current->name;
}

void thread_for_each(void (*fn)(const struct thread *, void *), void *arg)
{
	struct list *pos;

	list_for_each(pos, &all)
		fn(container_of(pos, struct thread, all), arg);
}

void thread_freeze_others(void)
{
	alone = current;
}

void thread_thaw_others(void)
{
	alone = NULL;
}

/* Return: who runs next, or NULL. The frozen ones may become ready; they keep their turn. */
static struct thread *first_ready(void)
{
	if (alone)
		return alone->state == THREAD_READY ? alone : NULL;
	return list_empty(&ready) ? NULL : container_of(ready.next, struct thread, queue);
}

static void switch_to_next(void)
{
	struct thread *prev = current;
	struct thread *next = first_ready();

	if (next)
		list_del(&next->queue);
	else
		next = &idle;
	next->state = THREAD_RUNNING;
	if (next == prev)
		return;
	next->switches++;
	current = next;
	cpu_switch(&prev->sp, next->sp);
}

void thread_yield(void)
{
	u64 flags = irq_save();

	if (first_ready()) {
		current->state = THREAD_READY;
		list_add_tail(&current->queue, &ready);
		switch_to_next();
	}
	irq_restore(flags);
}

void thread_wait(struct list *queue, u64 deadline)
{
	BUG_ON(current == &idle);
	current->state = THREAD_WAITING;
	current->timed_out = false;
	current->deadline = deadline;
	list_add_tail(&current->queue, queue);
	if (deadline != TIME_NEVER)
		timer_update();
	switch_to_next();
}

void thread_wake(struct thread *t, bool timed_out)
{
	list_del(&t->queue);
	t->state = THREAD_READY;
	t->timed_out = timed_out;
	t->deadline = TIME_NEVER;
	list_add_tail(&t->queue, &ready);
}

void thread_expire(u64 now)
{
	struct list *pos;
	struct thread *t;

	list_for_each(pos, &all) {
		t = container_of(pos, struct thread, all);
		if (t->state == THREAD_WAITING && t->deadline <= now)
			thread_wake(t, true);
	}
}

u64 thread_next_deadline(void)
{
	u64 earliest = TIME_NEVER;
	struct list *pos;
	struct thread *t;

	list_for_each(pos, &all) {
		t = container_of(pos, struct thread, all);
		if (t->state == THREAD_WAITING && t->deadline < earliest)
			earliest = t->deadline;
	}
	return earliest;
}

void thread_idle(void)
{
	for (;;) {
		irq_disable();
		while (!first_ready()) {
			/* Ends at an interrupt that is masked, too; so none slips in before it. */
			wfi();
			irq_enable();
			isb();
			irq_disable();
		}
		idle.state = THREAD_READY;
		switch_to_next();
	}
}
