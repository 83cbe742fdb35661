// SPDX-License-Identifier: GPL-2.0-only
/*
 * snapshot_read.c - a snapshot is checked to its last byte, then becomes a machine.
 */
#include <string.h>

#include "crc32.h"
#include "fault.h"
#include "snapshot.h"
#include "util.h"

#define RAM_MAX		(1ull << 30)
#define COUNT_MAX	4096u	/* registers of either kind */

static int check_header(const struct snapshot_header *h, size_t size)
{
	if (size < sizeof(h->signature) || h->signature != SOO_SIGNATURE)
		return fail("no snapshot of an ME");
	if (size < sizeof(*h))
		return fail("cut: %zu bytes, and its header has %zu", size, sizeof(*h));
	if (h->revision != SNAPSHOT_REVISION)
		return fail("a snapshot of revision %u, not %u", h->revision, SNAPSHOT_REVISION);
	if (h->length > size)
		return fail("cut: %zu of %llu bytes", size, (unsigned long long)h->length);
	if (h->length < size)
		return fail("damaged: %zu bytes, and its length says %llu", size,
			    (unsigned long long)h->length);
	if (crc32((const u8 *)h + SNAPSHOT_CHECKED, h->length - SNAPSHOT_CHECKED) != h->crc)
		return fail("damaged: its checksum is wrong");
	return 0;
}

/* With a right checksum: made so, by a program other than ours. */
static int check_values(const struct snapshot_header *h)
{
	u64 shared = h->shared - h->ram_base;

	if (h->header_size != sizeof(*h) || h->typed > SNAPSHOT_TYPED_MAX ||
	    h->nr_regs > COUNT_MAX || h->nr_gic > COUNT_MAX || h->avz_spi >= 32 || h->uart_spi >= 32)
		return fail("malformed header");
	if ((h->ram_base | h->ram_size | h->shared) % ABI_PAGE_SIZE || !h->ram_size || h->ram_size > RAM_MAX ||
	    h->shared < h->ram_base || shared > h->ram_size - 2 * ABI_PAGE_SIZE)
		return fail("malformed header: memory of %llu bytes at 0x%llx", (unsigned long long)h->ram_size,
			    (unsigned long long)h->ram_base);
	if (strnlen(h->name, sizeof(h->name)) == sizeof(h->name) ||
	    strnlen(h->shortdesc, sizeof(h->shortdesc)) == sizeof(h->shortdesc))
		return fail("malformed header: the ME's name");
	return 0;
}

/* By rising address, each in the memory, and not one of the shared ones. */
static int check_pages(const struct snapshot *snap)
{
	const struct snapshot_header *h = snap->header;
	u64 next = h->ram_base;
	u32 i;

	for (i = 0; i < h->nr_pages; i++) {
		u64 addr = snap->pages[i].addr;

		if (addr % ABI_PAGE_SIZE || addr < next || addr - h->ram_base >= h->ram_size ||
		    addr == h->shared || addr == h->shared + ABI_PAGE_SIZE)
			return fail("malformed: page %u is for 0x%llx", i, (unsigned long long)addr);
		next = addr + ABI_PAGE_SIZE;
	}
	return 0;
}

int snapshot_check(const void *data, size_t size, struct snapshot *snap)
{
	const struct snapshot_header *h = data;
	u64 length;

	if (check_header(h, size) || check_values(h))
		return -1;
	length = sizeof(*h) + h->nr_regs * sizeof(*snap->regs) + h->nr_gic * sizeof(*snap->gic) +
		 (u64)h->nr_pages * sizeof(*snap->pages);
	if (h->length != length && !soo_fault("snapshot-length-unchecked"))
		return fail("malformed: %llu bytes where there should be %llu", (unsigned long long)h->length,
			    (unsigned long long)length);
	snap->header = h;
	snap->regs = (const void *)(h + 1);
	snap->gic = (const void *)(snap->regs + h->nr_regs);
	snap->pages = (const void *)(snap->gic + h->nr_gic);
	return check_pages(snap);
}

static void fill_tree(const struct snapshot_header *h, struct me_tree *me)
{
	me->ram_base = h->ram_base;
	me->ram_size = h->ram_size;
	me->shared = h->shared;
	me->avz_base = h->avz_base;
	me->avz_spi = h->avz_spi;
	me->uart_base = h->uart_base;
	me->uart_spi = h->uart_spi;
	me->gic_dist = h->gic_dist;
	me->gic_redist = h->gic_redist;
	me->spid = h->spid;
	memcpy(me->name, h->name, sizeof(me->name));
	memcpy(me->shortdesc, h->shortdesc, sizeof(me->shortdesc));
}

int snapshot_build(struct vm *vm, const struct snapshot *snap)
{
	const struct snapshot_header *h = snap->header;
	u32 i;

	fill_tree(h, &vm->me);
	vm->incarnation = h->incarnation + 1;
	if (vm_create(vm))
		return -1;
	for (i = 0; i < h->nr_pages; i++)
		memcpy(vm->ram + (snap->pages[i].addr - h->ram_base), snap->pages[i].data, ABI_PAGE_SIZE);
	if (vm_set_regs(vm, snap->regs, h->nr_regs))
		return -1;
	return soo_fault("snapshot-no-gic") ? 0 : vm_set_gic(vm, snap->gic, h->nr_gic);
}
