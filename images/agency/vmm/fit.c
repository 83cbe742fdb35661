// SPDX-License-Identifier: GPL-2.0-only
/*
 * fit.c - reading a FIT. Nothing in the file is believed before libfdt has walked all of it.
 */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "crc32.h"
#include "fit.h"
#include "util.h"

/* An address of one or two cells. */
static u64 address(const void *image, int node, const char *name)
{
	int len;
	const void *prop = fdt_getprop(image, node, name, &len);

	if (prop && len == 4)
		return fdt32_ld(prop);
	if (prop && len == 8)
		return fdt64_ld(prop);
	return 0;
}

static int check_hash(const void *image, int hash, const char *part, const struct fit_part *p)
{
	int len;
	const char *algo = fdt_getprop(image, hash, "algo", NULL);
	const void *value = fdt_getprop(image, hash, "value", &len);

	if (!algo || strcmp(algo, "crc32"))
		return fail("%s: hash %s is not known, only crc32", part, algo ? algo : "without algo");
	if (!value || len != 4)
		return fail("%s: hash without a value", part);
	if (fdt32_ld(value) != crc32(p->data, p->size))
		return fail("%s: its hash is wrong", part);
	return 0;
}

static int read_part(const void *image, int node, const char *part, struct fit_part *p)
{
	int child, len;

	p->data = fdt_getprop(image, node, "data", &len);
	if (!p->data || !len)
		return fail("%s: no data", part);
	p->size = len;
	p->load = address(image, node, "load");
	p->entry = address(image, node, "entry");
	fdt_for_each_subnode(child, image, node) {
		if (!strncmp(fdt_get_name(image, child, NULL), "hash", 4) &&
		    check_hash(image, child, part, p))
			return -1;
	}
	return 0;
}

static int find_type(const void *image, int images, const char *type)
{
	int node;

	fdt_for_each_subnode(node, image, images) {
		const char *t = fdt_getprop(image, node, "type", NULL);

		if (t && !strcmp(t, type))
			return node;
	}
	return -1;
}

static int align_tree(struct fit_me *me)
{
	me->aligned_tree = malloc(me->tree.size);
	if (!me->aligned_tree)
		return fail("tree: no memory for %zu bytes", me->tree.size);
	memcpy(me->aligned_tree, me->tree.data, me->tree.size);
	me->tree.data = me->aligned_tree;
	if (me->tree.size < sizeof(struct fdt_header) || fdt_check_full(me->tree.data, me->tree.size))
		return fail("tree: damaged");
	return 0;
}

int fit_check(const void *image, size_t size, struct fit_me *me)
{
	int images, kernel, tree;

	if (size < sizeof(struct fdt_header) || fdt_magic(image) != FDT_MAGIC)
		return fail("no FIT image");
	if (fdt_totalsize(image) > size)
		return fail("truncated: %zu of %u bytes", size, fdt_totalsize(image));
	if (fdt_check_full(image, size))
		return fail("damaged FIT image");
	images = fdt_path_offset(image, "/images");
	if (images < 0)
		return fail("no FIT image: it has no /images");
	kernel = find_type(image, images, "ME");
	if (kernel < 0)
		return fail("no ME: there is no image of type \"ME\"");
	tree = find_type(image, images, "flat_dt");
	if (tree < 0)
		return fail("no ME: there is no device tree");
	if (read_part(image, kernel, "kernel", &me->kernel) || read_part(image, tree, "tree", &me->tree))
		return -1;
	return align_tree(me);
}

void fit_free(struct fit_me *me)
{
	free(me->aligned_tree);
}
