/* SPDX-License-Identifier: GPL-2.0-only */
/* bus.c - the driver core as far as one bus needs it, and the agency's device tree. */
#include <linux/device.h>
#include <linux/of.h>

#include "machine.h"

static LIST_HEAD(drivers);
static struct bus_type *the_bus;

static struct device_node nodes[] = {
	{ "vdummy,backend", true }, { NULL, true }, { "vuart,backend", true }, { "vsenseled,backend", false },
	{ "serial", true }, { ",backend", true }, { "vlongerthanadevicetypemayeverbehere,backend", true },
};

void machine_enable_backends(bool on)
{
	nodes[0].available = on;
	nodes[2].available = on;
}

struct device_node *of_find_node_by_path(const char *path)
{
	return nodes;
}

struct device_node *of_find_compatible_node(struct device_node *from, const char *type, const char *compatible)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(nodes); i++) {
		if (nodes[i].compatible && !strcmp(nodes[i].compatible, compatible))
			return &nodes[i];
	}
	return NULL;
}

bool of_device_is_available(const struct device_node *np)
{
	return np->available;
}

int of_property_read_string(const struct device_node *np, const char *name, const char **text)
{
	if (!np->compatible)
		return -EINVAL;
	*text = np->compatible;
	return 0;
}

struct device_node *host_next_child(struct device_node *np)
{
	np = np ? np + 1 : nodes;
	return np < nodes + ARRAY_SIZE(nodes) ? np : NULL;
}

int bus_register(struct bus_type *bus)
{
	the_bus = bus;
	return 0;
}

void bus_unregister(struct bus_type *bus)
{
	host_check(list_empty(&drivers), "the bus goes before its drivers");
	the_bus = NULL;
}

int driver_register(struct device_driver *drv)
{
	list_add_tail(&drv->host_link, &drivers);
	return 0;
}

void driver_unregister(struct device_driver *drv)
{
	list_del(&drv->host_link);
}

void device_initialize(struct device *dev)
{
	kref_init(&dev->host_ref);
}

int dev_set_name(struct device *dev, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(dev->host_name, sizeof(dev->host_name), fmt, args);
	va_end(args);
	return 0;
}

/* What user space would read. */
static void show_attributes(struct device *dev)
{
	struct attribute **attr;
	char page[4096];

	for (attr = dev->bus->dev_groups[0]->attrs; *attr; attr++) {
		struct device_attribute *a = container_of(*attr, struct device_attribute, attr);

		host_check(a->show(dev, a, page) > 0, "attribute %s shows nothing", a->attr.name);
	}
	dev->bus->uevent(dev, NULL);
}

/* A driver that refuses the device leaves it without one, which is no failure of the addition. */
int device_add(struct device *dev)
{
	struct device_driver *drv;

	show_attributes(dev);
	list_for_each_entry(drv, &drivers, host_link) {
		if (!dev->bus->match(dev, drv))
			continue;
		dev->driver = drv;
		if (dev->bus->probe(dev))
			dev->driver = NULL;
		break;
	}
	return 0;
}

void device_unregister(struct device *dev)
{
	if (dev->driver)
		dev->bus->remove(dev);
	dev->driver = NULL;
	put_device(dev);
}

struct device *get_device(struct device *dev)
{
	kref_get(&dev->host_ref);
	return dev;
}

static void release(struct kref *ref)
{
	struct device *dev = container_of(ref, struct device, host_ref);

	dev->release(dev);
}

void put_device(struct device *dev)
{
	kref_put(&dev->host_ref, release);
}
