/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sched.c - work items, tasks, locks and waits on fibers.
 *
 * The main fiber is the scheduler: it begins what is due in the order of its queueing, and lets those
 * go on who wait, once there was progress. Time moves only when it is told to, or when all wait.
 */
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#define WORKERS		16
#define TURNS_MAX	20000	/* without time passing: something goes in circles */

enum worker_state { WORKER_IDLE, WORKER_READY, WORKER_PAUSED };

struct worker {
	struct fiber *fiber;
	enum worker_state state;
	struct work_struct *work;	/* compared only: it may free itself */
	struct workqueue_struct *wq;
	void (*fn)(void *);
	void *arg;
	unsigned long until;
	unsigned long seen;
};

unsigned long host_jiffies = 1000;

static struct worker workers[WORKERS];
static LIST_HEAD(pending);
static unsigned long progress;
static unsigned int spinlocks;
static bool interrupted;

static struct workqueue_struct unbound;
struct workqueue_struct *system_unbound_wq = &unbound;
struct workqueue_struct *system_wq = &unbound;

void host_progress(void)
{
	progress++;
}

void host_interrupt(bool on)
{
	interrupted = on;
	progress++;
}

bool host_interrupted(void)
{
	return interrupted;
}

static struct worker *worker_of(struct fiber *fiber)
{
	int i;

	for (i = 0; i < WORKERS; i++) {
		if (workers[i].fiber == fiber)
			return &workers[i];
	}
	return NULL;
}

static void worker_loop(void *arg)
{
	struct worker *w = arg;

	for (;;) {
		if (w->work)
			w->work->func(w->work);
		else
			w->fn(w->arg);
		host_check(!spinlocks, "a work item ended with a spinlock held");
		w->work = NULL;
		w->state = WORKER_IDLE;
		progress++;
		fiber_switch(fiber_main());
	}
}

static struct worker *idle_worker(void)
{
	int i;

	for (i = 0; i < WORKERS; i++) {
		if (workers[i].state == WORKER_IDLE)
			break;
	}
	host_check(i < WORKERS, "more than %d work items wait for something", WORKERS);
	if (!workers[i].fiber)
		workers[i].fiber = fiber_new(worker_loop, &workers[i]);
	return &workers[i];
}

static void resume(struct worker *w)
{
	w->state = WORKER_READY;
	fiber_switch(w->fiber);
}

static bool is_running(const struct work_struct *work)
{
	int i;

	for (i = 0; i < WORKERS; i++) {
		if (workers[i].state != WORKER_IDLE && workers[i].work == work)
			return true;
	}
	return false;
}

static bool begin_one(void)
{
	struct work_struct *work;
	struct worker *w;

	list_for_each_entry(work, &pending, link) {
		if (work->due > host_jiffies || is_running(work))
			continue;
		w = idle_worker();
		list_del(&work->link);
		work->pending = false;
		w->work = work;
		w->wq = work->wq;
		resume(w);
		return true;
	}
	return false;
}

static bool go_on(void)
{
	bool any = false;
	int i;

	for (i = 0; i < WORKERS; i++) {
		struct worker *w = &workers[i];

		if (w->state == WORKER_READY) {
			resume(w);
			any = true;
		}
		if (w->state != WORKER_PAUSED || (w->seen == progress && w->until > host_jiffies))
			continue;
		resume(w);
		any = true;
	}
	return any;
}

static bool turn(void)
{
	bool any = go_on();

	return begin_one() || any;
}

void host_run(void)
{
	unsigned int turns = 0;

	while (turn())
		host_check(++turns < TURNS_MAX, "work goes on for ever without any time passing");
}

static unsigned long next_time(void)
{
	unsigned long next = HOST_NEVER;
	struct work_struct *work;
	int i;

	list_for_each_entry(work, &pending, link) {
		if (!is_running(work))
			next = min(next, work->due);
	}
	for (i = 0; i < WORKERS; i++) {
		if (workers[i].state == WORKER_PAUSED)
			next = min(next, workers[i].until);
	}
	return next;
}

void host_run_for(unsigned long ms)
{
	unsigned long end = host_jiffies + ms;

	host_run();
	while (next_time() <= end) {
		host_jiffies = max(host_jiffies, next_time());
		host_run();
	}
	host_jiffies = end;
}

