/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * frontend.c - a frontend's answers to the states of its backend.
 *
 *   backend InitWait      -> probe(), Initialised
 *   backend Connected     -> Connected if that was not yet, connected(), sections open
 *   backend Suspending    -> sections shut, suspend(), Suspended
 *   backend Resuming      -> resume(), Connected
 *   backend Reconfiguring -> reconfiguring(), Reconfigured
 *   backend Closing       -> shutdown(), sections end, Closing
 *   backend Closed        -> the same if that was not yet, closed()
 */
#include "fault.h"
#include "printk.h"
#include "soo/vbus.h"

static void probe(struct vbus_device *vdev)
{
	int err = vdev->drv->probe(vdev);

	if (err) {
		vbus_fatal(vdev, err, "probe failed");
		return;
	}
	vdev->probed = true;
	vbus_switch_state(vdev, VBUS_INITIALISED);
}

/* Connected already: it was resumed. */
static void connect(struct vbus_device *vdev)
{
	vbus_switch_state(vdev, VBUS_CONNECTED);
	vdev->drv->connected(vdev);
	vbus_sections_open(vdev);
}

static void suspend(struct vbus_device *vdev)
{
	if (fault_active("fe-suspended-early"))
		vdev->open = false;
	else
		vbus_sections_block(vdev);
	vdev->drv->suspend(vdev);
	if (fault_active("fe-stuck-suspend"))
		return;
	vdev->suspends++;
	vbus_switch_state(vdev, VBUS_SUSPENDED);
}

static void resume(struct vbus_device *vdev)
{
	vdev->drv->resume(vdev);
	vdev->resumes++;
	vbus_switch_state(vdev, VBUS_CONNECTED);
}

static void reconfigure(struct vbus_device *vdev)
{
	int err = vdev->drv->reconfiguring(vdev);

	if (err) {
		vbus_fatal(vdev, err, "reconfiguring failed");
		return;
	}
	vdev->moves++;
	vbus_switch_state(vdev, VBUS_RECONFIGURED);
}

/*
 * A device that was never connected has nothing to close: its state stays. If its backend failed on
 * the way it does go to Closing, for the backend waits for that.
 */
void vbus_begin_close(struct vbus_device *vdev)
{
	/* Who waits for a section that will not open any more is to go on before shutdown() waits for him. */
	if (!vdev->open)
		vbus_sections_end(vdev);
	if (vdev->probed)
		vdev->drv->shutdown(vdev);
	vbus_sections_end(vdev);
	if (vdev->state == VBUS_CONNECTED || vdev->otherend_state == VBUS_CLOSING)
		vbus_switch_state(vdev, VBUS_CLOSING);
}

void vbus_end_close(struct vbus_device *vdev)
{
	if (!vdev->probed)
		return;
	vdev->probed = false;
	vdev->drv->closed(vdev);
}

static void otherend_changed(struct vbus_device *vdev)
{
	switch (vdev->otherend_state) {
	case VBUS_INITWAIT:
		probe(vdev);
		break;
	case VBUS_CONNECTED:
		connect(vdev);
		break;
	case VBUS_SUSPENDING:
		suspend(vdev);
		break;
	case VBUS_RESUMING:
		resume(vdev);
		break;
	case VBUS_RECONFIGURING:
		reconfigure(vdev);
		break;
	case VBUS_CLOSING:
		vbus_begin_close(vdev);
		break;
	case VBUS_CLOSED:
		vbus_begin_close(vdev);
		vbus_end_close(vdev);
		break;
	default:
		/* Suspended: nothing is to be done. */
		break;
	}
}

/* In the watch thread. Two quick writes may show the last only, and one write may come as two events. */
void vbus_otherend_written(struct vbs_watch *watch)
{
	struct vbus_device *vdev = container_of(watch, struct vbus_device, watch);
	u32 state;
	int err;

	mutex_lock(&vdev->lock);
	err = vbs_read_u32(watch->path, &state);
	if (err || state >= VBUS_STATE_COUNT) {
		/* -ENOENT: the backend's entries went, which is its way to end after Closed. */
		if (err != -ENOENT)
			printk("[%s] %s cannot be read: error %d\n", vdev->drv->type, watch->path,
			       err ? err : -EPROTO);
	} else if (state != vdev->otherend_state && !vbus_backend_may(vdev, state)) {
		printk("[%s] backend state %u after %u in own state %u: refused\n", vdev->drv->type, state,
		       vdev->otherend_state, vdev->state);
	} else if (state != vdev->otherend_state) {
		vdev->otherend_state = state;
		otherend_changed(vdev);
		wait_wake_all(&vdev->changed);
	}
	mutex_unlock(&vdev->lock);
}

void vbus_broken(struct vbus_device *vdev, int err, const char *what)
{
	mutex_lock(&vdev->lock);
	vbus_fatal(vdev, err, what);
	vbus_begin_close(vdev);
	mutex_unlock(&vdev->lock);
}
