// SPDX-License-Identifier: GPL-2.0-only
/*
 * shared_pages.c - pages of an ME that the agency reads and writes, and the two that every ME has.
 */
#include <linux/mm.h>
#include <linux/sched.h>

#include <soo/domain.h>
#include <soo/fault.h>

int soo_domain_pin(struct soo_domain *dom, u64 addr, struct page **ret)
{
	int n;

	if (current->mm != dom->mm)
		return -EPERM;
	if (addr < dom->ram_base || addr - dom->ram_base > dom->ram_size - PAGE_SIZE) {
		if (!soo_fault("gnttab-foreign-frame"))
			return -EFAULT;
		addr = dom->ram_base;	/* some page or other */
	}
	n = pin_user_pages_fast(dom->ram + (addr - dom->ram_base), 1, FOLL_WRITE | FOLL_LONGTERM, ret);
	if (n == 1)
		return 0;
	return n < 0 ? n : -EFAULT;
}

int soo_share_pages(struct soo_domain *dom, u64 shared)
{
	int err;

	err = soo_domain_pin(dom, shared, &dom->shared_pages[0]);
	if (err)
		return err;
	err = soo_domain_pin(dom, shared + PAGE_SIZE, &dom->shared_pages[1]);
	if (err) {
		unpin_user_page(dom->shared_pages[0]);
		return err;
	}
	dom->shared = page_address(dom->shared_pages[0]);
	dom->vbs_page = page_address(dom->shared_pages[1]);
	clear_page(dom->shared);
	clear_page(dom->vbs_page);
	dom->shared->signature = SOO_SIGNATURE;
	dom->shared->revision = SOO_ABI_REVISION;
	dom->shared->domid = dom->domid;
	dom->shared->incarnation = dom->incarnation;
	if (dom->incarnation && soo_fault("be-restore-wrong-incarnation"))
		dom->shared->incarnation--;	/* the ME is to believe that it never left */
	dom->shared->vbstore_revmask = 1u << (VBS_MSG_REVISION & 0x1f);
	dom->vbs_page->domid = dom->domid;
	return 0;
}

void soo_unshare_pages(struct soo_domain *dom)
{
	unpin_user_pages_dirty_lock(dom->shared_pages, 2, true);
}
