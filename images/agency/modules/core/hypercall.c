// SPDX-License-Identifier: GPL-2.0-only
/*
 * hypercall.c - what an ME may ask of the agency's core. Its host brings each call here.
 */
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

/* Arguments are copied once: the ME may rewrite them at any time. */
int soo_hypercall(struct soo_domain *dom, u32 op)
{
	struct avz_shared *shared = dom->shared;
	u64 arg0 = READ_ONCE(shared->hypercall_arg[0]);
	u64 arg1 = READ_ONCE(shared->hypercall_arg[1]);
	u32 ret = 0;
	int err;

	switch (op) {
	case AVZ_EVTCHN_ALLOC_UNBOUND:
		err = arg0 > U32_MAX ? -EINVAL : evtchn_alloc_unbound(dom, arg0, &ret);
		break;
	case AVZ_EVTCHN_CLOSE:
		err = arg0 > U32_MAX ? -EINVAL : evtchn_close(dom, arg0);
		break;
	case AVZ_GNTTAB_GRANT:
		err = arg1 > U32_MAX ? -EINVAL : gnttab_grant(dom, arg0, arg1, &ret);
		break;
	case AVZ_GNTTAB_REVOKE:
		err = arg0 > U32_MAX ? -EINVAL : gnttab_revoke(dom, arg0);
		break;
	case AVZ_ME_STATE:
		err = me_state(dom, arg0);
		break;
	default:
		err = -ENOSYS;
		break;
	}
	if (err == SOO_HYPERCALL_END)
		return err;
	WRITE_ONCE(shared->hypercall_ret, ret);
	WRITE_ONCE(shared->hypercall_err, err);
	return 0;
}
