/* SPDX-License-Identifier: GPL-2.0-only */
/* mutex.h - mutexes among the fibers of ../../host/sched.c, and spinlocks, which must not be held across a wait. */
#ifndef HOST_LINUX_MUTEX_H
#define HOST_LINUX_MUTEX_H

#include <linux/kernel.h>

struct mutex {
	void *owner;		/* the fiber, or NULL */
	unsigned int waiting;
};

typedef struct {
	bool held;
} spinlock_t;

#define DEFINE_MUTEX(name)	struct mutex name = { NULL, 0 }
#define DEFINE_SPINLOCK(name)	spinlock_t name = { false }

static inline void mutex_init(struct mutex *m)
{
	*m = (struct mutex){ NULL, 0 };
}

void mutex_lock(struct mutex *m);
bool mutex_trylock(struct mutex *m);
void mutex_unlock(struct mutex *m);

static inline int mutex_lock_interruptible(struct mutex *m)
{
	mutex_lock(m);
	return 0;
}

static inline void spin_lock_init(spinlock_t *lock)
{
	lock->held = false;
}

void spin_lock(spinlock_t *lock);
void spin_unlock(spinlock_t *lock);

#define spin_lock_irqsave(lock, flags)		do { (flags) = 0; spin_lock(lock); } while (0)
#define spin_unlock_irqrestore(lock, flags)	do { (void)(flags); spin_unlock(lock); } while (0)
#define lockdep_assert_held(m)			BUG_ON(!(m)->owner)

#endif /* HOST_LINUX_MUTEX_H */
