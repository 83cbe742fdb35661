// SPDX-License-Identifier: GPL-2.0-only
/*
 * vbus_suspend.c - the way of an ME's devices to Suspended, and back to Connected.
 */
#include <linux/jiffies.h>

#include <soo/events.h>
#include <soo/fault.h>
#include <soo/vbus.h>

/* Wait for @cond, evaluated again whenever the device changes. */
#define wait_device(vdev, cond, until)								\
	wait_event_timeout((vdev)->changed,							\
			   (cond) || READ_ONCE((vdev)->gone) || READ_ONCE((vdev)->dom->dying),	\
			   time_before(jiffies, until) ? (until) - jiffies : 0)

/* A device that left by itself meanwhile is in nobody's way. */
static int result(struct vbus_device *vdev, long left, const char *what)
{
	if (READ_ONCE(vdev->dom->dying))
		return -ENODEV;
	if (left || READ_ONCE(vdev->gone))
		return 0;
	soo_event("error report dev=%s code=%d text=no-answer-to-%s", vdev->nodename, -ETIMEDOUT, what);
	return -ETIMEDOUT;
}

void vbus_otherend_suspended(struct vbus_device *vdev)
{
	if (vdev->state != VBUS_SUSPENDING)
		return;
	to_vbus_driver(vdev->dev.driver)->observe(vdev);
	/* The front has gone to rest: nobody is to be woken. */
	if (soo_fault("be-suspended-notified"))
		vbus_switch_state(vdev, VBUS_SUSPENDED);
	else
		vbus_switch_state_quietly(vdev, VBUS_SUSPENDED);
	wake_up_all(&vdev->changed);
}

static int suspend_device(struct vbus_device *vdev, unsigned long until)
{
	long left;

	mutex_lock(&vdev->lock);
	if (!vdev->up || vdev->failed || vdev->gone) {
		mutex_unlock(&vdev->lock);
		return 0;
	}
	vbus_section_shut(vdev);
	soo_event("vbus suspend dev=%s", vdev->nodename);
	to_vbus_driver(vdev->dev.driver)->suspend(vdev);
	vdev->up = false;
	if (soo_fault("be-suspend-skips-state")) {
		/* Not woken, the front cannot be first after all. */
		vbus_switch_state_quietly(vdev, VBUS_SUSPENDING);
		vbus_otherend_suspended(vdev);
	} else {
		vbus_switch_state(vdev, VBUS_SUSPENDING);
	}
	mutex_unlock(&vdev->lock);

	left = wait_device(vdev, READ_ONCE(vdev->state) == VBUS_SUSPENDED, until);
	/* The state is set before it is written: with the lock free it is. */
	mutex_lock(&vdev->lock);
	mutex_unlock(&vdev->lock);
	return result(vdev, left, "suspend");
}

static int resume_device(struct vbus_device *vdev, unsigned long until)
{
	bool restored;
	long left;

	mutex_lock(&vdev->lock);
	restored = vdev->state == VBUS_INITIALISING && vdev->fe_state == VBUS_SUSPENDED;
	if ((vdev->state != VBUS_SUSPENDED && !restored) || vdev->gone || !vdev->dev.driver) {
		mutex_unlock(&vdev->lock);
		return 0;
	}
	if (!restored)
		to_vbus_driver(vdev->dev.driver)->observe(vdev);
	soo_event("vbus resume dev=%s", vdev->nodename);
	to_vbus_driver(vdev->dev.driver)->resume(vdev);
	if (restored)
		vbus_switch_state(vdev, VBUS_RECONFIGURING);
	else if (soo_fault("be-resuming-skipped"))
		vbus_switch_state(vdev, VBUS_CONNECTED);
	else
		vbus_switch_state(vdev, VBUS_RESUMING);
	mutex_unlock(&vdev->lock);

	left = wait_device(vdev, READ_ONCE(vdev->up), until);
	return result(vdev, left, "resume");
}

static int for_each_device(struct soo_domain *dom, unsigned long until,
			   int (*fn)(struct vbus_device *vdev, unsigned long until))
{
	struct vbus_device *list[VBUS_DEVICES_PER_DOMAIN];
	unsigned int n = vbus_get_devices(dom->domid, list);
	unsigned int i;
	int err = 0;

	for (i = 0; i < n; i++) {
		if (!err)
			err = fn(list[i], until);
		put_device(&list[i]->dev);
	}
	return err;
}

int vbus_suspend_domain(struct soo_domain *dom, unsigned long until)
{
	return for_each_device(dom, until, suspend_device);
}

int vbus_resume_domain(struct soo_domain *dom, unsigned long until)
{
	return for_each_device(dom, until, resume_device);
}
