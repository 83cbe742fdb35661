// SPDX-License-Identifier: GPL-2.0-only
/*
 * snapshot_make.c - an ME that stands still becomes a snapshot in memory.
 */
#include <stdlib.h>
#include <string.h>

#include "crc32.h"
#include "fault.h"
#include "snapshot.h"
#include "uart.h"
#include "util.h"

static int is_zero(const u8 *page)
{
	const u64 *words = (const u64 *)page;
	u32 i;

	for (i = 0; i < ABI_PAGE_SIZE / sizeof(*words); i++)
		if (words[i])
			return 0;
	return 1;
}

/* The shared pages are not the ME's own: a restored one gets others. */
static int is_wanted(const struct vm *vm, u64 offset)
{
	u64 shared = vm->me.shared - vm->me.ram_base;

	if (offset == shared || offset == shared + ABI_PAGE_SIZE)
		return 0;
	return !is_zero(vm->ram + offset);
}

static u32 count_pages(const struct vm *vm)
{
	u64 offset;
	u32 n = 0;

	for (offset = 0; offset < vm->me.ram_size; offset += ABI_PAGE_SIZE)
		n += is_wanted(vm, offset);
	return n;
}

static void fill_header(const struct vm *vm, struct snapshot_header *h)
{
	const struct me_tree *me = &vm->me;

	h->signature = SOO_SIGNATURE;
	h->revision = SNAPSHOT_REVISION;
	h->header_size = sizeof(*h);
	h->spid = me->spid;
	h->ram_base = me->ram_base;
	h->ram_size = me->ram_size;
	h->shared = me->shared;
	h->avz_base = me->avz_base;
	h->uart_base = me->uart_base;
	h->gic_dist = me->gic_dist;
	h->gic_redist = me->gic_redist;
	h->avz_spi = me->avz_spi;
	h->uart_spi = me->uart_spi;
	h->incarnation = vm->incarnation;
	h->slot = vm->slot;
	memcpy(h->name, me->name, sizeof(h->name));
	memcpy(h->shortdesc, me->shortdesc, sizeof(h->shortdesc));
	h->uart_mask = uart_save(h->typed_text, sizeof(h->typed_text), &h->typed);
}

static void copy_pages(const struct vm *vm, struct snapshot_page *page)
{
	u64 offset;

	for (offset = 0; offset < vm->me.ram_size; offset += ABI_PAGE_SIZE) {
		if (!is_wanted(vm, offset))
			continue;
		page->addr = vm->me.ram_base + offset;
		memcpy(page->data, fault_page(vm, offset), ABI_PAGE_SIZE);
		page++;
	}
}

static int assemble(const struct vm *vm, const struct snapshot_reg *regs, u32 nr_regs,
		    const struct snapshot_gic *gic, u32 nr_gic, struct snapshot_buffer *out)
{
	u32 nr_pages = count_pages(vm);
	size_t regs_size = nr_regs * sizeof(*regs), gic_size = nr_gic * sizeof(*gic);
	struct snapshot_header *h;
	u8 *at;

	out->size = sizeof(*h) + regs_size + gic_size + nr_pages * sizeof(struct snapshot_page);
	out->data = calloc(1, out->size);
	if (!out->data)
		return fail("no memory for a snapshot of %zu bytes", out->size);
	h = (struct snapshot_header *)out->data;
	fill_header(vm, h);
	h->length = out->size;
	h->nr_regs = nr_regs;
	h->nr_gic = nr_gic;
	h->nr_pages = nr_pages;
	at = memcpy(out->data + sizeof(*h), regs, regs_size);
	at = memcpy(at + regs_size, gic, gic_size);
	copy_pages(vm, (struct snapshot_page *)(at + gic_size));
	h->crc = crc32(out->data + SNAPSHOT_CHECKED, out->size - SNAPSHOT_CHECKED);
	return 0;
}

int snapshot_make(struct vm *vm, void *arg)
{
	struct snapshot_reg *regs;
	struct snapshot_gic *gic;
	u32 nr_regs, nr_gic;
	int err;

	uart_drain();
	err = vm_get_regs(vm, &regs, &nr_regs);
	if (err)
		return err;
	err = vm_get_gic(vm, &gic, &nr_gic);
	if (err)
		goto free_regs;
	err = assemble(vm, regs, nr_regs, gic, nr_gic, arg);
	free(gic);

free_regs:
	free(regs);
	return err;
}
