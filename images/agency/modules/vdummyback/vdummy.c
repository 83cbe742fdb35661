// SPDX-License-Identifier: GPL-2.0-only
/*
 * vdummy.c - the dummy backend: each request comes back as a response, in order.
 */
#include <linux/debugfs.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/mm.h>
#include <linux/of.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include <abi/ring.h>
#include <abi/vdummy.h>
#include <soo/events.h>
#include <soo/evtchn.h>
#include <soo/vbus.h>

#include "vdummy_fault.h"

/* Observers get the ring's indices at most so often. */
#define SAMPLE_MS	100

/*
 * struct vdummy - one link
 * @ring: this side's half; page is NULL while not connected
 */
struct vdummy {
	struct vbus_device *vdev;
	struct ring ring;
	u32 start;
	u32 ring_ref;
	u32 evtchn;			/* the agency's end */
	u64 requests;
	u64 responses;
	u64 notifications;
	u64 errors;
	struct vdummy_fault fault;
	struct delayed_work sample_work;
	struct list_head link;		/* in vdummy_drv.links */
};

/* The driver's own: all links, for the view. */
struct vdummy_drv {
	struct mutex lock;
	struct list_head links;
	struct dentry *view;
};

/*
 * Our indices stand still here. The front's do not: req_prod is read first and rsp_cons last, so
 * that never more requests seem to be on their way than are.
 */
static void sample(struct vdummy *vd)
{
	const struct ring_page *p = vd->ring.page;
	u32 req_prod = smp_load_acquire(&p->req_prod);
	u32 req_cons = READ_ONCE(p->req_cons);
	u32 rsp_prod = smp_load_acquire(&p->rsp_prod);
	u32 rsp_cons = READ_ONCE(p->rsp_cons);

	soo_event("ring sample dev=%s req_prod=%u req_cons=%u rsp_prod=%u rsp_cons=%u",
		  vd->vdev->nodename, req_prod, req_cons, rsp_prod, rsp_cons);
}

static void sample_work(struct work_struct *work)
{
	struct vdummy *vd = container_of(to_delayed_work(work), struct vdummy, sample_work);

	mutex_lock(&vd->vdev->dom->upcall_lock);
	sample(vd);
	mutex_unlock(&vd->vdev->dom->upcall_lock);
}

/* One batch, at most a ring full, so that other channels of this ME get their turn. */
static int echo_batch(struct vdummy *vd)
{
	struct vdummy_request req __aligned(8);
	int n = 0;
	int got = 1;

	while (n < vd->ring.entries) {
		got = ring_back_take(&vd->ring, &req);
		if (got <= 0)
			break;
		vd->requests++;
		n++;
		vd->responses += vdummy_answer(&vd->fault, &vd->ring, &req);
	}
	return got < 0 ? got : n;
}

static void vdummy_upcall(void *data)
{
	struct vdummy *vd = data;
	int n;

	if (vd->vdev->failed)
		return;
	vd->notifications++;
	while ((n = echo_batch(vd)) > 0) {
		evtchn_notify(vd->evtchn);
		queue_delayed_work(soo_wq, &vd->sample_work, msecs_to_jiffies(SAMPLE_MS));
	}
	if (n < 0) {
		vd->errors++;
		sample(vd);
		vbus_dev_error(vd->vdev, n, "impossible request index");
	}
}

static int vdummy_probe(struct vbus_device *vdev)
{
	struct vdummy_drv *drv = vdrv_get_vdevpriv(vdev);
	struct vdummy *vd = kzalloc(sizeof(*vd), GFP_KERNEL);

	if (!vd)
		return -ENOMEM;
	vd->vdev = vdev;
	INIT_DELAYED_WORK(&vd->sample_work, sample_work);
	dev_set_drvdata(&vdev->dev, vd);
	mutex_lock(&drv->lock);
	list_add_tail(&vd->link, &drv->links);
	mutex_unlock(&drv->lock);
	dev_dbg(&vdev->dev, "Backend probe: %u\n", vdev->otherend_id);
	return 0;
}

