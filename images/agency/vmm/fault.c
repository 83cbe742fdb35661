// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "fault.h"

#ifdef SOO_FAULTS
int soo_fault(const char *name)
{
	char line[2048] = "";
	FILE *f = fopen("/proc/cmdline", "re");
	char *word;

	if (!f)
		return 0;
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);
	for (word = strtok(line, " \n"); word; word = strtok(NULL, " \n")) {
		if (!strncmp(word, "soo_fault=", 10))
			return !strcmp(word + 10, name);
	}
	return 0;
}

static u8 kept[ABI_PAGE_SIZE];
static u64 kept_offset;

void fault_hypercall(const struct vm *vm, u32 op)
{
	const struct avz_shared *shared = (const void *)(vm->ram + (vm->me.shared - vm->me.ram_base));
	u64 offset = shared->hypercall_arg[0] * ABI_PAGE_SIZE - vm->me.ram_base;

	if (op != AVZ_GNTTAB_GRANT || kept_offset || offset >= vm->me.ram_size)
		return;
	memcpy(kept, vm->ram + offset, sizeof(kept));
	kept_offset = offset;
}

const u8 *fault_page(const struct vm *vm, u64 offset)
{
	if (kept_offset && offset == kept_offset && soo_fault("snapshot-stale-page"))
		return kept;
	return vm->ram + offset;
}
#endif
