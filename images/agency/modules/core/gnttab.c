// SPDX-License-Identifier: GPL-2.0-only
/*
 * gnttab.c - one table of grants in each domain.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include <soo/events.h>
#include <soo/fault.h>
#include <soo/gnttab.h>

static const char *const state_names[] = { "free", "granted", "mapped" };

static int find_free(const struct soo_domain *dom)
{
	u32 ref;

	for (ref = GNTTAB_INVALID_REF + 1; ref < GNTTAB_MAX; ref++) {
		if (dom->grants[ref].state == GNTTAB_FREE)
			return ref;
	}
	return -ENOSPC;
}

int gnttab_grant(struct soo_domain *dom, u64 frame, u32 remote, u32 *ref)
{
	struct page *page;
	int err, r;

	if (remote != DOMID_AGENCY)
		return -EINVAL;
	if (frame > U64_MAX >> PAGE_SHIFT && !soo_fault("gnttab-foreign-frame"))
		return -EFAULT;
	err = soo_domain_pin(dom, frame << PAGE_SHIFT, &page);
	if (err)
		return err;
	mutex_lock(&dom->grants_lock);
	r = find_free(dom);
	if (r > 0) {
		dom->grants[r] = (struct grant){ .state = GNTTAB_GRANTED, .frame = frame, .page = page };
		soo_event("grant grant dom=%u ref=%d frame=0x%llx phys=0x%llx", dom->domid, r, frame,
			  (u64)page_to_phys(page));
	}
	mutex_unlock(&dom->grants_lock);
	if (r < 0) {
		unpin_user_page(page);
		return r;
	}
	*ref = r;
	return 0;
}

/* With grants_lock held. */
static void free_grant(struct soo_domain *dom, u32 ref)
{
	unpin_user_pages_dirty_lock(&dom->grants[ref].page, 1, true);
	dom->grants[ref] = (struct grant){ .state = GNTTAB_FREE };
	soo_event("grant revoke dom=%u ref=%u", dom->domid, ref);
}

int gnttab_revoke(struct soo_domain *dom, u32 ref)
{
	int err = 0;

	if (ref >= GNTTAB_MAX)
		return -EINVAL;
	mutex_lock(&dom->grants_lock);
	if (dom->grants[ref].state == GNTTAB_FREE)
		err = -EINVAL;
	else if (dom->grants[ref].state == GNTTAB_MAPPED && !soo_fault("gnttab-revoke-mapped"))
		err = -EBUSY;
	else
		free_grant(dom, ref);
	mutex_unlock(&dom->grants_lock);
	return err;
}

int gnttab_map(struct soo_domain *dom, u32 ref, void **addr)
{
	int err = 0;

	mutex_lock(&dom->grants_lock);
	if (ref >= GNTTAB_MAX || dom->grants[ref].state == GNTTAB_FREE) {
		err = -EINVAL;
	} else if (dom->grants[ref].state == GNTTAB_MAPPED) {
		err = -EBUSY;
	} else {
		dom->grants[ref].state = GNTTAB_MAPPED;
		*addr = page_address(dom->grants[ref].page);
		soo_event("grant map dom=%u ref=%u phys=0x%llx", dom->domid, ref,
			  (u64)page_to_phys(dom->grants[ref].page));
	}
	mutex_unlock(&dom->grants_lock);
	return err;
}

void gnttab_unmap(struct soo_domain *dom, u32 ref)
{
	if (soo_fault("be-grant-left") || soo_fault_keeps_grant(dom))
		return;
	mutex_lock(&dom->grants_lock);
	if (ref < GNTTAB_MAX && dom->grants[ref].state == GNTTAB_MAPPED) {
		dom->grants[ref].state = GNTTAB_GRANTED;
		soo_event("grant unmap dom=%u ref=%u", dom->domid, ref);
	}
	mutex_unlock(&dom->grants_lock);
}

void gnttab_release_all(struct soo_domain *dom)
{
	u32 ref;

	for (ref = GNTTAB_INVALID_REF + 1; ref < GNTTAB_MAX; ref++) {
		if (dom->grants[ref].state == GNTTAB_GRANTED)
			gnttab_revoke(dom, ref);
	}
}

void gnttab_show(struct seq_file *m)
{
	u32 d, ref;

	for (d = DOMID_ME_FIRST; d <= DOMID_ME_LAST; d++) {
		struct soo_domain *dom = soo_domain_get(d);

		if (!dom)
			continue;
		mutex_lock(&dom->grants_lock);
		for (ref = 1; ref < GNTTAB_MAX; ref++) {
			const struct grant *g = &dom->grants[ref];

			if (g->state != GNTTAB_FREE)
				seq_printf(m, "dom=%u ref=%u state=%s frame=0x%llx phys=0x%llx\n", d, ref,
					   state_names[g->state], g->frame, (u64)page_to_phys(g->page));
		}
		mutex_unlock(&dom->grants_lock);
		soo_domain_put(dom);
	}
}