static int vdummy_reconfigured(struct vbus_device *vdev)
{
	struct vdummy *vd = dev_get_drvdata(&vdev->dev);
	void *page;
	u32 port;
	int err;

	err = vbus_read_otherend(vdev, "ring-ref", &vd->ring_ref);
	if (err)
		return err;
	err = vbus_read_otherend(vdev, "ring-evtchn", &port);
	if (err)
		return err;
	err = vbus_map_ring(vdev, vd->ring_ref, &page);
	if (err)
		return err;
	err = ring_back_attach(&vd->ring, page, sizeof(struct vdummy_request),
			       sizeof(struct vdummy_response));
	if (err)
		goto unmap_ring;
	vd->start = vd->ring.req;
	err = vbus_bind_evtchn(vdev, port, vdummy_upcall, vd, &vd->evtchn);
	if (err)
		goto unmap_ring;
	vdummy_fault_init(&vd->fault, vd->evtchn);
	sample(vd);
	dev_dbg(&vdev->dev, "reconfigured: %u\n", vdev->otherend_id);
	return 0;

unmap_ring:
	vbus_unmap_ring(vdev, vd->ring_ref);
	vd->ring.page = NULL;
	return err;
}

static void vdummy_connected(struct vbus_device *vdev)
{
	dev_dbg(&vdev->dev, "connected: %u\n", vdev->otherend_id);
}

static void vdummy_close(struct vbus_device *vdev)
{
	struct vdummy_drv *drv = vdrv_get_vdevpriv(vdev);
	struct vdummy *vd = dev_get_drvdata(&vdev->dev);

	dev_dbg(&vdev->dev, "Backend close: %u\n", vdev->otherend_id);
	if (!vd->ring.page)
		return;
	vbus_unbind_evtchn(vdev, vd->evtchn);
	cancel_delayed_work_sync(&vd->sample_work);
	sample(vd);
	mutex_lock(&drv->lock);
	vbus_unmap_ring(vdev, vd->ring_ref);
	vd->ring.page = NULL;
	mutex_unlock(&drv->lock);
}

static void vdummy_remove(struct vbus_device *vdev)
{
	struct vdummy_drv *drv = vdrv_get_vdevpriv(vdev);
	struct vdummy *vd = dev_get_drvdata(&vdev->dev);

	mutex_lock(&drv->lock);
	list_del(&vd->link);
	mutex_unlock(&drv->lock);
	kfree(vd);
}

static struct vbus_driver vdummy_driver = {
	.name = "vdummy",
	.devicetype = VDUMMY_NAME,
	.probe = vdummy_probe,
	.remove = vdummy_remove,
	.close = vdummy_close,
	.reconfigured = vdummy_reconfigured,
	.connected = vdummy_connected,
};

static int links_show(struct seq_file *m, void *unused)
{
	struct vdummy_drv *drv = m->private;
	struct vdummy *vd;

	mutex_lock(&drv->lock);
	list_for_each_entry(vd, &drv->links, link) {
		seq_printf(m, "dev=%s state=%d requests=%llu responses=%llu notifications=%llu errors=%llu",
			   vd->vdev->nodename, READ_ONCE(vd->vdev->state), vd->requests, vd->responses,
			   vd->notifications, vd->errors);
		if (vd->ring.page)
			seq_printf(m, " start=%u req=%u rsp=%u ring_phys=0x%llx", vd->start, vd->ring.req,
				   vd->ring.rsp, (u64)virt_to_phys(vd->ring.page));
		seq_putc(m, '\n');
	}
	mutex_unlock(&drv->lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(links);

static bool backend_enabled(void)
{
	struct device_node *np = of_find_compatible_node(NULL, NULL, VDUMMY_NAME ",backend");
	bool enabled = np && of_device_is_available(np);

	of_node_put(np);
	return enabled;
}

static int __init vdummy_init(void)
{
	struct vdummy_drv *drv;
	int err;

	if (!backend_enabled())
		return 0;
	drv = kzalloc(sizeof(*drv), GFP_KERNEL);
	if (!drv)
		return -ENOMEM;
	mutex_init(&drv->lock);
	INIT_LIST_HEAD(&drv->links);
	vdrv_set_priv(&vdummy_driver, drv);
	err = vbus_register_driver(&vdummy_driver, THIS_MODULE);
	if (err) {
		kfree(drv);
		return err;
	}
	drv->view = debugfs_create_file("vdummy", 0400, soo_debugfs_root(), drv, &links_fops);
	return 0;
}

static void __exit vdummy_exit(void)
{
	struct vdummy_drv *drv = vdrv_get_priv(&vdummy_driver);

	if (!drv)
		return;
	debugfs_remove(drv->view);
	vbus_unregister_driver(&vdummy_driver);
	kfree(drv);
}

module_init(vdummy_init);
module_exit(vdummy_exit);
MODULE_LICENSE("GPL v2");
MODULE_DESCRIPTION("SOO vdummy backend");
