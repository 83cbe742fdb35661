// SPDX-License-Identifier: GPL-2.0-only
/*
 * vdummy.c - the dummy backend: each request comes back as a response, in order.
 */
#include <linux/debugfs.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include <abi/vdummy.h>
#include <soo/vbus_ring.h>

#include "vdummy_fault.h"

/* Observers get the ring's indices at most so often. */
#define SAMPLE_MS	100

/* One link. */
struct vdummy {
	struct vbus_device *vdev;
	struct vbus_ring ring;
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

static void sample_work(struct work_struct *work)
{
	struct vdummy *vd = container_of(to_delayed_work(work), struct vdummy, sample_work);

	mutex_lock(&vd->vdev->dom->upcall_lock);
	vbus_ring_sample(vd->vdev, &vd->ring);
	mutex_unlock(&vd->vdev->dom->upcall_lock);
}

/* One batch, at most a ring full, so that other channels of this ME get their turn. */
static int echo_batch(struct vdummy *vd)
{
	struct vdummy_request req __aligned(8);
	int n = 0;
	int got = 1;

	while (n < vd->ring.ring.entries) {
		got = vdummy_take(&vd->ring.ring, &req);
		if (got <= 0)
			break;
		vd->requests++;
		n++;
		vd->responses += vdummy_answer(&vd->fault, &vd->ring.ring, &req);
	}
	return got < 0 ? got : n;
}

/*
 * With upcall_lock held. A batch is a section: suspend and close get in between two. What comes
 * while the sections are shut stays in the ring for vdummy_connected(). Return: was there any?
 */
static bool work_batch(struct vdummy *vd)
{
	int n;

	if (vd->vdev->failed || !vdevback_processing_try(vd->vdev))
		return false;
	n = echo_batch(vd);
	if (n > 0) {
		vbus_ring_notify(&vd->ring);
		queue_delayed_work(soo_wq, &vd->sample_work, msecs_to_jiffies(SAMPLE_MS));
	}
	vdevback_processing_end(vd->vdev);
	if (n < 0) {
		vd->errors++;
		vbus_ring_sample(vd->vdev, &vd->ring);
		vbus_dev_error(vd->vdev, n, "impossible request index");
	}
	return n > 0;
}

static void vdummy_upcall(void *data)
{
	struct vdummy *vd = data;

	vd->notifications++;
	while (work_batch(vd))
		;
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
	int err;

	err = vbus_ring_connect(vdev, &vd->ring, sizeof(struct vdummy_request), sizeof(struct vdummy_response),
				vdummy_upcall, vd);
	if (err)
		return err;
	vdummy_fault_init(&vd->fault, vd->ring.evtchn);
	dev_dbg(&vdev->dev, "reconfigured: %u\n", vdev->otherend_id);
	return 0;
}

static void vdummy_connected(struct vbus_device *vdev)
{
	struct vdummy *vd = dev_get_drvdata(&vdev->dev);

	dev_dbg(&vdev->dev, "connected: %u\n", vdev->otherend_id);
	mutex_lock(&vdev->dom->upcall_lock);
	vdummy_fault_connected(&vd->fault, &vd->ring.ring);
	/* All that waited is one batch; what is younger comes with a notification. */
	work_batch(vd);
	mutex_unlock(&vdev->dom->upcall_lock);
}

static void vdummy_suspend(struct vbus_device *vdev)
{
	struct vdummy *vd = dev_get_drvdata(&vdev->dev);

	dev_dbg(&vdev->dev, "suspend: %u\n", vdev->otherend_id);
	mutex_lock(&vdev->dom->upcall_lock);
	vdummy_fault_suspend(&vd->fault, &vd->ring.ring);
	vbus_ring_sample(vd->vdev, &vd->ring);
	mutex_unlock(&vdev->dom->upcall_lock);
}

static void vdummy_observe(struct vbus_device *vdev)
{
	struct vdummy *vd = dev_get_drvdata(&vdev->dev);

	mutex_lock(&vdev->dom->upcall_lock);
	vbus_ring_sample(vd->vdev, &vd->ring);
	mutex_unlock(&vdev->dom->upcall_lock);
}

static void vdummy_resume(struct vbus_device *vdev)
{
	dev_dbg(&vdev->dev, "resume: %u\n", vdev->otherend_id);
}

static void vdummy_close(struct vbus_device *vdev)
{
	struct vdummy_drv *drv = vdrv_get_vdevpriv(vdev);
	struct vdummy *vd = dev_get_drvdata(&vdev->dev);

	dev_dbg(&vdev->dev, "Backend close: %u\n", vdev->otherend_id);
	if (!vd->ring.ring.page)
		return;
	/* No section is entered any more: nobody queues it again. */
	cancel_delayed_work_sync(&vd->sample_work);
	mutex_lock(&drv->lock);
	vbus_ring_disconnect(vdev, &vd->ring);
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
	.suspend = vdummy_suspend,
	.resume = vdummy_resume,
	.observe = vdummy_observe,
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
		vbus_ring_show(m, &vd->ring);
		seq_putc(m, '\n');
	}
	mutex_unlock(&drv->lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(links);

static int __init vdummy_init(void)
{
	struct vdummy_drv *drv;
	int err;

	if (!vbus_backend_enabled(VDUMMY_NAME))
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
