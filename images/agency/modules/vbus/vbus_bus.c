// SPDX-License-Identifier: GPL-2.0-only
/*
 * vbus_bus.c - the bus type: matching, and what sysfs shows of a device.
 */
#include <linux/module.h>
#include <linux/of.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include <soo/events.h>
#include <soo/fault.h>
#include <soo/vbus.h>

static ssize_t nodename_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", to_vbus_device(dev)->nodename);
}
static DEVICE_ATTR_RO(nodename);

static ssize_t devtype_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", to_vbus_device(dev)->devicetype);
}
static DEVICE_ATTR_RO(devtype);

static ssize_t modalias_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s:%s\n", dev->bus->name, to_vbus_device(dev)->devicetype);
}
static DEVICE_ATTR_RO(modalias);

static ssize_t devstate_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", READ_ONCE(to_vbus_device(dev)->state));
}
static DEVICE_ATTR_RO(devstate);

static struct attribute *vbus_dev_attrs[] = {
	&dev_attr_nodename.attr,
	&dev_attr_devtype.attr,
	&dev_attr_modalias.attr,
	&dev_attr_devstate.attr,
	NULL,
};
ATTRIBUTE_GROUPS(vbus_dev);

static int vbus_match(struct device *dev, struct device_driver *drv)
{
	return !strcmp(to_vbus_device(dev)->devicetype, to_vbus_driver(drv)->devicetype);
}

static int vbus_uevent(struct device *dev, struct kobj_uevent_env *env)
{
	return add_uevent_var(env, "MODALIAS=%s:%s", dev->bus->name, to_vbus_device(dev)->devicetype);
}

static int vbus_dev_probe(struct device *dev)
{
	struct vbus_device *vdev = to_vbus_device(dev);
	struct vbus_driver *vdrv = to_vbus_driver(dev->driver);
	int err;

	mutex_lock(&vdev->lock);
	err = vbus_watch_otherend(vdev);
	if (err == -ENOENT)
		err = -ENODEV;	/* the ME has taken its entries back meanwhile */
	if (err)
		goto unlock;
	soo_event("vbus probe dev=%s", vdev->nodename);
	err = vdrv->probe(vdev);
	if (err)
		goto unwatch;
	/* A front that is past Initialising has been connected before, and waits for Reconfiguring. */
	if (vdev->fe_state == VBUS_INITIALISING && !soo_fault("be-skip-initwait"))
		err = vbus_switch_state(vdev, VBUS_INITWAIT);
	if (soo_fault("be-skip-initwait"))
		err = vbus_switch_state(vdev, VBUS_CONNECTED);
	mutex_unlock(&vdev->lock);
	/* The front may have moved on before it was watched. */
	vbus_queue_otherend(vdev);
	return 0;

unwatch:
	vbs_unwatch(&vdev->otherend_watch);
unlock:
	mutex_unlock(&vdev->lock);
	return err;
}

static void vbus_dev_remove(struct device *dev)
{
	struct vbus_device *vdev = to_vbus_device(dev);

	mutex_lock(&vdev->lock);
	soo_event("vbus remove dev=%s", vdev->nodename);
	to_vbus_driver(dev->driver)->remove(vdev);
	mutex_unlock(&vdev->lock);
}

struct bus_type vbus_type = {
	.name = "vbus",
	.match = vbus_match,
	.uevent = vbus_uevent,
	.probe = vbus_dev_probe,
	.remove = vbus_dev_remove,
	.dev_groups = vbus_dev_groups,
};
EXPORT_SYMBOL_GPL(vbus_type);

bool vbus_backend_enabled(const char *type)
{
	char compatible[VBUS_DEV_TYPE_SIZE + sizeof(",backend")];
	struct device_node *np;
	bool enabled;

	snprintf(compatible, sizeof(compatible), "%s,backend", type);
	np = of_find_compatible_node(NULL, NULL, compatible);
	enabled = np && of_device_is_available(np);
	of_node_put(np);
	return enabled;
}
EXPORT_SYMBOL_GPL(vbus_backend_enabled);

int vbus_register_driver(struct vbus_driver *vdrv, struct module *owner)
{
	vdrv->driver.name = vdrv->name;
	vdrv->driver.bus = &vbus_type;
	vdrv->driver.owner = owner;
	/* Binding by hand would leave a link half open. */
	vdrv->driver.suppress_bind_attrs = true;
	return driver_register(&vdrv->driver);
}
EXPORT_SYMBOL_GPL(vbus_register_driver);

void vbus_unregister_driver(struct vbus_driver *vdrv)
{
	driver_unregister(&vdrv->driver);
}
EXPORT_SYMBOL_GPL(vbus_unregister_driver);

int vbus_init(void)
{
	return bus_register(&vbus_type);
}

void vbus_exit(void)
{
	bus_unregister(&vbus_type);
}
