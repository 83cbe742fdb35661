// SPDX-License-Identifier: GPL-2.0-only
/*
 * vbus_section.c - processing sections: who works on a request holds suspend and close back.
 */
#include <linux/module.h>

#include <soo/vbus.h>

void vbus_section_init(struct vbus_device *vdev)
{
	spin_lock_init(&vdev->section_lock);
	init_waitqueue_head(&vdev->section_wait);
}

bool vdevback_processing_try(struct vbus_device *vdev)
{
	bool entered;

	spin_lock(&vdev->section_lock);
	entered = vdev->section_open;
	vdev->in_work += entered;
	spin_unlock(&vdev->section_lock);
	return entered;
}
EXPORT_SYMBOL_GPL(vdevback_processing_try);

int vdevback_processing_begin(struct vbus_device *vdev)
{
	bool entered = false;
	int err;

	err = wait_event_interruptible(vdev->section_wait,
				       (entered = vdevback_processing_try(vdev)) || READ_ONCE(vdev->gone));
	if (entered)
		return 0;
	return err ? err : -ENODEV;
}
EXPORT_SYMBOL_GPL(vdevback_processing_begin);

void vdevback_processing_end(struct vbus_device *vdev)
{
	bool idle;

	spin_lock(&vdev->section_lock);
	idle = --vdev->in_work == 0;
	spin_unlock(&vdev->section_lock);
	if (idle)
		wake_up_all(&vdev->section_wait);
}
EXPORT_SYMBOL_GPL(vdevback_processing_end);

void vbus_section_open(struct vbus_device *vdev)
{
	spin_lock(&vdev->section_lock);
	vdev->section_open = !vdev->gone;
	spin_unlock(&vdev->section_lock);
	wake_up_all(&vdev->section_wait);
}

static bool is_idle(struct vbus_device *vdev)
{
	bool idle;

	spin_lock(&vdev->section_lock);
	idle = !vdev->in_work;
	spin_unlock(&vdev->section_lock);
	return idle;
}

/* Sections are short: who is in one waits for nothing but memory and locks. */
void vbus_section_shut(struct vbus_device *vdev)
{
	spin_lock(&vdev->section_lock);
	vdev->section_open = false;
	spin_unlock(&vdev->section_lock);
	wake_up_all(&vdev->section_wait);
	wait_event(vdev->section_wait, is_idle(vdev));
}
