/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * frontend.c - a frontend's answers to the states of its backend.
 *
 *   backend InitWait  -> probe(), Initialised
 *   backend Connected -> Connected, connected()
 *   backend Closing   -> shutdown(), Closing
 *   backend Closed    -> shutdown() and Closing if that was not yet, closed()
 */
#include "fault.h"
#include "printk.h"
#include "soo/avz.h"
#include "soo/vbus.h"

#define CLOSE_MS	3000ul

static void report(const struct vbus_device *vdev, const char *what)
{
	printk("[%s] backend state %u in own state %u: %s\n",
	       vdev->drv->type, vdev->otherend_state, vdev->state, what);
}

static void probe(struct vbus_device *vdev)
{
	int err;

	if (vdev->state != VBUS_INITIALISING) {
		report(vdev, "ignored");
		return;
	}
	err = vdev->drv->probe(vdev);
	if (err) {
		vbus_fatal(vdev, err, "probe failed");
		return;
	}
	vdev->probed = true;
	vbus_switch_state(vdev, VBUS_INITIALISED);
}

static void connect(struct vbus_device *vdev)
{
	if (vdev->state != VBUS_INITIALISED && !fault_active("fe-connected-first")) {
		report(vdev, "ignored");
		return;
	}
	vbus_switch_state(vdev, VBUS_CONNECTED);
	vdev->drv->connected(vdev);
}

/*
 * A device that was never connected has nothing to close: its state stays. If its backend failed on
 * the way it does go to Closing, for the backend waits for that.
 */
static void begin_close(struct vbus_device *vdev)
{
	if (vdev->probed)
		vdev->drv->shutdown(vdev);
	if (vdev->state == VBUS_CONNECTED || vdev->otherend_state == VBUS_CLOSING)
		vbus_switch_state(vdev, VBUS_CLOSING);
}

static void end_close(struct vbus_device *vdev)
{
	if (!vdev->probed)
		return;
	vdev->probed = false;
	vdev->drv->closed(vdev);
}

static void otherend_changed(struct vbus_device *vdev)
{
	switch (vdev->otherend_state) {
	case VBUS_INITIALISING:
		break;
	case VBUS_INITWAIT:
		probe(vdev);
		break;
	case VBUS_CONNECTED:
		connect(vdev);
		break;
	case VBUS_CLOSING:
		begin_close(vdev);
		break;
	case VBUS_CLOSED:
		begin_close(vdev);
		end_close(vdev);
		break;
	default:
		report(vdev, "not supported");
		break;
	}
}

/* In the watch thread. Two quick writes may show the last only, and one write may come as two events. */
static void state_written(struct vbs_watch *watch)
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
	} else if (state != vdev->otherend_state) {
		vdev->otherend_state = state;
		otherend_changed(vdev);
		wait_wake_all(&vdev->changed);
	}
	mutex_unlock(&vdev->lock);
}

static void start(struct vbus_device *vdev)
{
	int err;

	if (vbs_exists(vdev->nodename) != 1)
		return;
	vdev->state = VBUS_INITIALISING;
	vdev->otherend_state = VBUS_INITIALISING;
	snprintf(vdev->watch.path, VBS_PATH_SIZE, "%s/state", vdev->otherend);
	vdev->watch.changed = state_written;
	err = vbs_watch_add(&vdev->watch);
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

static void close(struct vbus_device *vdev)
{
	if (!vdev->started)
		return;
	mutex_lock(&vdev->lock);
	begin_close(vdev);
	mutex_unlock(&vdev->lock);

	/* closed() is called by the watch thread, when the backend says that it is done. */
	if (vdev->state == VBUS_CLOSING && vdev->probed &&
	    !wait_event_until(&vdev->changed, vdev->otherend_state == VBUS_CLOSED, time_in_ms(CLOSE_MS)))
		report(vdev, "the backend did not close in time");
	mutex_lock(&vdev->lock);
	end_close(vdev);
	mutex_unlock(&vdev->lock);
	vbs_watch_remove(&vdev->watch);
	vdev->started = false;
}

void vbus_close_frontends(void)
{
	vbus_for_each(close);
}
