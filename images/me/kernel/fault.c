/* SPDX-License-Identifier: GPL-2.0-only */
/* fault.c - which planted defect is on. Part of builds with FAULTS=1 only. */
#include <string.h>

#include "fault.h"
#include "printk.h"
#include "tree.h"

static const char *active = "";

void fault_init(const void *fdt)
{
	int node = fdt_path_offset(fdt, "/ME");

	if (node < 0)
		return;
	active = tree_string(fdt, node, "fault", "");
	if (*active)
		printk("fault: %s\n", active);
}

bool fault_active(const char *name)
{
	return !strcmp(active, name);
}
