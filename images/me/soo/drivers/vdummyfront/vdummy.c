/* SPDX-License-Identifier: GPL-2.0-only */
/* vdummy.c - frontend of the smallest device: makes the ring, and lets others use it. */
#include "asm/irqflags.h"
#include "fault.h"
#include "mm.h"
#include "printk.h"
#include "soo/avz.h"
#include "soo/vdummy.h"
#include "tree.h"

static vdummy_priv_t *the_device;

vdummy_priv_t *vdummy_get(void)
{
	return the_device;
}

static void vdummy_interrupt(void *arg)
{
	vdummy_priv_t *priv = arg;

	priv->stats.interrupts++;
	wait_wake_all(&priv->wait);
}

static const struct vbus_link_type link_type = {
	.req_size = sizeof(struct vdummy_request),
	.rsp_size = sizeof(struct vdummy_response),
	.interrupt = vdummy_interrupt,
};

static vdummy_priv_t *priv_of(struct vbus_device *vdev)
{
	return vdev->dev->priv;
}

static int make_link(vdummy_priv_t *priv)
{
	int err;

	err = vbus_link_make(&priv->link, &link_type, priv->start, priv);
	if (err)
		return err;
	if (fault_active("fe-ring-ref-late"))
		vbus_switch_state(priv->vdev, VBUS_INITIALISED);
	err = vbus_publish_link(priv->vdev, &priv->link);
	if (err)
		vbus_link_drop(&priv->link);
	return err;
}

static int vdummy_probe(struct vbus_device *vdev)
{
	printk("[vdummy] Frontend probe\n");
	if (fault_active("fe-hang-probe")) {
		/* With interrupts off, so that nothing else of this ME runs on. */
		irq_disable();
		for (;;)
			isb();
	}
	return make_link(priv_of(vdev));
}

/* One event, for requests that may wait in the ring. */
static void vdummy_connected(struct vbus_device *vdev)
{
	vdummy_priv_t *priv = priv_of(vdev);

	printk("[vdummy] Frontend connected\n");
	priv->peer_gone = false;
	priv->active = true;
	vdummy_unpack(priv);
	vdummy_notify(priv);
	wait_wake_all(&priv->wait);
}

static void vdummy_suspend(struct vbus_device *vdev __unused)
{
	printk("[vdummy] Frontend suspend\n");
}

static void vdummy_resume(struct vbus_device *vdev __unused)
{
	printk("[vdummy] Frontend resume\n");
}

static int vdummy_reconfiguring(struct vbus_device *vdev)
{
	vdummy_priv_t *priv = priv_of(vdev);
	int err;

	printk("[vdummy] Frontend reconfiguring\n");
	err = vdummy_pack(priv);
	if (err)
		return err;
	vbus_link_drop(&priv->link);
	return make_link(priv);
}

/* A run that is on stops sending, and takes what the backend, if it is there, still answers. */
static void vdummy_shutdown(struct vbus_device *vdev)
{
	vdummy_priv_t *priv = priv_of(vdev);

	if (!priv->active)
		return;
	printk("[vdummy] Frontend shutdown\n");
	priv->active = false;
	priv->peer_gone = vdev->over || vdev->otherend_state != VBUS_CONNECTED;
	wait_wake_all(&priv->wait);
	wait_event(&priv->wait, !priv->busy);
}

static void vdummy_closed(struct vbus_device *vdev)
{
	printk("[vdummy] Frontend close\n");
	vbus_link_drop(&priv_of(vdev)->link);
}

static const struct vbus_driver vdummy_driver = {
	.type = VDUMMY_NAME,
	.probe = vdummy_probe,
	.connected = vdummy_connected,
	.shutdown = vdummy_shutdown,
	.closed = vdummy_closed,
	.suspend = vdummy_suspend,
	.resume = vdummy_resume,
	.reconfiguring = vdummy_reconfiguring,
};

static int vdummy_init(dev_t *dev, int offset)
{
	vdummy_priv_t *priv;
	int err;

	/* The store has one vdummy for each ME. */
	if (the_device)
		return -EBUSY;
	priv = kzalloc(sizeof(*priv));
	if (!priv)
		return -ENOMEM;
	wait_queue_init(&priv->wait);
	tree_u32(dev->fdt, offset, "ring-start", &priv->start);
	dev->priv = priv;
	err = vbus_register_frontend(dev, &vdummy_driver, &priv->vdev);
	if (err) {
		kfree(priv);
		return err;
	}
	the_device = priv;
	return 0;
}
REGISTER_DRIVER_POSTCORE("vdummy,frontend", vdummy_init);
