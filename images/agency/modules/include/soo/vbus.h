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
 * A driver that fails calls vbus_dev_error(), or returns -errno from an entry point: the reason
 * goes to `error` beside the state, and the state to Closing. The ME is not harmed.
 */
#ifndef SOO_VBUS_H
#define SOO_VBUS_H

#include <linux/completion.h>
#include <linux/device.h>
#include <linux/mutex.h>
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
 */
struct vbus_device {
	char devicetype[VBUS_DEV_TYPE_SIZE];
	char nodename[VBS_PATH_SIZE];
	char otherend[VBS_PATH_SIZE];
	u32 otherend_id;
	struct soo_domain *dom;

	struct mutex lock;		/* state and fe_state, and the driver's entry points */
	enum vbus_state state;
	enum vbus_state fe_state;
	bool failed;			/* vbus_dev_error() was called */
	struct vbs_watch otherend_watch;
	struct work_struct otherend_work;
	struct completion connected;

	struct list_head link;		/* of all devices */
	struct device dev;
};

/*
 * struct vbus_driver - a backend
 * @probe: make the device's private structure
 * @reconfigured: read ring-ref and ring-evtchn, map and bind
 * @connected: both ends are
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
	struct device_driver driver;
	void *priv;
};

#define to_vbus_device(d)	container_of(d, struct vbus_device, dev)
#define to_vbus_driver(d)	container_of(d, struct vbus_driver, driver)

extern struct bus_type vbus_type;

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

/* Read "<otherend>/<key>" as a decimal number. Return: 0, -ENOENT, -EINVAL. */
int vbus_read_otherend(struct vbus_device *vdev, const char *key, u32 *value);

/* Map the front's ring page, named by its ring-ref. */
int vbus_map_ring(struct vbus_device *vdev, u32 ref, void **addr);
void vbus_unmap_ring(struct vbus_device *vdev, u32 ref);

int vbus_bind_evtchn(struct vbus_device *vdev, u32 port, evtchn_handler handler, void *data, u32 *local);
void vbus_unbind_evtchn(struct vbus_device *vdev, u32 local);

/* For vbus itself and for the core. */
int vbus_init(void);
void vbus_exit(void);
const char *vbus_state_name(enum vbus_state state);
int vbus_switch_state(struct vbus_device *vdev, enum vbus_state state);
int vbus_watch_otherend(struct vbus_device *vdev);
void vbus_otherend_work(struct work_struct *work);
void vbus_leave(struct vbus_device *vdev);

void vbus_probe_domain(struct soo_domain *dom);
void vbus_remove_domain(u32 domid);
bool vbus_all_connected(u32 domid);
bool vbus_claim_removal(struct vbus_device *vdev);

struct dentry *soo_debugfs_root(void);

#endif /* SOO_VBUS_H */
