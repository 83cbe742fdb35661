/* SPDX-License-Identifier: GPL-2.0-only */
/* arm_timer.c - the virtual counter and timer of the architecture. No tick: it is set when needed. */
#include "asm/io.h"
#include "asm/irqflags.h"
#include "device.h"
#include "irq.h"
#include "thread.h"
#include "time.h"
#include "tree.h"

#define VIRTUAL_TIMER	2	/* index in the node's interrupts */
#define CTL_ENABLE	1u
#define CTL_OFF		0u

static u64 uncounted;	/* ticks while time stood still */
static u64 stopped_at;
static bool stopped;

static u64 counter(void)
{
	/* Without it the counter may be read ahead of what came before. */
	isb();
	return read_sysreg(cntvct_el0);
}

static u64 ticks(void)
{
	return stopped ? stopped_at : counter() - uncounted;
}

u64 time_now(void)
{
	u64 hz = read_sysreg(cntfrq_el0);
	u64 t = ticks();

	/* Split, for t * 10^9 passes 64 bits within minutes. */
	return t / hz * NS_PER_S + t % hz * NS_PER_S / hz;
}

u64 time_in_ms(u64 ms)
{
	return time_now() + ms * NS_PER_MS;
}

void timer_update(void)
{
	u64 hz = read_sysreg(cntfrq_el0);
	u64 ns = thread_next_deadline();

	if (stopped || ns == TIME_NEVER) {
		write_sysreg(cntv_ctl_el0, CTL_OFF);
	} else {
		/* One tick late rather than early: an early one would find nothing to expire. */
		write_sysreg(cntv_cval_el0, ns / NS_PER_S * hz + ns % NS_PER_S * hz / NS_PER_S + 1 +
			     uncounted);
		write_sysreg(cntv_ctl_el0, CTL_ENABLE);
	}
	isb();
}

void time_stop(void)
{
	u64 flags = irq_save();

	stopped_at = ticks();
	stopped = true;
	timer_update();
	irq_restore(flags);
}

void time_go(void)
{
	u64 flags = irq_save();

	/* May be less than nothing, if the counter of another machine was put back: it wraps. */
	uncounted = counter() - stopped_at;
	stopped = false;
	timer_update();
	irq_restore(flags);
}

static void timer_interrupt(void *arg __unused)
{
	thread_expire(time_now());
	timer_update();
}

static int timer_init(dev_t *dev, int offset)
{
	u32 irq;
	bool edge;
	int err;

	write_sysreg(cntv_ctl_el0, CTL_OFF);
	err = tree_interrupt(dev->fdt, offset, VIRTUAL_TIMER, &irq, &edge);
	if (err)
		return err;
	return irq_bind(irq, edge, timer_interrupt, NULL);
}
REGISTER_DRIVER_CORE("arm,armv8-timer", timer_init);
