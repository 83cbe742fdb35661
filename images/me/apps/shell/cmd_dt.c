/* SPDX-License-Identifier: GPL-2.0-only */
/* cmd_dt.c - dt and devices: the tree as it was handed over, and what became of it. */
#include <string.h>

#include "console.h"
#include "device.h"
#include "printk.h"
#include "shell.h"
#include "tree.h"

#define PATH_SIZE	256
#define OUT_SIZE	2048

/* The listing leaves in few large pieces: each one is an exit. */
static char out[OUT_SIZE];
static size_t held;

static void flush(void)
{
	console_write(out, held);
	held = 0;
}

static void put(const char *text)
{
	size_t len = strlen(text);

	if (held + len > sizeof(out))
		flush();
	if (len > sizeof(out)) {
		console_write(text, len);
		return;
	}
	memcpy(out + held, text, len);
	held += len;
}

static void print_property(const char *dir, const char *name, const u8 *value, int len)
{
	char digits[3];
	int i;

	put(dir);
	put(name);
	put(" ");
	for (i = 0; i < len; i++) {
		snprintf(digits, sizeof(digits), "%02x", value[i]);
		put(digits);
	}
	put("\n");
}

static void print_node(const void *fdt, int node, const char *dir)
{
	int prop, len;

	put(dir);
	put("\n");
	fdt_for_each_property_offset(prop, fdt, node) {
		const char *name;
		const void *value = fdt_getprop_by_offset(fdt, prop, &name, &len);

		if (value)
			print_property(dir, name, value, len);
	}
}

static int cmd_dt(int argc __unused, char **argv __unused)
{
	const void *fdt = tree();
	char path[PATH_SIZE];
	int depth = 0;
	int node;

	for (node = 0; node >= 0 && depth >= 0; node = fdt_next_node(fdt, node, &depth)) {
		if (fdt_get_path(fdt, node, path, sizeof(path) - 1)) {
			flush();
			printf("dt: a path is longer than %d characters\n", PATH_SIZE - 2);
			return SHELL_FAILED;
		}
		if (node)
			strlcpy(path + strlen(path), "/", 2);
		print_node(fdt, node, path);
	}
	flush();
	return SHELL_OK;
}
SHELL_COMMAND("dt", "the device tree: PATH/ for a node, PATH/PROPERTY HEX below it", cmd_dt);

static void print_device(const dev_t *dev, void *arg __unused)
{
	static const char *const status[] = {
		[DEV_INIT_PENDING] = "pending", [DEV_INITIALISED] = "initialised", [DEV_FAILED] = "failed",
	};

	printf("%-24s %-20s %-11s offset=%d parent=%s\n", dev->nodename, dev->compatible, status[dev->status],
	       dev->offset, dev->parent ? dev->parent->nodename : "-");
}

static int cmd_devices(int argc __unused, char **argv __unused)
{
	devices_for_each(print_device, NULL);
	return SHELL_OK;
}
SHELL_COMMAND("devices", "devices of the tree and the state of their drivers", cmd_devices);
