// SPDX-License-Identifier: GPL-2.0-only
/*
 * vbus_backend.c - the backend's half of the state machine.
 */
#include <linux/kernel.h>
#include <linux/module.h>

#include <soo/dcomm.h>
#include <soo/events.h>
#include <soo/fault.h>
#include <soo/vbus.h>

const char *vbus_state_name(enum vbus_state state)
{
	static const char *const names[] = {
		"Unknown", "Initialising", "InitWait", "Initialised", "Connected", "Closing",
		"Closed", "Reconfiguring", "Reconfigured", "Suspending", "Suspended", "Resuming",
	};

	return state < ARRAY_SIZE(names) ? names[state] : "invalid";
}

/* Two parts of a path of the store. The longest is refused by the store, never cut silently. */
static int join(char path[VBS_PATH_SIZE], const char *dir, const char *key)
{
	return snprintf(path, VBS_PATH_SIZE, "%s/%s", dir, key) < VBS_PATH_SIZE ? 0 : -ENAMETOOLONG;
}

static int write_key(struct vbus_device *vdev, const char *key, const char *value)
{
	char path[VBS_PATH_SIZE];
	int err = join(path, vdev->nodename, key);

	return err ? err : vbs_write_now(DOMID_AGENCY, path, value);
}

/* A link may fail at any time, in any state: from then on it only ends. With write_lock held. */
static bool may_enter(const struct vbus_device *vdev, enum vbus_state state)
{
	if (vdev->state == state || vdev->state == VBUS_CLOSED)
		return false;
	return !READ_ONCE(vdev->failed) || state == VBUS_CLOSING || state == VBUS_CLOSED;
}

int vbus_switch_state(struct vbus_device *vdev, enum vbus_state state)
{
	char value[12];
	int err = 0;

	mutex_lock(&vdev->write_lock);
	if (may_enter(vdev, state)) {
		WRITE_ONCE(vdev->state, state);
		snprintf(value, sizeof(value), "%d", state);
		err = write_key(vdev, "state", value);
	}
	mutex_unlock(&vdev->write_lock);
	return err;
}

/* Outside a transaction: nobody is told. */
int vbus_switch_state_quietly(struct vbus_device *vdev, enum vbus_state state)
{
	char path[VBS_PATH_SIZE];
	char value[12];
	int err = join(path, vdev->nodename, "state");

	if (err)
		return err;
	mutex_lock(&vdev->write_lock);
	if (may_enter(vdev, state)) {
		WRITE_ONCE(vdev->state, state);
		snprintf(value, sizeof(value), "%d", state);
		err = vbs_write(DOMID_AGENCY, VBS_NO_TRANSACTION, path, value);
	}
	mutex_unlock(&vdev->write_lock);
	return err;
}

void vbus_dev_error(struct vbus_device *vdev, int err, const char *fmt, ...)
{
	char text[128];
	va_list args;

	if (cmpxchg(&vdev->failed, false, true))
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	dev_err_ratelimited(&vdev->dev, "%s (%d)\n", text, err);
	soo_event_text("text", text, "error report dev=%s code=%d", vdev->nodename, err);
	write_key(vdev, "error", text);
	vbus_switch_state(vdev, VBUS_CLOSING);
}
EXPORT_SYMBOL_GPL(vbus_dev_error);

int vbus_read_otherend(struct vbus_device *vdev, const char *key, u32 *value)
{
	char path[VBS_PATH_SIZE];
	int err = join(path, vdev->otherend, key);

	return err ? err : vbs_read_u32(path, value);
}
EXPORT_SYMBOL_GPL(vbus_read_otherend);

static void otherend_notify(struct vbs_watch *watch, const char *path)
{
	struct vbus_device *vdev = container_of(watch, struct vbus_device, otherend_watch);

	vbus_queue_otherend(vdev);
}

void vbus_queue_otherend(struct vbus_device *vdev)
{
	get_device(&vdev->dev);
	if (!queue_work(soo_wq, &vdev->otherend_work))
		put_device(&vdev->dev);
}

void vbus_cancel_otherend(struct vbus_device *vdev)
{
	if (cancel_work_sync(&vdev->otherend_work))
		put_device(&vdev->dev);
}

