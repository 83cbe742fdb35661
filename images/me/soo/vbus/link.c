/* SPDX-License-Identifier: GPL-2.0-only */
/* link.c - what a frontend shares with its backend: ring page, grant and event channel. */
#include "fault.h"
#include "mm.h"
#include "printk.h"
#include "soo/avz.h"
#include "soo/vbus.h"

static void free_page(struct vbus_link *link)
{
	page_free(link->ring.page, 1);
	link->ring.page = NULL;
}

int vbus_link_make(struct vbus_link *link, const struct vbus_link_type *type, u32 start, void *arg)
{
	void *page = page_alloc(1);
	int err;

	if (!page)
		return -ENOMEM;
	ring_front_init(&link->ring, page, type->req_size, type->rsp_size, start);
	if (type->unsolicited)
		ring_set_unsolicited(&link->ring);
	link->incarnation = avz_incarnation();
	err = gnttab_grant(page, DOMID_AGENCY, &link->ref);
	if (err)
		goto free_page;
	err = evtchn_alloc_unbound(DOMID_AGENCY, &link->evtchn);
	if (err)
		goto revoke;
	err = evtchn_bind(link->evtchn, type->interrupt, arg);
	if (err)
		goto close_channel;
	return 0;

close_channel:
	evtchn_close(link->evtchn);
revoke:
	gnttab_revoke(link->ref);
free_page:
	free_page(link);
	return err;
}

void vbus_link_drop(struct vbus_link *link)
{
	int err = 0;

	if (!link->ring.page)
		return;
	if (fault_active("fe-link-kept")) {
		page_free(link->ring.page, 1);
		return;
	}
	/* Made in a domain that is no more: its numbers belong to others by now. */
	if (link->incarnation == avz_incarnation()) {
		/* The channel first: no event may find a ring that is going. */
		evtchn_unbind(link->evtchn);
		evtchn_close(link->evtchn);
		err = gnttab_revoke(link->ref);
	}
	if (err)
		/* A page that the agency may still write to is not used again. */
		printk("soo: grant %u was not revoked: error %d\n", link->ref, err);
	else
		free_page(link);
	link->ring.page = NULL;
}
