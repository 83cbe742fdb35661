// SPDX-License-Identifier: GPL-2.0-only
/*
 * hypercall.c - what an ME may ask of the agency's core. Its host brings each call here.
 */
#include <linux/delay.h>

#include <abi/limits.h>
#include <soo/dcomm.h>
#include <soo/domain.h>
#include <soo/evtchn.h>
#include <soo/gnttab.h>

static int me_state(struct soo_domain *dom, u64 state)
{
	/* An ME reports what it alone knows; all else is the agency's to say. */
	if (state != ME_STATE_TERMINATED)
		return -EPERM;
	soo_domain_set_state(dom, state);
	dcomm_terminated(dom);
	return SOO_HYPERCALL_END;
}

static int call(struct soo_domain *dom, u32 op, u64 arg0, u64 arg1, u32 *ret)
{
	switch (op) {
	case AVZ_EVTCHN_ALLOC_UNBOUND:
		return arg0 > U32_MAX ? -EINVAL : evtchn_alloc_unbound(dom, arg0, ret);
	case AVZ_EVTCHN_CLOSE:
		return arg0 > U32_MAX ? -EINVAL : evtchn_close(dom, arg0);
	case AVZ_GNTTAB_GRANT:
		return arg1 > U32_MAX ? -EINVAL : gnttab_grant(dom, arg0, arg1, ret);
	case AVZ_GNTTAB_REVOKE:
		return arg0 > U32_MAX ? -EINVAL : gnttab_revoke(dom, arg0);
	default:
		return -ENOSYS;
	}
}

/* What changes something is told to observers: an ME that does nothing else is slowed down. */
static void pace(struct soo_domain *dom)
{
	unsigned int wait = soo_rate_take(&dom->call_rate, SOO_RATE_CHANGES);

	if (wait)
		msleep_interruptible(wait);
}

/* Arguments are copied once: the ME may rewrite them at any time. */
int soo_hypercall(struct soo_domain *dom, u32 op)
{
	struct avz_shared *shared = dom->shared;
	u64 arg0 = READ_ONCE(shared->hypercall_arg[0]);
	u64 arg1 = READ_ONCE(shared->hypercall_arg[1]);
	u32 ret = 0;
	int err;

	/* An ME that is cut off may still end. */
	if (op == AVZ_ME_STATE)
		err = me_state(dom, arg0);
	else
		err = READ_ONCE(dom->cut_off) ? -ESHUTDOWN : call(dom, op, arg0, arg1, &ret);
	if (err == SOO_HYPERCALL_END)
		return err;
	if (!err)
		pace(dom);
	else if (err != -ESHUTDOWN)
		soo_refused(dom, err, "hypercall");
	WRITE_ONCE(shared->hypercall_ret, ret);
	WRITE_ONCE(shared->hypercall_err, err);
	return 0;
}
