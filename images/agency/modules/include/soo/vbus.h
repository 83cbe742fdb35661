/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vbus.h - the bus of the backends.
 *
 * A device is one link: this agency's end of one frontend in one ME. A driver serves all devices
 * of its type. Both ends of a link have a `state` in the store; vbus watches the other end's,
 * moves its own, and calls the driver in between:
 *
 *   ME asks for a probe    probe()                                       -> InitWait
 *   front is Initialised   reconfigured(): map the ring, bind the channel -> Connected
 *   front is Connected     connected()
 *   front is Closing       close(), then remove()                        -> Closed
 *   the ME is gone         close(), then remove()                        -> Closed
 *
 *   the ME is to sleep     section shut, suspend()                       -> Suspending
 *   front is Suspended                                                   -> Suspended, nobody woken
 *   the ME wakes           resume()                                      -> Resuming
 *   front is Connected                                                   -> Connected, connected()
 *   the ME was restored    probe(), resume()                             -> Reconfiguring
 *   front is Reconfigured  reconfigured()                                -> Connected
 *
 * Requests are worked on inside processing sections, which are open while both ends are Connected.
 * Suspend and close wait for the end of those that are in work.
 *
 * A driver that fails calls vbus_dev_error(), or returns -errno from an entry point: the reason
 * goes to `error` beside the state, and the state to Closing. The ME is not harmed.
 */
#ifndef SOO_VBUS_H
#define SOO_VBUS_H

#include <linux/device.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <abi/vbus.h>
#include <soo/domain.h>
#include <soo/vbstore.h>

/*
 * struct vbus_device - one link, seen from the agency
 * @nodename: its store path, backend/<type>/<domain>/0
 * @otherend: the front's store path
 * @state: as this side has written it last
 * @fe_state: the front's, as seen last
 * @up: both ends are Connected, and the driver knows
 * @gone: on its way out, so that nobody is to wait for it any more
 */
struct vbus_device {
	char devicetype[VBUS_DEV_TYPE_SIZE];
	char nodename[VBS_PATH_SIZE];
	char otherend[VBS_PATH_SIZE];
	u32 otherend_id;
	struct soo_domain *dom;

	struct mutex lock;		/* state and fe_state, and the driver's entry points */
	struct mutex write_lock;	/* state as it is written to the store */
	enum vbus_state state;
	enum vbus_state fe_state;
	bool failed;			/* vbus_dev_error() was called */
	struct vbs_watch otherend_watch;
	struct work_struct otherend_work;
	bool up;
	bool gone;
	wait_queue_head_t changed;	/* state, up or gone */

	spinlock_t section_lock;
	bool section_open;
	unsigned int in_work;		/* sections that are entered */
	wait_queue_head_t section_wait;	/* any of the two */

	struct list_head link;		/* of all devices */
	struct device dev;
};

/*
 * struct vbus_driver - a backend
 * @probe: make the device's private structure
 * @reconfigured: read ring-ref and ring-evtchn, map and bind
 * @connected: both ends are; works on what waits in the ring
 * @suspend: no section is entered, none will be
 * @resume: before Resuming or Reconfiguring; the sections open at @connected
 * @observe: tell the event stream where the ring is; while nobody is to move it
 * @close: unbind and unmap
 * @remove: free the private structure
 *
 * @probe and @reconfigured return 0 or -errno. All are called with the device's lock held.
 */
struct vbus_driver {
	const char *name;
	char devicetype[VBUS_DEV_TYPE_SIZE];
	struct module *owner;
	int (*probe)(struct vbus_device *vdev);
	void (*remove)(struct vbus_device *vdev);
	void (*close)(struct vbus_device *vdev);
	int (*reconfigured)(struct vbus_device *vdev);
	void (*connected)(struct vbus_device *vdev);
	void (*suspend)(struct vbus_device *vdev);
	void (*resume)(struct vbus_device *vdev);
	void (*observe)(struct vbus_device *vdev);
	struct device_driver driver;
	void *priv;
};

