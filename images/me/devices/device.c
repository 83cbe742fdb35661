/* SPDX-License-Identifier: GPL-2.0-only */
/* device.c - from nodes of the tree to devices, and their drivers' start. */
#include <string.h>

#include "device.h"
#include "mm.h"
#include "panic.h"
#include "printk.h"
#include "tree.h"

#define DEPTH_MAX	16

extern const struct driver_entry _drivers_core_start[], _drivers_core_end[];
extern const struct driver_entry _drivers_postcore_start[], _drivers_postcore_end[];

static struct list devices = LIST_INIT(devices);

static const struct driver_entry *find_driver(const struct driver_entry *from, const struct driver_entry *to,
					      const void *fdt, int node)
{
	for (; from < to; from++)
		if (!fdt_node_check_compatible(fdt, node, from->compatible))
			return from;
	return NULL;
}

static dev_t *add_device(const void *fdt, int node, const char *compatible, dev_t *parent)
{
	dev_t *dev = kzalloc(sizeof(*dev));

	if (!dev)
		panic("no memory for device %s", compatible);
	strlcpy(dev->compatible, compatible, sizeof(dev->compatible));
	strlcpy(dev->nodename, fdt_get_name(fdt, node, NULL), sizeof(dev->nodename));
	dev->status = DEV_INIT_PENDING;
	dev->offset = node;
	dev->parent = parent;
	dev->fdt = fdt;
	list_add_tail(&dev->list, &devices);
	return dev;
}

static dev_t *match_node(const void *fdt, int node, dev_t *parent)
{
	const struct driver_entry *drv;

	drv = find_driver(_drivers_core_start, _drivers_core_end, fdt, node);
	if (!drv)
		drv = find_driver(_drivers_postcore_start, _drivers_postcore_end, fdt, node);
	return drv ? add_device(fdt, node, drv->compatible, parent) : parent;
}

void devices_parse(const void *fdt)
{
	dev_t *parents[DEPTH_MAX] = { NULL };
	int disabled_depth = DEPTH_MAX;
	int depth = 0;
	int node = 0;

	while ((node = fdt_next_node(fdt, node, &depth)) >= 0 && depth > 0) {
		if (depth >= DEPTH_MAX || depth > disabled_depth)
			continue;
		/* What is below a disabled node is disabled with it. */
		disabled_depth = tree_status_ok(fdt, node) ? DEPTH_MAX : depth;
		if (disabled_depth == DEPTH_MAX)
			parents[depth] = match_node(fdt, node, parents[depth - 1]);
	}
}

static void init_level(const struct driver_entry *from, const struct driver_entry *to)
{
	const struct driver_entry *drv;
	struct list *pos;
	dev_t *dev;
	int err;

	list_for_each(pos, &devices) {
		dev = container_of(pos, dev_t, list);
		drv = find_driver(from, to, dev->fdt, dev->offset);
		if (!drv || dev->status != DEV_INIT_PENDING)
			continue;
		err = drv->init(dev, dev->offset);
		dev->status = err ? DEV_FAILED : DEV_INITIALISED;
		if (err)
			printk("%s: driver of %s failed: error %d\n", dev->nodename, dev->compatible, err);
	}
}

void devices_init_core(void)
{
	init_level(_drivers_core_start, _drivers_core_end);
}

void devices_init_postcore(void)
{
	init_level(_drivers_postcore_start, _drivers_postcore_end);
}

void devices_for_each(void (*fn)(const dev_t *, void *), void *arg)
{
	struct list *pos;

	list_for_each(pos, &devices)
		fn(container_of(pos, dev_t, list), arg);
}
