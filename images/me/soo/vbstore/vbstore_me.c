/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vbstore_me.c - this ME's own entries in the store; table in abi/vbus.h.
 *
 * All are made outside transactions: nobody is to act before DC_TRIGGER_DEV_PROBE.
 */
#include <string.h>

#include "abi/soo.h"

#include "fault.h"
#include "printk.h"
#include "soo/avz.h"
#include "soo/vbs.h"
#include "soo/vbstore_me.h"
#include "soo/vbus.h"
#include "tree.h"

static const struct {
	const char *type;
	bool realtime;
} known_types[] = {
	{ "vdummy", false },
	{ "vuart", false },
};

static void check(int err, const char *path)
{
	if (err)
		printk("soo: vbstore: %s was not made: error %d\n", path, err);
}

static void make_dir(const char *path)
{
	int err = vbs_mkdir(VBS_NO_TRANSACTION, path);

	check(err == -EEXIST ? 0 : err, path);
}

static void put(const char *dir, const char *key, const char *value)
{
	char path[VBS_PATH_SIZE];

	snprintf(path, sizeof(path), "%s/%s", dir, key);
	check(vbs_write(VBS_NO_TRANSACTION, path, value), path);
}

static void put_u32(const char *dir, const char *key, u32 value)
{
	char text[12];

	snprintf(text, sizeof(text), "%u", value);
	put(dir, key, text);
}

#ifdef CONFIG_FAULTS
static bool refused;

void vbstore_me_refused(void)
{
	refused = true;
}

/* An ME that has once refused to rest says no more who it is when it arrives somewhere. */
static bool forgets_identity(void)
{
	return refused && avz_incarnation() && fault_active("fe-refusal-forgets-identity");
}
#else
static bool forgets_identity(void)
{
	return false;
}
#endif

static void register_identity(void)
{
	const void *fdt = tree();
	int node = fdt_path_offset(fdt, "/ME");
	char dir[VBS_PATH_SIZE];
	static char text[VBS_VALUE_SIZE];	/* too much for a stack */
	u64 spid = 0;

	if (forgets_identity())
		return;
	if (node < 0) {
		printk("soo: the tree has no node /ME: no identity\n");
		return;
	}
	snprintf(dir, sizeof(dir), "soo/me/%u", avz_domid());
	make_dir(dir);
	tree_u64(fdt, node, "spid", &spid);
	snprintf(text, sizeof(text), "%016lx", spid);
	put(dir, "spid", text);
	strlcpy(text, tree_string(fdt, node, "me_name", ""), SOO_ME_NAME_SIZE);
	put(dir, "name", text);
	strlcpy(text, tree_string(fdt, node, "me_shortdesc", ""), sizeof(text));
	put(dir, "shortdesc", text);
}

/* The number under which devices are entered. */
static u32 device_domain(void)
{
	static u32 first = DOMID_AGENCY;

	if (!fault_active("fe-entries-old-domain"))
		return avz_domid();
	if (first == DOMID_AGENCY)
		first = avz_domid();
	return first;
}

/* The directory of a device and its number 0, each under a parent that is there by then. */
static void make_device_dirs(const char *first, const char *device)
{
	make_dir(first);
	make_dir(device);
}

static void register_frontend(const char *type, bool realtime)
{
	u32 d = device_domain();
	char front[VBS_PATH_SIZE], back[VBS_PATH_SIZE], dir[VBS_PATH_SIZE];

	snprintf(dir, sizeof(dir), "backend/%s", type);
	if (vbs_exists(dir) != 1) {
		printk("Cannot find backend node: %s\n", dir);
		return;
	}
	snprintf(back, sizeof(back), "backend/%s/%u/0", type, d);
	snprintf(front, sizeof(front), "device/%u/%s/0", d, type);
	snprintf(dir, sizeof(dir), "device/%u", d);
	make_dir(dir);
	snprintf(dir, sizeof(dir), "device/%u/%s", d, type);
	make_device_dirs(dir, front);
	put_u32(front, "state", vbus_first_state(type));
	put_u32(front, "realtime", realtime);
	put_u32(front, "backend-id", DOMID_AGENCY);
	put(front, "backend", back);

	snprintf(dir, sizeof(dir), "backend/%s/%u", type, d);
	make_device_dirs(dir, back);
	put_u32(back, "state", VBUS_INITIALISING);
	put_u32(back, "realtime", realtime);
	put(back, "frontend", front);
	put_u32(back, "frontend-id", d);
}

static bool available(const char *type)
{
	const void *fdt = tree();
	char compatible[VBUS_DEV_TYPE_SIZE + sizeof(",frontend")];
	int node = -1;

	snprintf(compatible, sizeof(compatible), "%s,frontend", type);
	do {
		node = fdt_node_offset_by_compatible(fdt, node, compatible);
	} while (node >= 0 && !tree_enabled(fdt, node));
	return node >= 0;
}

void vbstore_me_register(void)
{
	u32 i;

	register_identity();
	for (i = 0; i < ARRAY_SIZE(known_types); i++)
		if (available(known_types[i].type))
			register_frontend(known_types[i].type, known_types[i].realtime);
}

static void remove(const char *path)
{
	int err = vbs_rm(VBS_NO_TRANSACTION, path);

	/* What was never made, as there was no backend, need not go. */
	if (err && err != -ENOENT)
		printk("soo: vbstore: %s was not removed: error %d\n", path, err);
}

static void remove_frontend(const char *type)
{
	u32 d = avz_domid();
	char path[VBS_PATH_SIZE];

	snprintf(path, sizeof(path), "backend/%s/%u/0", type, d);
	remove(path);
	snprintf(path, sizeof(path), "backend/%s/%u", type, d);
	remove(path);
	snprintf(path, sizeof(path), "device/%u/%s/0", d, type);
	remove(path);
	snprintf(path, sizeof(path), "device/%u/%s", d, type);
	remove(path);
}

void vbstore_me_remove(void)
{
	char path[VBS_PATH_SIZE];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(known_types); i++)
		if (available(known_types[i].type))
			remove_frontend(known_types[i].type);
	snprintf(path, sizeof(path), "device/%u", avz_domid());
	remove(path);
	snprintf(path, sizeof(path), "soo/me/%u", avz_domid());
	remove(path);
}
