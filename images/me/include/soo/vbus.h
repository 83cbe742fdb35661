/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vbus.h - frontends and their way through the states; paths and values in abi/vbus.h.
 */
#ifndef SOO_VBUS_H
#define SOO_VBUS_H

#include "abi/ring.h"
#include "abi/vbus.h"

#include "device.h"
#include "soo/vbs.h"
#include "wait.h"

struct vbus_device;

/* All entry points run in a thread and may wait; never two at a time for one device. */
struct vbus_driver {
	const char *type;
	int (*probe)(struct vbus_device *vdev);		/* the backend waits: make the ring and publish it */
	void (*connected)(struct vbus_device *vdev);	/* notify once; sections open after it */
	void (*shutdown)(struct vbus_device *vdev);	/* get done with what is outstanding */
	void (*closed)(struct vbus_device *vdev);	/* the backend has let go: undo probe */
	void (*suspend)(struct vbus_device *vdev);	/* nobody is in a section */
	void (*resume)(struct vbus_device *vdev);	/* in the same place: the ring is as it was left */
	int (*reconfiguring)(struct vbus_device *vdev);	/* in a new place: save the old ring, make another */
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
	bool open;			/* sections may be entered */
	bool over;			/* no section will be: not started, or closing */
	u32 inside;			/* sections that are entered */
	u32 suspends;			/* how often each of them went well */
	u32 resumes;
	u32 moves;
	struct mutex lock;		/* over calls of entry points */
	struct wait_queue changed;	/* otherend_state has changed, and we have answered */
	struct wait_queue section;	/* any of open, over, inside has changed */
	struct vbs_watch watch;
	struct list list;
};

/* For drivers, at their init. Return: 0 or -ENOMEM. */
int vbus_register_frontend(dev_t *dev, const struct vbus_driver *drv, struct vbus_device **ret);

/*
 * A section in which the ring may be used. It waits until both ends are connected, thus through a
 * suspend, and keeps suspend and close out.
 * Return: 0, -ETIMEDOUT at @deadline (ns), -ENODEV if the device is not there or closes.
 */
int vbus_begin(struct vbus_device *vdev, u64 deadline);
void vbus_end(struct vbus_device *vdev);

struct vbus_link {
	struct ring ring;	/* page is NULL: there is no link */
	u32 ref;
	u32 evtchn;
	u32 incarnation;	/* of the domain that reference and channel belong to */
};

struct vbus_link_type {
	u32 req_size;
	u32 rsp_size;
	bool unsolicited;
	void (*interrupt)(void *arg);
};

/* Return: 0 or -errno; @start is the first index. */
int vbus_link_make(struct vbus_link *link, const struct vbus_link_type *type, u32 start, void *arg);
void vbus_link_drop(struct vbus_link *link);

/* ring-ref and ring-evtchn, in one transaction. */
int vbus_publish_link(struct vbus_device *vdev, const struct vbus_link *link);

/* Return: 0 or -errno. A state that is already written is not written again. */
int vbus_switch_state(struct vbus_device *vdev, enum vbus_state state);

/* The peer did what cannot be: takes the device to Closing. Outside of sections. */
void vbus_broken(struct vbus_device *vdev, int err, const char *what);

/* The device cannot go on: logs one line, writes it beside `state`, goes to Closing. With the lock. */
void vbus_fatal(struct vbus_device *vdev, int err, const char *what);

void vbus_for_each(void (*fn)(struct vbus_device *vdev));

/*
 * Before the entries are made: names devices after this domain. One that was suspended elsewhere
 * stays so, all others begin anew.
 */
void vbus_place_frontends(void);

/* The state for the entry of a device of @type. */
enum vbus_state vbus_first_state(const char *type);

/* Watches the backend of each device that has entries in the store. */
void vbus_start_frontends(void);

bool vbus_any_connected(void);

/* Waits, not long, for devices that are on their way back from a suspend. */
void vbus_settle(void);

/* Takes each device through Closing, and gives back what it holds. */
void vbus_close_frontends(void);

/* For the bus itself. */
void vbus_sections_init(struct vbus_device *vdev);
void vbus_sections_open(struct vbus_device *vdev);
void vbus_sections_block(struct vbus_device *vdev);
void vbus_sections_end(struct vbus_device *vdev);
void vbus_otherend_written(struct vbs_watch *watch);

/* May the backend be in @next, after the state of it that was seen last? Asks the store. */
bool vbus_backend_may(const struct vbus_device *vdev, enum vbus_state next);
void vbus_begin_close(struct vbus_device *vdev);
void vbus_end_close(struct vbus_device *vdev);

#endif /* SOO_VBUS_H */
