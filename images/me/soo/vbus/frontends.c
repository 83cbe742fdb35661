/* SPDX-License-Identifier: GPL-2.0-only */
/* frontends.c - all frontends of this ME: their place in the store, their start and their end. */
#include <string.h>

#include "fault.h"
#include "mm.h"
#include "printk.h"
#include "soo/avz.h"
#include "soo/vbus.h"

#define CLOSE_MS	3000ul
#define SETTLE_MS	1000ul

static struct list frontends = LIST_INIT(frontends);

int vbus_register_frontend(dev_t *dev, const struct vbus_driver *drv, struct vbus_device **ret)
{
	struct vbus_device *vdev = kzalloc(sizeof(*vdev));

	if (!vdev)
		return -ENOMEM;
	vdev->drv = drv;
	vdev->dev = dev;
	vdev->state = VBUS_UNKNOWN;
	mutex_init(&vdev->lock);
	wait_queue_init(&vdev->changed);
	vbus_sections_init(vdev);
	list_add_tail(&vdev->list, &frontends);
	*ret = vdev;
	return 0;
}

void vbus_for_each(void (*fn)(struct vbus_device *vdev))
{
	struct list *pos;

	list_for_each(pos, &frontends)
		fn(container_of(pos, struct vbus_device, list));
}

/* What a device that had failed elsewhere still holds there went with that domain. */
static void place(struct vbus_device *vdev)
{
	mutex_lock(&vdev->lock);
	snprintf(vdev->nodename, VBS_PATH_SIZE, "device/%u/%s/0", avz_domid(), vdev->drv->type);
	snprintf(vdev->otherend, VBS_PATH_SIZE, "backend/%s/%u/0", vdev->drv->type, avz_domid());
	if (vdev->started)
		vbs_watch_forget(&vdev->watch);
	vdev->started = false;
	vdev->otherend_state = VBUS_INITIALISING;
	if (vdev->state != VBUS_SUSPENDED || !vdev->probed) {
		vdev->state = VBUS_UNKNOWN;
		vdev->probed = false;
	}
	mutex_unlock(&vdev->lock);
}

void vbus_place_frontends(void)
{
	vbus_for_each(place);
}

enum vbus_state vbus_first_state(const char *type)
{
	struct list *pos;

	list_for_each(pos, &frontends) {
		const struct vbus_device *vdev = container_of(pos, struct vbus_device, list);

		if (!strcmp(vdev->drv->type, type) && vdev->state == VBUS_SUSPENDED)
			return VBUS_SUSPENDED;
	}
	return VBUS_INITIALISING;
}

static int watch_backend(struct vbus_device *vdev)
{
	snprintf(vdev->watch.path, VBS_PATH_SIZE, "%s/state", vdev->otherend);
	vdev->watch.changed = vbus_otherend_written;
	if (vdev->state == VBUS_SUSPENDED && fault_active("fe-watch-lost")) {
		list_init(&vdev->watch.list);
		return 0;
	}
	return vbs_watch_add(&vdev->watch);
}

static void start(struct vbus_device *vdev)
{
	int err;

	if (vbs_exists(vdev->nodename) != 1) {
		/* Suspended, and no backend here: who waits for it has waited enough. */
		vbus_sections_end(vdev);
		return;
	}
	if (vdev->state == VBUS_UNKNOWN)
		vdev->state = VBUS_INITIALISING;
	vdev->over = false;
	err = watch_backend(vdev);
	if (err) {
		vbus_fatal(vdev, err, "cannot watch the backend");
		return;
	}
	vdev->started = true;
}

void vbus_start_frontends(void)
{
	vbus_for_each(start);
}

bool vbus_any_connected(void)
{
	struct list *pos;

	list_for_each(pos, &frontends)
		if (container_of(pos, struct vbus_device, list)->state == VBUS_CONNECTED)
			return true;
	return false;
}

/* On its way to Connected, after a suspend: there is no way from here to Closing. */
static bool comes_back(const struct vbus_device *vdev)
{
	return vdev->state == VBUS_SUSPENDED || vdev->state == VBUS_RECONFIGURED ||
	       (vdev->state == VBUS_CONNECTED && !vdev->open);
}

static void settle(struct vbus_device *vdev)
{
	if (vdev->started)
		wait_event_until(&vdev->changed, !comes_back(vdev), time_in_ms(SETTLE_MS));
}

void vbus_settle(void)
{
	vbus_for_each(settle);
}

/* Takes the lock at a time when the device may be closed. */
static void lock_for_close(struct vbus_device *vdev)
{
	u64 deadline = time_in_ms(CLOSE_MS);
	bool back;

	for (;;) {
		back = wait_event_until(&vdev->changed, !comes_back(vdev), deadline);
		mutex_lock(&vdev->lock);
		/* Whoever had the lock may have suspended it. */
		if (!back || !comes_back(vdev))
			break;
		mutex_unlock(&vdev->lock);
	}
	if (!back)
		printk("[%s] closed while it is not connected again\n", vdev->drv->type);
}

static void close(struct vbus_device *vdev)
{
	if (!vdev->started)
		return;
	lock_for_close(vdev);
	vbus_begin_close(vdev);
	mutex_unlock(&vdev->lock);

	/* closed() is called by the watch thread, when the backend says that it is done. */
	if (vdev->state == VBUS_CLOSING && vdev->probed &&
	    !wait_event_until(&vdev->changed, vdev->otherend_state == VBUS_CLOSED, time_in_ms(CLOSE_MS)))
		printk("[%s] the backend did not close in time\n", vdev->drv->type);
	mutex_lock(&vdev->lock);
	vbus_end_close(vdev);
	mutex_unlock(&vdev->lock);
	vbs_watch_remove(&vdev->watch);
	vdev->started = false;
}

void vbus_close_frontends(void)
{
	vbus_for_each(close);
}
