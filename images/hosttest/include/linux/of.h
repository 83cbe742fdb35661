/* SPDX-License-Identifier: GPL-2.0-only */
/* of.h - the agency's device tree: two backends, which host_tree decides; see ../../host/bus.c. */
#ifndef HOST_LINUX_OF_H
#define HOST_LINUX_OF_H

#include <linux/kernel.h>

struct device_node {
	const char *compatible;		/* NULL: the node has none */
	bool available;
};

struct device_node *of_find_node_by_path(const char *path);
struct device_node *of_find_compatible_node(struct device_node *from, const char *type, const char *compatible);
bool of_device_is_available(const struct device_node *np);
int of_property_read_string(const struct device_node *np, const char *name, const char **text);
struct device_node *host_next_child(struct device_node *np);

static inline void of_node_put(struct device_node *np)
{
}

#define for_each_child_of_node(parent, np) \
	for ((void)(parent), (np) = host_next_child(NULL); (np); (np) = host_next_child(np))

#endif /* HOST_LINUX_OF_H */
