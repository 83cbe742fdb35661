/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * section.c - processing sections: what uses a device's ring does so inside one. They open when both
 * ends are connected; a suspend or close shuts them and waits until nobody is inside.
 */
#include "soo/vbus.h"

void vbus_sections_init(struct vbus_device *vdev)
{
	vdev->open = false;
	vdev->over = true;
	vdev->inside = 0;
	wait_queue_init(&vdev->section);
}

int vbus_begin(struct vbus_device *vdev, u64 deadline)
{
	if (!wait_event_until(&vdev->section, vdev->open || vdev->over, deadline))
		return -ETIMEDOUT;
	if (vdev->over)
		return -ENODEV;
	vdev->inside++;
	return 0;
}

void vbus_end(struct vbus_device *vdev)
{
	vdev->inside--;
	wait_wake_all(&vdev->section);
}

void vbus_sections_open(struct vbus_device *vdev)
{
	vdev->open = true;
	wait_wake_all(&vdev->section);
}

void vbus_sections_block(struct vbus_device *vdev)
{
	vdev->open = false;
	wait_event(&vdev->section, !vdev->inside);
}

void vbus_sections_end(struct vbus_device *vdev)
{
	vdev->over = true;
	wait_wake_all(&vdev->section);
	vbus_sections_block(vdev);
}
