// SPDX-License-Identifier: GPL-2.0-only
/*
 * me_tree.c - reading an ME's device tree. It has two cells for addresses and two for sizes.
 */
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "me_tree.h"
#include "util.h"

#define RAM_MAX		(1ull << 30)

static int compatible(const void *tree, const char *name)
{
	int node = fdt_node_offset_by_compatible(tree, -1, name);

	return node < 0 ? fail("tree: no node is compatible with %s", name) : node;
}

/* The index-th address and size of `reg`. */
static int reg(const void *tree, int node, const char *what, int index, u64 *base, u64 *size)
{
	int len;
	const fdt64_t *cells = fdt_getprop(tree, node, "reg", &len);

	if (!cells || len < (index + 1) * 16)
		return fail("tree: %s has no reg %d", what, index);
	*base = fdt64_ld(cells + 2 * index);
	*size = fdt64_ld(cells + 2 * index + 1);
	return 0;
}

/* An interrupt of three cells, the first of which says that it is an SPI. */
static int spi(const void *tree, int node, const char *what, u32 *number)
{
	int len;
	const fdt32_t *cells = fdt_getprop(tree, node, "interrupts", &len);

	if (!cells || len < 12 || fdt32_ld(cells) != 0)
		return fail("tree: %s has no SPI", what);
	*number = fdt32_ld(cells + 1);
	return *number < 32 ? 0 : fail("tree: %s has SPI %u, and there are 32", what, *number);
}

static int device(const void *tree, const char *name, u64 *base, u32 *number)
{
	int node = compatible(tree, name);
	u64 size;

	if (node < 0)
		return -1;
	return reg(tree, node, name, 0, base, &size) || spi(tree, node, name, number) ? -1 : 0;
}

static int read_memory(const void *tree, struct me_tree *me)
{
	int node = fdt_node_offset_by_prop_value(tree, -1, "device_type", "memory", sizeof("memory"));

	if (node < 0)
		return fail("tree: no memory node");
	if (reg(tree, node, "memory", 0, &me->ram_base, &me->ram_size))
		return -1;
	if ((me->ram_base | me->ram_size) % ABI_PAGE_SIZE || !me->ram_size || me->ram_size > RAM_MAX)
		return fail("tree: memory of %llu bytes at 0x%llx cannot be", (unsigned long long)me->ram_size,
			    (unsigned long long)me->ram_base);
	return 0;
}

/* The shared pages, by the phandle in the AVZ node. */
static int read_shared(const void *tree, struct me_tree *me)
{
	int avz = compatible(tree, "soo,avz");
	const fdt32_t *phandle;
	u64 size;
	int node;

	if (avz < 0)
		return -1;
	phandle = fdt_getprop(tree, avz, "memory-region", NULL);
	node = phandle ? fdt_node_offset_by_phandle(tree, fdt32_ld(phandle)) : -1;
	if (node < 0)
		return fail("tree: soo,avz names no memory-region");
	if (reg(tree, node, "the shared region", 0, &me->shared, &size))
		return -1;
	if (me->shared % ABI_PAGE_SIZE || size < 2 * ABI_PAGE_SIZE || me->shared < me->ram_base ||
	    me->shared - me->ram_base > me->ram_size - 2 * ABI_PAGE_SIZE)
		return fail("tree: the shared region is not two pages of the memory");
	return 0;
}

static int read_identity(const void *tree, struct me_tree *me)
{
	int node = compatible(tree, "soo,me");
	const char *name, *shortdesc;
	const fdt64_t *spid;
	int len;

	if (node < 0)
		return -1;
	spid = fdt_getprop(tree, node, "spid", &len);
	if (!spid || len != 8)
		return fail("tree: /ME has no spid of 64 bits");
	me->spid = fdt64_ld(spid);
	name = fdt_getprop(tree, node, "me_name", &len);
	if (!name || len > (int)sizeof(me->name))
		return fail("tree: /ME has no me_name of less than %u bytes", SOO_ME_NAME_SIZE);
	shortdesc = fdt_getprop(tree, node, "me_shortdesc", &len);
	if (!shortdesc || len > (int)sizeof(me->shortdesc))
		return fail("tree: /ME has no me_shortdesc of less than %u bytes", SOO_ME_SHORTDESC_SIZE);
	snprintf(me->name, sizeof(me->name), "%s", name);
	snprintf(me->shortdesc, sizeof(me->shortdesc), "%s", shortdesc);
	return 0;
}

int me_tree_read(const void *tree, struct me_tree *me)
{
	int gic;
	u64 size;

	memset(me, 0, sizeof(*me));
	gic = compatible(tree, "arm,gic-v3");
	if (gic < 0 || reg(tree, gic, "arm,gic-v3", 0, &me->gic_dist, &size) ||
	    reg(tree, gic, "arm,gic-v3", 1, &me->gic_redist, &size))
		return -1;
	if (device(tree, "soo,avz", &me->avz_base, &me->avz_spi) ||
	    device(tree, "arm,pl011", &me->uart_base, &me->uart_spi))
		return -1;
	if (read_memory(tree, me) || read_shared(tree, me))
		return -1;
	return read_identity(tree, me);
}
