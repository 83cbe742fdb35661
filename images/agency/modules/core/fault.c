// SPDX-License-Identifier: GPL-2.0-only
/*
 * fault.c - which defect this test build has, and the defects of the agency as a whole.
 */
#include <linux/irqflags.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/panic.h>
#include <linux/rcupdate.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include <soo/domain.h>
#include <soo/events.h>
#include <soo/fault.h>

#ifdef SOO_FAULTS
static char *fault = "";
module_param(fault, charp, 0444);
MODULE_PARM_DESC(fault, "name of the planted defect");

bool soo_fault(const char *name)
{
	return !strcmp(fault, name);
}
EXPORT_SYMBOL_GPL(soo_fault);

static noinline void spin_with_interrupts_off(void)
{
	/* The other CPU notices it only in a grace period, which an idle system may not ask for. */
	start_poll_synchronize_rcu();
	local_irq_disable();
	for (;;)
		cpu_relax();
}

/* On the other CPU: waits for the lock that this one never gives back. */
static void emit_elsewhere(struct work_struct *work)
{
	soo_event("stream lost n=0");
}
static DECLARE_WORK(elsewhere, emit_elsewhere);

static void start_elsewhere(void)
{
	schedule_work_on(!raw_smp_processor_id(), &elsewhere);
}

/* The injector waits for itself, and the CPUs have nothing to do. */
static noinline void lock_twice(void)
{
	static DEFINE_MUTEX(held);

	mutex_lock(&held);
	mutex_lock(&held);
}

/* The work waits for the mutex, and who has the mutex for the work: insmod never returns. */
static DEFINE_MUTEX(setup_lock);

static void set_up(struct work_struct *work)
{
	mutex_lock(&setup_lock);
	mutex_unlock(&setup_lock);
}
static DECLARE_WORK(setup, set_up);

static noinline void wait_for_setup(void)
{
	mutex_lock(&setup_lock);
	queue_work(soo_wq, &setup);
	flush_work(&setup);
	mutex_unlock(&setup_lock);
}

void soo_fault_on_init(void)
{
	if (soo_fault("agency-init-deadlock"))
		wait_for_setup();
}

void soo_fault_on_injection(void)
{
	if (soo_fault("agency-panic"))
		panic("planted: injection");
	if (soo_fault("agency-oops"))
		*(volatile int *)NULL = 0;
	WARN_ON(soo_fault("agency-warning"));
	if (soo_fault("agency-bug"))
		BUG();
	if (soo_fault("agency-hang"))
		spin_with_interrupts_off();
	if (soo_fault("agency-hang-mutex"))
		lock_twice();
	if (soo_fault("agency-hang-locked"))
		soo_fault_spin_with_events_locked(start_elsewhere);
}

/* Process number of the host of the ME that was resumed last. */
static pid_t resumed;

void soo_fault_on_resume(const struct soo_domain *dom)
{
	resumed = pid_nr(dom->pid);
}

/* An ME that was resumed before and refuses to rest is taken for one that rests. */
void soo_fault_on_refusal(struct soo_domain *dom)
{
	if (resumed == pid_nr(dom->pid) && soo_fault("be-refusal-rests"))
		soo_domain_set_state(dom, ME_STATE_SUSPENDED);
}

/* The ring of an ME that has moved twice stays mapped when it leaves. */
bool soo_fault_keeps_grant(const struct soo_domain *dom)
{
	return dom->incarnation >= 2 && dom->state == ME_STATE_LIVING && soo_fault("be-grant-left-after-moves");
}
#endif
