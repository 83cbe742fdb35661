// SPDX-License-Identifier: GPL-2.0-only
/*
 * fault.c - which defect this test build has, and the defects of the agency as a whole.
 */
#include <linux/irqflags.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/panic.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

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

void soo_fault_on_injection(void)
{
	if (soo_fault("agency-panic"))
		panic("planted: injection");
	if (soo_fault("agency-oops"))
		*(volatile int *)NULL = 0;
	if (soo_fault("agency-bug"))
		BUG();
	if (soo_fault("agency-hang"))
		spin_with_interrupts_off();
}
#endif
