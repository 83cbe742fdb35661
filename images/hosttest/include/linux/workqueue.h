/* SPDX-License-Identifier: GPL-2.0-only */
/* workqueue.h - work items, begun one after the other in the order of their queueing; see ../../host/sched.c. */
#ifndef HOST_LINUX_WORKQUEUE_H
#define HOST_LINUX_WORKQUEUE_H

#include <linux/jiffies.h>
#include <linux/list.h>

struct work_struct;
typedef void (*work_func_t)(struct work_struct *work);

struct work_struct {
	work_func_t func;
	bool pending;
	unsigned long due;
	struct workqueue_struct *wq;
	struct list_head link;		/* while it is pending */
};

struct delayed_work {
	struct work_struct work;
};

struct workqueue_struct {
	int unused;
};

#define WQ_UNBOUND	1u
#define WQ_HIGHPRI	2u
#define alloc_workqueue(name, flags, max)	((struct workqueue_struct *)host_alloc(sizeof(struct workqueue_struct)))
#define destroy_workqueue(wq)			host_free(wq)

extern struct workqueue_struct *system_unbound_wq;
extern struct workqueue_struct *system_wq;

#define INIT_WORK(w, fn)		(*(w) = (struct work_struct){ .func = (fn) })
#define DECLARE_WORK(name, fn)		struct work_struct name = { .func = (fn) }
#define INIT_DELAYED_WORK(d, fn)	INIT_WORK(&(d)->work, fn)
#define to_delayed_work(w)		container_of(w, struct delayed_work, work)

bool queue_work(struct workqueue_struct *wq, struct work_struct *work);
bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *work, unsigned long delay);
bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *work, unsigned long delay);
bool cancel_work_sync(struct work_struct *work);
bool flush_work(struct work_struct *work);
void flush_workqueue(struct workqueue_struct *wq);

static inline bool cancel_delayed_work_sync(struct delayed_work *work)
{
	return cancel_work_sync(&work->work);
}

static inline bool flush_delayed_work(struct delayed_work *work)
{
	if (work->work.pending)
		mod_delayed_work(work->work.wq, work, 0);
	while (work->work.pending)
		host_pause(HOST_NEVER);
	return flush_work(&work->work);
}

static inline bool schedule_work(struct work_struct *work)
{
	return queue_work(system_wq, work);
}

/* On whatever CPU: there is one. */
static inline bool schedule_work_on(int cpu, struct work_struct *work)
{
	(void)cpu;
	return schedule_work(work);
}

#endif /* HOST_LINUX_WORKQUEUE_H */