#define to_vbus_device(d)	container_of(d, struct vbus_device, dev)
#define to_vbus_driver(d)	container_of(d, struct vbus_driver, driver)

extern struct bus_type vbus_type;

/* Does the agency's tree have the backend of this type, and is it available? */
bool vbus_backend_enabled(const char *type);

int vbus_register_driver(struct vbus_driver *vdrv, struct module *owner);
void vbus_unregister_driver(struct vbus_driver *vdrv);

static inline void vdrv_set_priv(struct vbus_driver *vdrv, void *priv)
{
	vdrv->priv = priv;
}

static inline void *vdrv_get_priv(const struct vbus_driver *vdrv)
{
	return vdrv->priv;
}

/* The driver's private structure, from one of its devices. */
static inline void *vdrv_get_vdevpriv(const struct vbus_device *vdev)
{
	return vdrv_get_priv(to_vbus_driver(vdev->dev.driver));
}

/* Give up on the device: any context that may sleep, also a handler of its channel. */
__printf(3, 4) void vbus_dev_error(struct vbus_device *vdev, int err, const char *fmt, ...);

/* The front of @domid tried to write @value as its state, when it was @from: its link is given up. */
void vbus_frontend_misstep(u32 domid, const char *type, u32 from, const char *value);

/* All devices of @dom fail for this reason, and are closed without waiting for their fronts. */
void vbus_fail_domain(struct soo_domain *dom, const char *why);

/* Read "<otherend>/<key>" as a decimal number. Return: 0, -ENOENT, -EINVAL. */
int vbus_read_otherend(struct vbus_device *vdev, const char *key, u32 *value);

/*
 * A section in which a request may be worked on. Not nested.
 *
 * The first kind is for handlers of channels, which must not wait: if it is refused, connected()
 * will look at the ring. The second waits; 0, -ENODEV (the device goes), -ERESTARTSYS.
 */
bool vdevback_processing_try(struct vbus_device *vdev);
int vdevback_processing_begin(struct vbus_device *vdev);
void vdevback_processing_end(struct vbus_device *vdev);

/* For vbus itself and for the core. */
void vbus_section_init(struct vbus_device *vdev);
void vbus_section_open(struct vbus_device *vdev);

/* On return no section is entered, and none will be before the next opening. */
void vbus_section_shut(struct vbus_device *vdev);

/* All devices of an ME, before the jiffy @until. Return: 0, -ETIMEDOUT, -ENODEV (the ME is gone). */
int vbus_suspend_domain(struct soo_domain *dom, unsigned long until);
int vbus_resume_domain(struct soo_domain *dom, unsigned long until);

/* Its front is Suspended. With the device's lock held. */
void vbus_otherend_suspended(struct vbus_device *vdev);

#define VBUS_DEVICES_PER_DOMAIN	16

/* The devices of a domain, each with a reference. Return: how many. */
unsigned int vbus_get_devices(u32 domid, struct vbus_device *list[VBUS_DEVICES_PER_DOMAIN]);

int vbus_init(void);
void vbus_exit(void);
const char *vbus_state_name(enum vbus_state state);
int vbus_switch_state(struct vbus_device *vdev, enum vbus_state state);
int vbus_switch_state_quietly(struct vbus_device *vdev, enum vbus_state state);
int vbus_watch_otherend(struct vbus_device *vdev);
void vbus_otherend_work(struct work_struct *work);

/* The work holds the device; who cancels it lets go of that. */
void vbus_queue_otherend(struct vbus_device *vdev);
void vbus_cancel_otherend(struct vbus_device *vdev);
void vbus_leave(struct vbus_device *vdev);

void vbus_probe_domain(struct soo_domain *dom);
void vbus_remove_domain(u32 domid);

/* The ME is dying: who waits for its devices is to look. */
void vbus_wake_domain(u32 domid);
bool vbus_all_connected(u32 domid);
bool vbus_claim_removal(struct vbus_device *vdev);

struct dentry *soo_debugfs_root(void);

#endif /* SOO_VBUS_H */