static void pause_main(unsigned long until)
{
	unsigned long next;

	if (turn())
		return;
	next = min(next_time(), until);
	host_check(next != HOST_NEVER, "everybody waits for ever");
	host_jiffies = max(host_jiffies, next);
}

void host_pause(unsigned long until)
{
	struct worker *w = worker_of(fiber_current());

	host_check(!spinlocks, "a wait with a spinlock held");
	if (!w) {
		pause_main(until);
		return;
	}
	w->until = until;
	w->seen = progress;
	w->state = WORKER_PAUSED;
	fiber_switch(fiber_main());
}

void host_sleep(unsigned long ms)
{
	unsigned long until = host_jiffies + ms;

	while (host_jiffies < until)
		host_pause(until);
}

void host_task(void (*fn)(void *), void *arg)
{
	struct worker *w = idle_worker();

	w->fn = fn;
	w->arg = arg;
	w->wq = NULL;
	w->state = WORKER_READY;
}

unsigned int host_tasks(void)
{
	unsigned int n = 0;
	int i;

	for (i = 0; i < WORKERS; i++)
		n += workers[i].state != WORKER_IDLE;
	return n;
}

static bool queue(struct workqueue_struct *wq, struct work_struct *work, unsigned long delay)
{
	if (work->pending)
		return false;
	host_check(work->func, "a work item that was not set up");
	work->pending = true;
	work->due = host_jiffies + delay;
	work->wq = wq;
	list_add_tail(&work->link, &pending);
	progress++;
	return true;
}

bool queue_work(struct workqueue_struct *wq, struct work_struct *work)
{
	return queue(wq, work, 0);
}

bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *work, unsigned long delay)
{
	return queue(wq, &work->work, delay);
}

bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *work, unsigned long delay)
{
	bool was = work->work.pending;

	if (was) {
		list_del(&work->work.link);
		work->work.pending = false;
	}
	queue(wq, &work->work, delay);
	return was;
}

bool flush_work(struct work_struct *work)
{
	bool ran = is_running(work);

	while (is_running(work))
		host_pause(HOST_NEVER);
	return ran;
}

bool cancel_work_sync(struct work_struct *work)
{
	bool was = work->pending;
	struct worker *self = worker_of(fiber_current());

	host_check(!self || self->work != work, "a work item waits for its own end");
	if (was) {
		list_del(&work->link);
		work->pending = false;
	}
	return flush_work(work) || was;
}

static bool has_work(const struct workqueue_struct *wq)
{
	struct worker *self = worker_of(fiber_current());
	struct work_struct *work;
	int i;

	list_for_each_entry(work, &pending, link) {
		if (work->wq == wq && work->due <= host_jiffies)
			return true;
	}
	for (i = 0; i < WORKERS; i++) {
		if (workers[i].state != WORKER_IDLE && workers[i].wq == wq && &workers[i] != self)
			return true;
	}
	return false;
}

void flush_workqueue(struct workqueue_struct *wq)
{
	while (has_work(wq))
		host_pause(HOST_NEVER);
}

void mutex_lock(struct mutex *m)
{
	host_check(m->owner != fiber_current(), "a mutex is taken twice");
	host_check(!spinlocks, "a mutex is taken with a spinlock held");
	m->waiting++;
	while (m->owner)
		host_pause(HOST_NEVER);
	m->waiting--;
	m->owner = fiber_current();
}

bool mutex_trylock(struct mutex *m)
{
	if (m->owner)
		return false;
	m->owner = fiber_current();
	return true;
}

void mutex_unlock(struct mutex *m)
{
	host_check(m->owner == fiber_current(), "a mutex is let go by another than its owner");
	m->owner = NULL;
	/* Conditions that take a mutex are no progress. */
	progress += m->waiting > 0;
}

void spin_lock(spinlock_t *lock)
{
	host_check(!lock->held, "a spinlock is taken twice");
	lock->held = true;
	spinlocks++;
}

void spin_unlock(spinlock_t *lock)
{
	host_check(lock->held, "a spinlock is let go that was not taken");
	lock->held = false;
	spinlocks--;
}

void *host_kalloc(size_t size, unsigned int may_not_sleep)
{
	host_check(may_not_sleep || !spinlocks, "memory that may be waited for, with a spinlock held");
	return host_alloc(size);
}
