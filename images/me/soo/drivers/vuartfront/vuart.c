/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vuart.c - frontend of the console over the bus. From its first Connected on, what goes to the
 * console goes there too, and what is typed there is typed into the console.
 */
#include "console.h"
#include "mm.h"
#include "printk.h"
#include "soo/avz.h"
#include "soo/vuart.h"
#include "thread.h"

#define FLUSH_MS	500ul

static vuart_priv_t *the_device;

vuart_priv_t *vuart_get(void)
{
	return the_device;
}

static void vuart_interrupt(void *arg)
{
	vuart_priv_t *priv = arg;

	priv->stats.interrupts++;
	wait_wake_all(&priv->wait);
}

static const struct vbus_link_type link_type = {
	.req_size = sizeof(struct vuart_request),
	.rsp_size = sizeof(struct vuart_response),
	.unsolicited = true,
	.interrupt = vuart_interrupt,
};

static void console_output(const char *buf, size_t len)
{
	vuart_output(the_device, buf, len);
}

static void console_has_room(void)
{
	wait_wake_all(&the_device->wait);
}

static const struct console_device vuart_console = { .write = console_output, .room = console_has_room };

static void vuart_thread(void *arg)
{
	vuart_priv_t *priv = arg;
	int err;

	for (;;) {
		wait_event(&priv->wait, vuart_has_work(priv));
		if (vbus_begin(priv->vdev, TIME_NEVER)) {
			priv->active = false;
			continue;
		}
		err = vuart_pump(priv);
		vbus_end(priv->vdev);
		thread_yield();
		if (err) {
			priv->active = false;
			vbus_broken(priv->vdev, err, "impossible ring index");
		}
	}
}

static vuart_priv_t *priv_of(struct vbus_device *vdev)
{
	return vdev->dev->priv;
}

static int make_link(vuart_priv_t *priv)
{
	int err;

	err = vbus_link_make(&priv->link, &link_type, 0, priv);
	if (err)
		return err;
	err = vbus_publish_link(priv->vdev, &priv->link);
	if (err)
		vbus_link_drop(&priv->link);
	return err;
}

static int vuart_probe(struct vbus_device *vdev)
{
	vuart_priv_t *priv = priv_of(vdev);

	printk("[vuart] Frontend probe\n");
	priv->tail = priv->head;
	priv->next = priv->head;
	priv->seen_cons = 0;
	return make_link(priv);
}

static void vuart_connected(struct vbus_device *vdev)
{
	vuart_priv_t *priv = priv_of(vdev);

	priv->recording = true;
	priv->active = true;
	printk("[vuart] Frontend connected\n");
	priv->stats.notified++;
	evtchn_notify(priv->link.evtchn);
	wait_wake_all(&priv->wait);
}

static void vuart_suspend(struct vbus_device *vdev __unused)
{
	printk("[vuart] Frontend suspend\n");
}

static void vuart_resume(struct vbus_device *vdev __unused)
{
	printk("[vuart] Frontend resume\n");
}

static int vuart_reconfiguring(struct vbus_device *vdev)
{
	vuart_priv_t *priv = priv_of(vdev);
	int err;

	printk("[vuart] Frontend reconfiguring\n");
	err = vuart_pack(priv);
	if (err)
		return err;
	vbus_link_drop(&priv->link);
	return make_link(priv);
}

/* What was written up to here is still to be printed, if anybody is there for it. */
static void vuart_shutdown(struct vbus_device *vdev)
{
	vuart_priv_t *priv = priv_of(vdev);

	if (!priv->recording)
		return;
	printk("[vuart] Frontend shutdown\n");
	priv->recording = false;
	if (vdev->otherend_state == VBUS_CONNECTED)
		wait_event_until(&priv->room, priv->tail == priv->head || vdev->over || !priv->active,
				 time_in_ms(FLUSH_MS));
	priv->active = false;
	wait_wake_all(&priv->room);
}

static void vuart_closed(struct vbus_device *vdev)
{
	printk("[vuart] Frontend close\n");
	vbus_link_drop(&priv_of(vdev)->link);
}

static const struct vbus_driver vuart_driver = {
	.type = VUART_NAME,
	.probe = vuart_probe,
	.connected = vuart_connected,
	.shutdown = vuart_shutdown,
	.closed = vuart_closed,
	.suspend = vuart_suspend,
	.resume = vuart_resume,
	.reconfiguring = vuart_reconfiguring,
};

/* Nothing is undone of a failure: it is one of memory at the start. */
static int vuart_init(dev_t *dev, int offset __unused)
{
	vuart_priv_t *priv;
	int err;

	if (the_device)
		return -EBUSY;
	priv = kzalloc(sizeof(*priv));
	if (!priv)
		return -ENOMEM;
	priv->out = page_alloc(VUART_OUT_SIZE / PAGE_SIZE);
	priv->carried = page_alloc(VUART_CARRIED_SIZE / PAGE_SIZE);
	if (!priv->out || !priv->carried)
		return -ENOMEM;
	wait_queue_init(&priv->wait);
	wait_queue_init(&priv->room);
	dev->priv = priv;
	err = vbus_register_frontend(dev, &vuart_driver, &priv->vdev);
	if (err)
		return err;
	err = thread_create("vuart", vuart_thread, priv);
	if (err)
		return err;
	the_device = priv;
	console_register(&vuart_console);
	return 0;
}
REGISTER_DRIVER_POSTCORE("vuart,frontend", vuart_init);
