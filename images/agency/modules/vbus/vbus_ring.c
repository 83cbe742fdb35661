// SPDX-License-Identifier: GPL-2.0-only
/*
 * vbus_ring.c - what all backends do with their ring when the front comes and when it goes.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include <soo/events.h>
#include <soo/fault.h>
#include <soo/gnttab.h>
#include <soo/vbus_ring.h>

#ifdef SOO_FAULTS
/* The defect "be-reconfigure-old-ring": a restored front's backend goes on in the ring it had before. */
static struct page *first_page;

static void keep_first_page(void *page)
{
	if (soo_fault("be-reconfigure-old-ring") && !first_page) {
		first_page = virt_to_page(page);
		get_page(first_page);
	}
}

static bool join_old_ring(struct vbus_device *vdev, struct vbus_ring *r, u32 req_size, u32 rsp_size)
{
	struct ring_page *page;

	if (vdev->state != VBUS_RECONFIGURING || !soo_fault("be-reconfigure-old-ring") || !first_page)
		return false;
	page = page_address(first_page);
	ring_init_half(&r->ring, page, req_size, rsp_size, page->req_cons);
	return true;
}
#else
static void keep_first_page(void *page)
{
}

static bool join_old_ring(struct vbus_device *vdev, struct vbus_ring *r, u32 req_size, u32 rsp_size)
{
	return false;
}
#endif

int vbus_ring_connect(struct vbus_device *vdev, struct vbus_ring *r, u32 req_size, u32 rsp_size,
		      evtchn_handler handler, void *data)
{
	void *page;
	u32 port;
	int err;

	err = vbus_read_otherend(vdev, "ring-ref", &r->ref);
	if (err)
		return err;
	err = vbus_read_otherend(vdev, "ring-evtchn", &port);
	if (err)
		return err;
	err = gnttab_map(vdev->dom, r->ref, &page);
	if (err)
		return err;
	keep_first_page(page);
	if (!join_old_ring(vdev, r, req_size, rsp_size)) {
		err = ring_back_attach(&r->ring, page, req_size, rsp_size);
		if (err)
			goto unmap_ring;
	}
	r->start = r->ring.req;
	if (soo_fault("be-ring-off-by-one"))
		r->ring.entries++;
	err = evtchn_bind_interdomain(vdev->dom, port, handler, data, &r->evtchn);
	if (err)
		goto unmap_ring;
	vbus_ring_sample(vdev, r);
	return 0;

unmap_ring:
	gnttab_unmap(vdev->dom, r->ref);
	r->ring.page = NULL;
	return err;
}
EXPORT_SYMBOL_GPL(vbus_ring_connect);

void vbus_ring_disconnect(struct vbus_device *vdev, struct vbus_ring *r)
{
	evtchn_unbind(r->evtchn);
	vbus_ring_sample(vdev, r);
	gnttab_unmap(vdev->dom, r->ref);
	r->ring.page = NULL;
}
EXPORT_SYMBOL_GPL(vbus_ring_disconnect);

/*
 * The front's indices do not stand still: req_prod is read first and rsp_cons last, so that never
 * more requests seem to be on their way than are.
 */
void vbus_ring_sample(struct vbus_device *vdev, const struct vbus_ring *r)
{
	const struct ring_page *p = r->ring.page;
	u32 req_prod, req_cons, rsp_prod, rsp_cons;

	if (!p)
		return;
	req_prod = smp_load_acquire(&p->req_prod);
	req_cons = READ_ONCE(p->req_cons);
	rsp_prod = smp_load_acquire(&p->rsp_prod);
	rsp_cons = READ_ONCE(p->rsp_cons);
	soo_event("ring sample dev=%s req_prod=%u req_cons=%u rsp_prod=%u rsp_cons=%u phys=0x%llx",
		  vdev->nodename, req_prod, req_cons, rsp_prod, rsp_cons, (u64)virt_to_phys(p));
}
EXPORT_SYMBOL_GPL(vbus_ring_sample);

void vbus_ring_show(struct seq_file *m, const struct vbus_ring *r)
{
	if (r->ring.page)
		seq_printf(m, " start=%u req=%u rsp=%u ring_phys=0x%llx", r->start, r->ring.req, r->ring.rsp,
			   (u64)virt_to_phys(r->ring.page));
}
EXPORT_SYMBOL_GPL(vbus_ring_show);
