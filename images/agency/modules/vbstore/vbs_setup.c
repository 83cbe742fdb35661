// SPDX-License-Identifier: GPL-2.0-only
/*
 * vbs_setup.c - the entries that the agency makes at start.
 */
#include <linux/kernel.h>
#include <linux/of.h>
#include <linux/string.h>

#include <soo/fault.h>
#include <soo/vbstore.h>

static int make(const char *path)
{
	int err = vbs_mkdir(DOMID_AGENCY, VBS_NO_TRANSACTION, path);

	if (err)
		pr_err("soo: vbstore: cannot make %s: %d\n", path, err);
	return err;
}

static int make_per_domain(const char *dir)
{
	char path[VBS_PATH_SIZE];
	u32 d;
	int err = make(dir);

	for (d = 0; d < SOO_MAX_DOMAINS && !err; d++) {
		snprintf(path, sizeof(path), "%s/%u", dir, d);
		err = make(path);
	}
	return err;
}

/* The type of a node whose compatible is "<type>,backend". Return: false for any other node. */
static bool backend_type(const struct device_node *np, char *type, size_t size)
{
	const char *compatible, *comma;
	size_t len;

	if (of_property_read_string(np, "compatible", &compatible))
		return false;
	comma = strchr(compatible, ',');
	if (!comma || strcmp(comma, ",backend"))
		return false;
	len = comma - compatible;
	if (!len || len >= size)
		return false;
	strscpy(type, compatible, len + 1);
	return true;
}

static int make_backends(void)
{
	struct device_node *parent = of_find_node_by_path("/agency/backends");
	struct device_node *np;
	char type[VBUS_DEV_TYPE_SIZE];
	char path[VBS_PATH_SIZE];
	int err = 0;

	for_each_child_of_node(parent, np) {
		if (!of_device_is_available(np) && !soo_fault("be-entry-disabled"))
			continue;
		if (!backend_type(np, type, sizeof(type)))
			continue;
		snprintf(path, sizeof(path), "backend/%s", type);
		pr_info("soo: vbstore: /%s: creating backend entry for %s virtual driver\n", path, type);
		err = make(path);
		if (err) {
			of_node_put(np);
			break;
		}
	}
	of_node_put(parent);
	return err;
}

int vbstore_init(void)
{
	int err;

	if ((err = make("backend")) || (err = make("device")) || (err = make("domain")) ||
	    (err = make_per_domain("domain/gnttab")) || (err = make("soo")) ||
	    (err = make_per_domain("soo/directcomm")) || (err = make("soo/me")) ||
	    (err = make_backends()))
		vbstore_exit();
	return err;
}
