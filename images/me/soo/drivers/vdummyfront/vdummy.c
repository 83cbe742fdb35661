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

static void free_ring(vdummy_priv_t *priv)
{
	page_free(priv->ring.page, 1);
	priv->ring.page = NULL;
}

static int make_ring(vdummy_priv_t *priv)
{
	void *page = page_alloc(1);
	int err;

	if (!page)
		return -ENOMEM;
	ring_front_init(&priv->ring, page, sizeof(struct vdummy_request), sizeof(struct vdummy_response),
			priv->start);
	err = gnttab_grant(page, DOMID_AGENCY, &priv->ring_ref);
	if (err)
		goto free_ring;
	err = evtchn_alloc_unbound(DOMID_AGENCY, &priv->evtchn);
	if (err)
		goto revoke;
	err = evtchn_bind(priv->evtchn, vdummy_interrupt, priv);
	if (err)
		goto close_channel;
	return 0;

close_channel:
	evtchn_close(priv->evtchn);
revoke:
	gnttab_revoke(priv->ring_ref);
free_ring:
	free_ring(priv);
	return err;
}

/* The channel first: no event may find a ring that is going. A page that stays mapped is not reused. */
static void drop_ring(vdummy_priv_t *priv)
{
	int err;

	evtchn_unbind(priv->evtchn);
	evtchn_close(priv->evtchn);
	err = gnttab_revoke(priv->ring_ref);
	if (err)
		printk("[vdummy] grant %u was not revoked: error %d\n", priv->ring_ref, err);
	else
		free_ring(priv);
	priv->ring.page = NULL;
}

static vdummy_priv_t *priv_of(struct vbus_device *vdev)
{
	return vdev->dev->priv;
}

static int vdummy_probe(struct vbus_device *vdev)
{
	vdummy_priv_t *priv = priv_of(vdev);
	int err;

	printk("[vdummy] Frontend probe\n");
	if (fault_active("fe-hang-probe")) {
		/* With interrupts off, so that nothing else of this ME runs on. */
		irq_disable();
		for (;;)
			isb();
	}
	err = make_ring(priv);
	if (err)
		return err;
	if (fault_active("fe-ring-ref-late"))
		vbus_switch_state(vdev, VBUS_INITIALISED);
	err = vbus_publish_ring(vdev, priv->ring_ref, priv->evtchn);
	if (err)
		drop_ring(priv);
	return err;
}

/* One event, for requests that may wait in the ring. */
static void vdummy_connected(struct vbus_device *vdev)
{
	vdummy_priv_t *priv = priv_of(vdev);

	printk("[vdummy] Frontend connected\n");
	priv->peer_gone = false;
	priv->connected = true;
	vdummy_notify(priv);
	wait_wake_all(&priv->wait);
}

/* A run that is on stops sending, and takes what the backend, if it is there, still answers. */
static void vdummy_shutdown(struct vbus_device *vdev)
{
	vdummy_priv_t *priv = priv_of(vdev);

	if (!priv->connected)
		return;
	printk("[vdummy] Frontend shutdown\n");
	priv->connected = false;
	priv->peer_gone = vdev->otherend_state != VBUS_CONNECTED;
	wait_wake_all(&priv->wait);
	wait_event(&priv->wait, !priv->busy);
}

static void vdummy_closed(struct vbus_device *vdev)
{
	printk("[vdummy] Frontend close\n");
	drop_ring(priv_of(vdev));
}

static const struct vbus_driver vdummy_driver = {
	.type = VDUMMY_NAME,
	.probe = vdummy_probe,
	.connected = vdummy_connected,
	.shutdown = vdummy_shutdown,
	.closed = vdummy_closed,
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
