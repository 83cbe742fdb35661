// SPDX-License-Identifier: GPL-2.0-only
/*
 * pace_timers.c - the pacemaker of deterministic runs, and what makes one run's interleaving differ from another's.
 *
 *     insmod pace.ko beat=NANOSECONDS
 *     echo SEED >/sys/module/pace/parameters/seed
 *
 * One hrtimer beats at fixed moments: its hint is where the harness holds the machine (images/plugin/pace.c).
 *
 * With a seed, a timer on each CPU fires at moments that follow from the seed. Under icount QEMU changes the
 * CPU whenever a timer is due, so each of them is a place where another CPU may step in between two
 * instructions; now and then the handler also lingers, as a slow CPU would, while the other ones go on.
 */
#include <linux/cpu.h>
#include <linux/hrtimer.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/processor.h>
#include <linux/sched.h>
#include <linux/smp.h>

/* HINT #0x6d, the same number as in the plugin. */
#define PACE_HINT ".inst 0xd5032dbf"

/* Longest span between two disturbances, in nanoseconds, as powers of two: from 64 us to 4 ms. */
#define SHORTEST_BITS 16
#define LONGEST_BITS 22
/* One disturbance in so many lingers, at most so long. */
#define LINGER_ONE_IN 8
#define LINGER_NS (60 * NSEC_PER_USEC)

static ulong beat = NSEC_PER_MSEC;
module_param(beat, ulong, 0444);
MODULE_PARM_DESC(beat, "nanoseconds between two beats");

struct disturber {
	struct hrtimer timer;
	u64 random;
	unsigned int bits;
};

/*
 * The CPU that beats, and is never idle. Both must be the same: a CPU of QEMU's loses its turn when it sets a
 * timer, so one with the beats beside one that spins would do nothing but set its timer again.
 */
#define OWN_CPU 0
#define SPINS 256
/* An odd number with its bits well mixed, the golden ratio's. */
#define SPREAD 0x9e3779b97f4a7c15ULL

static ulong seed;
static struct hrtimer pacemaker;
static struct task_struct *spinner;
static DEFINE_PER_CPU(struct disturber, disturbers);

static enum hrtimer_restart on_beat(struct hrtimer *timer)
{
	hrtimer_forward_now(timer, ns_to_ktime(beat));
	asm volatile(PACE_HINT ::: "memory");
	return HRTIMER_RESTART;
}

/*
 * With all CPUs idle it is QEMU's main loop that moves the clock on, beside the thread that runs the CPUs: then
 * the two may come in either order. So one CPU always has something to do, if nothing better than this.
 */
static int spin(void *unused)
{
	sched_set_normal(current, MAX_NICE);
	while (!kthread_should_stop()) {
		for (int i = 0; i < SPINS; i++)
			barrier();
		cond_resched();
	}
	return 0;
}

/* xorshift64*: short, and the same everywhere. */
static u64 draw(struct disturber *self)
{
	self->random ^= self->random >> 12;
	self->random ^= self->random << 25;
	self->random ^= self->random >> 27;
	return self->random * 0x2545f4914f6cdd1dULL;
}

static u64 draw_below(struct disturber *self, u64 limit)
{
	return mul_u64_u64_shr(draw(self), limit, 64);
}

static void linger(u64 ns)
{
	u64 until = ktime_get_ns() + ns;

	while (ktime_get_ns() < until)
		cpu_relax();
}

static enum hrtimer_restart on_disturbance(struct hrtimer *timer)
{
	struct disturber *self = container_of(timer, struct disturber, timer);

	if (!draw_below(self, LINGER_ONE_IN))
		linger(draw_below(self, LINGER_NS));
	hrtimer_forward_now(timer, ns_to_ktime(1 + draw_below(self, 1ULL << self->bits)));
	return HRTIMER_RESTART;
}

static void start_here(void *unused)
{
	struct disturber *self = this_cpu_ptr(&disturbers);

	/* The same span on all CPUs, for one that is cut in on more often than others falls behind. */
	self->random = (seed * 64 + 1) * SPREAD;
	self->bits = SHORTEST_BITS + draw_below(self, LONGEST_BITS - SHORTEST_BITS + 1);
	/* No two CPUs and no two seeds draw the same; zero would stay zero. */
	self->random = (seed * 64 + 2 + smp_processor_id()) * SPREAD;
	hrtimer_start(&self->timer, ns_to_ktime(draw_below(self, NSEC_PER_MSEC)), HRTIMER_MODE_REL_PINNED_HARD);
}

static void start_beating(void *unused)
{
	hrtimer_start(&pacemaker, ns_to_ktime(beat), HRTIMER_MODE_REL_PINNED_HARD);
}

static int set_seed(const char *text, const struct kernel_param *param)
{
	int error = param_set_ulong(text, param);
	int cpu;

	/* Before the module is there, nothing can be disturbed. */
	if (error || !seed || !pacemaker.function)
		return error;
	cpus_read_lock();
	for_each_online_cpu(cpu)
		hrtimer_cancel(&per_cpu_ptr(&disturbers, cpu)->timer);
	on_each_cpu(start_here, NULL, 1);
	cpus_read_unlock();
	return 0;
}

static const struct kernel_param_ops seed_ops = { .set = set_seed, .get = param_get_ulong };
module_param_cb(seed, &seed_ops, &seed, 0644);
MODULE_PARM_DESC(seed, "disturb from now on, in a way that follows from this number; 0: do not begin");

static int __init pace_init(void)
{
	int cpu;

	if (beat < NSEC_PER_USEC) {
		pr_err("pace: %lu ns is too short for a beat\n", beat);
		return -EINVAL;
	}
	for_each_possible_cpu(cpu) {
		struct disturber *self = per_cpu_ptr(&disturbers, cpu);

		hrtimer_init(&self->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
		self->timer.function = on_disturbance;
	}
	spinner = kthread_create_on_cpu(spin, NULL, OWN_CPU, "pace/%u");
	if (IS_ERR(spinner))
		return PTR_ERR(spinner);
	wake_up_process(spinner);
	hrtimer_init(&pacemaker, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	pacemaker.function = on_beat;
	return smp_call_function_single(OWN_CPU, start_beating, NULL, 1);
}

static void __exit pace_exit(void)
{
	int cpu;

	hrtimer_cancel(&pacemaker);
	kthread_stop(spinner);
	for_each_possible_cpu(cpu)
		hrtimer_cancel(&per_cpu_ptr(&disturbers, cpu)->timer);
}

module_init(pace_init);
module_exit(pace_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("pacemaker of deterministic runs");
