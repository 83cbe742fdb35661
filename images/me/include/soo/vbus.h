/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vbus.h - frontends and their way through the states; paths and values in abi/vbus.h.
 */
#ifndef SOO_VBUS_H
#define SOO_VBUS_H

#include "abi/vbus.h"

#include "device.h"
#include "soo/vbs.h"
#include "wait.h"

struct vbus_device;

/* All entry points run in a thread and may wait; never two at a time for one device. */
struct vbus_driver {
	const char *type;
	int (*probe)(struct vbus_device *vdev);		/* the backend waits: make the ring and publish it */
	void (*connected)(struct vbus_device *vdev);
	void (*shutdown)(struct vbus_device *vdev);	/* stop using the ring */
	void (*closed)(struct vbus_device *vdev);	/* the backend has let go: undo probe */
};

struct vbus_device {
	const struct vbus_driver *drv;
	dev_t *dev;
	char nodename[VBS_PATH_SIZE];	/* device/<d>/<type>/0 */
	char otherend[VBS_PATH_SIZE];	/* backend/<type>/<d>/0 */
	enum vbus_state state;		/* what our `state` key holds */
	enum vbus_state otherend_state;	/* last seen */
	bool probed;			/* there is something for closed() to undo */
	bool started;			/* entries and watch exist */
	struct mutex lock;		/* over calls of entry points */
	struct wait_queue changed;	/* otherend_state has changed */
	struct vbs_watch watch;
	struct list list;
};

/* For drivers, at their init. Return: 0 or -ENOMEM. */
int vbus_register_frontend(dev_t *dev, const struct vbus_driver *drv, struct vbus_device **ret);

/* Return: 0 or -errno. A state that is already written is not written again. */
int vbus_switch_state(struct vbus_device *vdev, enum vbus_state state);

/* ring-ref and ring-evtchn, in one transaction. */
int vbus_publish_ring(struct vbus_device *vdev, u32 ref, u32 evtchn);

/* The device cannot go on: logs one line, writes it beside `state`, goes to Closing. */
void vbus_fatal(struct vbus_device *vdev, int err, const char *what);

void vbus_for_each(void (*fn)(struct vbus_device *vdev));

/* Watches the backend of each device that has entries in the store. */
void vbus_start_frontends(void);

/* Takes each device through Closing, and gives back what it holds. */
void vbus_close_frontends(void);

#endif /* SOO_VBUS_H */
