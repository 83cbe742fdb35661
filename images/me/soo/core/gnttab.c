/* SPDX-License-Identifier: GPL-2.0-only */
/* gnttab.c - grants: pages that the agency may map. */
#include "abi/gnttab.h"

#include "soo/avz.h"

int gnttab_grant(const void *page, u32 remote, u32 *ref)
{
	u64 ret;
	int err;

	err = avz_hypercall(AVZ_GNTTAB_GRANT, (u64)page >> PAGE_SHIFT, remote, &ret);
	if (err)
		return err;
	if (ret == GNTTAB_INVALID_REF || ret >= GNTTAB_MAX)
		return -EPROTO;
	*ref = (u32)ret;
	return 0;
}

int gnttab_revoke(u32 ref)
{
	return avz_hypercall(AVZ_GNTTAB_REVOKE, ref, 0, NULL);
}
