// SPDX-License-Identifier: GPL-2.0-only
/*
 * vuart.c - the console backend's links.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include <abi/vuart.h>

#include "vuart.h"

static struct dentry *view;

/*
 * In a section, with upcall_lock held. Return: how many characters left the ring, or -EPROTO.
 */
static int take_printed(struct vuart *vu)
{
	struct vuart_slot *slot = vu->slot;
	bool heard = atomic_read(&slot->readers) > 0;
	struct vuart_request req;
	int n = 0;
	int got = 1;

	while (n < VUART_ENTRIES && (!heard || !kfifo_is_full(&slot->fifo))) {
		got = ring_back_take(&vu->ring.ring, &req);
		if (got <= 0)
			break;
		if (heard)
			kfifo_put(&slot->fifo, req.c);
		n++;
	}
	vu->requests += n;
	return got < 0 ? got : n;
}

/* With upcall_lock held. */
static void pump(struct vuart *vu)
{
	int n = 0;

	while (!vu->vdev->failed && vdevback_processing_try(vu->vdev)) {
		n = take_printed(vu);
		if (n > 0)
			vbus_ring_notify(&vu->ring);
		vdevback_processing_end(vu->vdev);
		if (n <= 0)
			break;
		wake_up_interruptible(&vu->slot->wait);
	}
	if (n < 0) {
		vu->errors++;
		vbus_ring_sample(vu->vdev, &vu->ring);
		vbus_dev_error(vu->vdev, n, "impossible request index");
	}
}

static void vuart_upcall(void *data)
{
	struct vuart *vu = data;

	vu->notifications++;
	pump(vu);
	/* The front may have taken characters, too. */
	vuart_slot_wake(vu->slot);
}

static void pump_work(struct work_struct *work)
{
	struct vuart *vu = container_of(work, struct vuart, pump_work);

	mutex_lock(&vu->vdev->dom->upcall_lock);
	pump(vu);
	mutex_unlock(&vu->vdev->dom->upcall_lock);
}

/* In a section. Return: how many went in, or -EPROTO. */
static int put_typed(struct vuart *vu, const u8 *text, size_t len)
{
	struct vuart_response rsp;
	size_t n = 0;
	int err = 0;

	while (n < len && !(err = ring_back_room(&vu->ring.ring))) {
		rsp.c = text[n++];
		ring_back_answer(&vu->ring.ring, &rsp);
	}
	vu->responses += n;
	if (n)
		vbus_ring_notify(&vu->ring);
	return err == RING_BROKEN ? err : n;
}

int vuart_type(struct vuart_slot *slot, const u8 *text, size_t len)
{
	struct vbus_device *vdev = NULL;
	struct vuart *vu;
	int n;

	mutex_lock(&slot->lock);
	vu = slot->link;
	if (vu)
		vdev = vu->vdev;
	if (vdev)
		get_device(&vdev->dev);
	mutex_unlock(&slot->lock);
	if (!vdev)
		return 0;
	n = vdevback_processing_begin(vdev);
	if (!n) {
		/* In a section the link stays: its end waits for ours. */
		n = put_typed(vu, text, len);
		if (n < 0)
			vbus_dev_error(vdev, n, "impossible response index");
		vdevback_processing_end(vdev);
	}
	put_device(&vdev->dev);
	return n == -ERESTARTSYS ? n : max(n, 0);
}

static int vuart_probe(struct vbus_device *vdev)
{
	struct vuart *vu = kzalloc(sizeof(*vu), GFP_KERNEL);

	if (!vu)
		return -ENOMEM;
	vu->vdev = vdev;
	vu->slot = vuart_slot(vdev->otherend_id);
	INIT_WORK(&vu->pump_work, pump_work);
	dev_set_drvdata(&vdev->dev, vu);
	vuart_slot_attach(vu->slot, vu);
	dev_dbg(&vdev->dev, "Backend probe: %u\n", vdev->otherend_id);
	return 0;
}

