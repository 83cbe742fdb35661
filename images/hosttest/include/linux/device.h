/* SPDX-License-Identifier: GPL-2.0-only */
/* device.h - one bus, its devices and its drivers; see ../../host/bus.c. */
#ifndef HOST_LINUX_DEVICE_H
#define HOST_LINUX_DEVICE_H

#include <linux/kref.h>
#include <linux/list.h>

struct device;
struct device_driver;
struct kobj_uevent_env;

struct attribute {
	const char *name;
};

struct device_attribute {
	struct attribute attr;
	ssize_t (*show)(struct device *dev, struct device_attribute *attr, char *buf);
};

struct attribute_group {
	struct attribute **attrs;
};

struct bus_type {
	const char *name;
	int (*match)(struct device *dev, struct device_driver *drv);
	int (*uevent)(struct device *dev, struct kobj_uevent_env *env);
	int (*probe)(struct device *dev);
	void (*remove)(struct device *dev);
	const struct attribute_group **dev_groups;
};

struct device_driver {
	const char *name;
	struct bus_type *bus;
	struct module *owner;
	bool suppress_bind_attrs;
	struct list_head host_link;
};

struct device {
	struct bus_type *bus;
	struct device_driver *driver;
	void (*release)(struct device *dev);
	void *drvdata;
	char host_name[64];
	struct kref host_ref;
};

#define DEVICE_ATTR_RO(name) \
	struct device_attribute dev_attr_##name = { { #name }, name##_show }
#define ATTRIBUTE_GROUPS(name)									\
	static const struct attribute_group name##_group = { name##_attrs };			\
	static const struct attribute_group *name##_groups[] = { &name##_group, NULL }

#define dev_err(dev, ...)	((void)(dev), host_log(__VA_ARGS__))
#define dev_info(dev, ...)	dev_err(dev, __VA_ARGS__)
#define dev_dbg(dev, ...)	dev_err(dev, __VA_ARGS__)
#define dev_err_ratelimited(dev, ...)	dev_err(dev, __VA_ARGS__)
#define dev_warn(dev, ...)	dev_err(dev, __VA_ARGS__)
#define dev_set_drvdata(dev, p)	((dev)->drvdata = (p))
#define dev_get_drvdata(dev)	((dev)->drvdata)

int bus_register(struct bus_type *bus);
void bus_unregister(struct bus_type *bus);
int driver_register(struct device_driver *drv);
void driver_unregister(struct device_driver *drv);
void device_initialize(struct device *dev);
__printf(2, 3) int dev_set_name(struct device *dev, const char *fmt, ...);
int device_add(struct device *dev);
void device_unregister(struct device *dev);
struct device *get_device(struct device *dev);
void put_device(struct device *dev);

__printf(2, 3) int sysfs_emit(char *buf, const char *fmt, ...);
__printf(2, 3) int add_uevent_var(struct kobj_uevent_env *env, const char *fmt, ...);

#endif /* HOST_LINUX_DEVICE_H */
