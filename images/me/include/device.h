/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * device.h - devices of the tree and their drivers.
 *
 * A driver registers a compatible string in a section of its level. Each enabled node that has a
 * registered string becomes a dev_t; then drivers start level by level, nodes in the tree's order.
 */
#ifndef DEVICE_H
#define DEVICE_H

#include "list.h"

#define DEV_NAME_SIZE		32u
#define DEV_COMPATIBLE_SIZE	48u

enum dev_status {
	DEV_INIT_PENDING,
	DEV_INITIALISED,
	DEV_FAILED,
};

typedef struct dev {
	char compatible[DEV_COMPATIBLE_SIZE];
	char nodename[DEV_NAME_SIZE];
	enum dev_status status;
	int offset;		/* of the node in the tree */
	struct dev *parent;	/* nearest ancestor that is a device, or NULL */
	const void *fdt;
	void *priv;		/* of the driver */
	struct list list;
} dev_t;

struct driver_entry {
	const char *compatible;
	int (*init)(dev_t *dev, int offset);	/* 0 or -errno */
};

#define REGISTER_DRIVER(level, compat, fn) \
	static const struct driver_entry driver_##fn __section_entry(".drivers." #level) = { \
		.compatible = (compat), .init = (fn) }
#define REGISTER_DRIVER_CORE(compat, fn)	REGISTER_DRIVER(core, compat, fn)
#define REGISTER_DRIVER_POSTCORE(compat, fn)	REGISTER_DRIVER(postcore, compat, fn)

void devices_parse(const void *fdt);
void devices_init_core(void);
void devices_init_postcore(void);
void devices_for_each(void (*fn)(const dev_t *, void *), void *arg);

#endif /* DEVICE_H */
