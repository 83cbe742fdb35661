/* SPDX-License-Identifier: GPL-2.0-only */
/* tree.c - questions to the device tree. */
#include <string.h>

#include "tree.h"

#define GIC_SPI			0u
#define GIC_SPI_FIRST		32u
#define GIC_PPI_FIRST		16u
#define GIC_EDGE_RISING		1u
#define GIC_CELLS		3

static const void *boot_tree;

const void *tree(void)
{
	return boot_tree;
}

void tree_set(const void *fdt)
{
	boot_tree = fdt;
}

bool tree_status_ok(const void *fdt, int node)
{
	const char *status = fdt_getprop(fdt, node, "status", NULL);

	return !status || !strcmp(status, "okay") || !strcmp(status, "ok");
}

bool tree_enabled(const void *fdt, int node)
{
	for (; node >= 0; node = fdt_parent_offset(fdt, node))
		if (!tree_status_ok(fdt, node))
			return false;
	return true;
}

static u64 read_cells(const fdt32_t *cell, int count)
{
	u64 value = 0;

	while (count--)
		value = value << 32 | fdt32_to_cpu(*cell++);
	return value;
}

int tree_reg(const void *fdt, int node, int index, u64 *addr, u64 *size)
{
	int parent = fdt_parent_offset(fdt, node);
	int addr_cells = fdt_address_cells(fdt, parent);
	int size_cells = fdt_size_cells(fdt, parent);
	const fdt32_t *reg;
	int len;

	reg = fdt_getprop(fdt, node, "reg", &len);
	if (!reg || addr_cells < 1 || size_cells < 1)
		return -ENOENT;
	if (len < (index + 1) * (addr_cells + size_cells) * 4)
		return -ENOENT;
	reg += index * (addr_cells + size_cells);
	*addr = read_cells(reg, addr_cells);
	*size = read_cells(reg + addr_cells, size_cells);
	return 0;
}

static int read_number(const void *fdt, int node, const char *name, int cells, u64 *value)
{
	const fdt32_t *prop;
	int len;

	prop = fdt_getprop(fdt, node, name, &len);
	if (!prop)
		return -ENOENT;
	if (len != cells * 4)
		return -EINVAL;
	*value = read_cells(prop, cells);
	return 0;
}

int tree_u32(const void *fdt, int node, const char *name, u32 *value)
{
	u64 wide;
	int err;

	err = read_number(fdt, node, name, 1, &wide);
	if (!err)
		*value = (u32)wide;
	return err;
}

int tree_u64(const void *fdt, int node, const char *name, u64 *value)
{
	return read_number(fdt, node, name, 2, value);
}

int tree_interrupt(const void *fdt, int node, int index, u32 *irq, bool *edge)
{
	const fdt32_t *cells;
	int len;

	cells = fdt_getprop(fdt, node, "interrupts", &len);
	if (!cells || len < (index + 1) * GIC_CELLS * 4)
		return -ENOENT;
	cells += index * GIC_CELLS;
	*irq = fdt32_to_cpu(cells[1]) + (fdt32_to_cpu(cells[0]) == GIC_SPI ? GIC_SPI_FIRST : GIC_PPI_FIRST);
	*edge = fdt32_to_cpu(cells[2]) == GIC_EDGE_RISING;
	return 0;
}

const char *tree_string(const void *fdt, int node, const char *name, const char *absent)
{
	const char *text;
	int len;

	text = fdt_getprop(fdt, node, name, &len);
	if (!text || len < 1 || text[len - 1])
		return absent;
	return text;
}