static int vuart_reconfigured(struct vbus_device *vdev)
{
	struct vuart *vu = dev_get_drvdata(&vdev->dev);
	int err;

	err = vbus_ring_connect(vdev, &vu->ring, sizeof(struct vuart_request), sizeof(struct vuart_response),
				vuart_upcall, vu);
	if (err)
		return err;
	ring_set_unsolicited(&vu->ring.ring);
	dev_dbg(&vdev->dev, "reconfigured: %u\n", vdev->otherend_id);
	return 0;
}

static void vuart_connected(struct vbus_device *vdev)
{
	struct vuart *vu = dev_get_drvdata(&vdev->dev);

	dev_dbg(&vdev->dev, "connected: %u\n", vdev->otherend_id);
	queue_work(soo_wq, &vu->pump_work);
	vuart_slot_wake(vu->slot);
}

static void vuart_observe(struct vbus_device *vdev)
{
	struct vuart *vu = dev_get_drvdata(&vdev->dev);

	mutex_lock(&vdev->dom->upcall_lock);
	vbus_ring_sample(vdev, &vu->ring);
	mutex_unlock(&vdev->dom->upcall_lock);
}

static void vuart_suspend(struct vbus_device *vdev)
{
	dev_dbg(&vdev->dev, "suspend: %u\n", vdev->otherend_id);
}

static void vuart_resume(struct vbus_device *vdev)
{
	dev_dbg(&vdev->dev, "resume: %u\n", vdev->otherend_id);
}

static void vuart_close(struct vbus_device *vdev)
{
	struct vuart *vu = dev_get_drvdata(&vdev->dev);

	dev_dbg(&vdev->dev, "Backend close: %u\n", vdev->otherend_id);
	vuart_slot_attach(vu->slot, NULL);
	cancel_work_sync(&vu->pump_work);
	if (vu->ring.ring.page)
		vbus_ring_disconnect(vdev, &vu->ring);
}

static void vuart_remove(struct vbus_device *vdev)
{
	kfree(dev_get_drvdata(&vdev->dev));
}

static struct vbus_driver vuart_driver = {
	.name = "vuart",
	.devicetype = VUART_NAME,
	.probe = vuart_probe,
	.remove = vuart_remove,
	.close = vuart_close,
	.reconfigured = vuart_reconfigured,
	.connected = vuart_connected,
	.suspend = vuart_suspend,
	.resume = vuart_resume,
	.observe = vuart_observe,
};

static int links_show(struct seq_file *m, void *unused)
{
	u32 d;

	for (d = DOMID_ME_FIRST; d <= DOMID_ME_LAST; d++) {
		struct vuart_slot *slot = vuart_slot(d);
		const struct vuart *vu;

		mutex_lock(&slot->lock);
		vu = slot->link;
		if (vu) {
			seq_printf(m, "dev=%s state=%d", vu->vdev->nodename, READ_ONCE(vu->vdev->state));
			seq_printf(m, " requests=%llu responses=%llu notifications=%llu errors=%llu",
				   vu->requests, vu->responses, vu->notifications, vu->errors);
			vbus_ring_show(m, &vu->ring);
			seq_putc(m, '\n');
		}
		mutex_unlock(&slot->lock);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(links);

static int __init vuart_init(void)
{
	int err;

	if (!vbus_backend_enabled(VUART_NAME))
		return 0;
	err = vuart_slots_init();
	if (err)
		return err;
	err = vbus_register_driver(&vuart_driver, THIS_MODULE);
	if (err) {
		vuart_slots_exit();
		return err;
	}
	view = debugfs_create_file("vuart", 0400, soo_debugfs_root(), NULL, &links_fops);
	return 0;
}

static void __exit vuart_exit(void)
{
	if (!view)
		return;
	debugfs_remove(view);
	vbus_unregister_driver(&vuart_driver);
	vuart_slots_exit();
}

module_init(vuart_init);
module_exit(vuart_exit);
MODULE_LICENSE("GPL v2");
MODULE_DESCRIPTION("SOO vuart backend");