int vbus_watch_otherend(struct vbus_device *vdev)
{
	char path[VBS_PATH_SIZE];
	int err = join(path, vdev->otherend, "state");

	if (err)
		return err;
	vdev->otherend_watch.domid = DOMID_AGENCY;
	vdev->otherend_watch.notify = otherend_notify;
	err = vbs_watch(&vdev->otherend_watch, path);
	if (err)
		return err;
	return vbus_read_otherend(vdev, "state", &vdev->fe_state);
}

/* The front has published its ring, in the state @expected of ours. */
static void otherend_published(struct vbus_device *vdev, struct vbus_driver *vdrv, enum vbus_state expected)
{
	int err;

	if (vdev->state != expected)
		return;
	if (soo_fault("be-stuck"))
		return;
	err = vdrv->reconfigured(vdev);
	if (err) {
		vbus_dev_error(vdev, err, "cannot connect");
		return;
	}
	soo_event("vbus reconfigured dev=%s", vdev->nodename);
	vbus_switch_state(vdev, VBUS_CONNECTED);
	if (soo_fault("be-state-rewritten"))
		write_key(vdev, "state", "4");
}

static void otherend_connected(struct vbus_device *vdev, struct vbus_driver *vdrv)
{
	/* After a rest in the same place the front is first. */
	if (vdev->state == VBUS_RESUMING && !soo_fault("be-resume-no-connect"))
		vbus_switch_state(vdev, VBUS_CONNECTED);
	if (vdev->state != VBUS_CONNECTED || vdev->up)
		return;
	soo_event("vbus connected dev=%s", vdev->nodename);
	vbus_section_open(vdev);
	vdrv->connected(vdev);
	WRITE_ONCE(vdev->up, true);
	wake_up_all(&vdev->changed);
	dcomm_device_connected(vdev->dom);
}

/*
 * The last act of a bound device: its driver lets go of ring and channel, the device goes, and the
 * state says so. The caller has taken the device off the list of all devices.
 */
void vbus_leave(struct vbus_device *vdev)
{
	vbs_unwatch(&vdev->otherend_watch);
	WRITE_ONCE(vdev->gone, true);
	wake_up_all(&vdev->changed);
	if (vdev->dev.driver) {
		mutex_lock(&vdev->lock);
		vdev->up = false;
		vbus_section_shut(vdev);
		soo_event("vbus close dev=%s", vdev->nodename);
		to_vbus_driver(vdev->dev.driver)->close(vdev);
		mutex_unlock(&vdev->lock);
	}
	get_device(&vdev->dev);
	device_unregister(&vdev->dev);
	vbus_switch_state(vdev, VBUS_CLOSED);
	put_device(&vdev->dev);
}

/* Several writes of the front may have become one: only its present state counts. */
void vbus_otherend_work(struct work_struct *work)
{
	struct vbus_device *vdev = container_of(work, struct vbus_device, otherend_work);
	struct vbus_driver *vdrv;
	bool leaves = false;
	u32 state;

	mutex_lock(&vdev->lock);
	/* Who holds the lock without finding it gone has the driver until he gives it back. */
	if (vdev->gone || !vdev->dev.driver || vbus_read_otherend(vdev, "state", &state))
		goto unlock;
	vdrv = to_vbus_driver(vdev->dev.driver);
	vdev->fe_state = state;
	switch (state) {
	case VBUS_INITIALISED:
		otherend_published(vdev, vdrv, VBUS_INITWAIT);
		break;
	case VBUS_RECONFIGURED:
		otherend_published(vdev, vdrv, VBUS_RECONFIGURING);
		break;
	case VBUS_SUSPENDED:
		vbus_otherend_suspended(vdev);
		break;
	case VBUS_CONNECTED:
		otherend_connected(vdev, vdrv);
		break;
	case VBUS_CLOSING:
		leaves = true;
		break;
	default:
		break;
	}

unlock:
	mutex_unlock(&vdev->lock);
	if (leaves && vbus_claim_removal(vdev))
		vbus_leave(vdev);
	put_device(&vdev->dev);
}
