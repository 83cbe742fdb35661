/* SPDX-License-Identifier: GPL-2.0-only */
/* avz.c - the AVZ window and the shared page behind it, from the node "soo,avz". */
#include "asm/irqflags.h"
#include "asm/mmu.h"
#include "device.h"
#include "irq.h"
#include "printk.h"
#include "soo/avz.h"
#include "tree.h"

#define VBS_REVISION_BIT	(1u << (VBS_MSG_REVISION & 0xffff))

static u64 window;
static struct avz_shared *shared;
static bool present;
static u32 incarnation;	/* in which this ME has joined */

bool avz_present(void)
{
	return present;
}

struct avz_shared *avz_shared(void)
{
	return shared;
}

struct vbs_page *avz_vbs_page(void)
{
	return (struct vbs_page *)((u8 *)shared + ABI_PAGE_SIZE);
}

u32 avz_domid(void)
{
	return shared->domid;
}

u32 avz_incarnation(void)
{
	return incarnation;
}

bool avz_moved(void)
{
	return __atomic_load_n(&shared->incarnation, __ATOMIC_ACQUIRE) != incarnation;
}

int avz_hypercall(enum avz_op op, u64 arg0, u64 arg1, u64 *ret)
{
	/* One set of arguments for all threads; the store is done when the call is. */
	u64 flags = irq_save();
	int err;

	shared->hypercall_arg[0] = arg0;
	shared->hypercall_arg[1] = arg1;
	shared->hypercall_op = op;
	dsb_sy();
	mmio_write32(window + AVZ_HYPERCALL, op);
	dsb_sy();
	err = __atomic_load_n(&shared->hypercall_err, __ATOMIC_ACQUIRE);
	if (ret)
		*ret = shared->hypercall_ret;
	irq_restore(flags);
	return err;
}

void avz_doorbell(void)
{
	/* The bit in the shared page is to be seen before the agency comes to look. */
	dsb_sy();
	mmio_write32(window + AVZ_DOORBELL, 1);
}

void avz_print(const char *buf, size_t len)
{
	for (; len > AVZ_TEXT_MAX; buf += AVZ_TEXT_MAX, len -= AVZ_TEXT_MAX)
		mmio_write64(window + AVZ_CONSOLE, AVZ_TEXT(buf, AVZ_TEXT_MAX));
	/* The text is to be in memory before the agency comes to read it. */
	dsb_sy();
	mmio_write64(window + AVZ_CONSOLE, AVZ_TEXT(buf, len));
}

u32 avz_keys(u8 *keys)
{
	u64 taken = mmio_read64(window + AVZ_CONSOLE);
	u32 n = AVZ_KEYS_COUNT(taken), i;

	for (i = 0; i < n && i < AVZ_KEYS_MAX; i++)
		keys[i] = AVZ_KEY(taken, i);
	return i;
}

static bool speaks_our_revision(void)
{
	if (shared->revision != SOO_ABI_REVISION) {
		printk("soo: the agency has ABI revision %u, this ME %u: not used\n", shared->revision,
		       SOO_ABI_REVISION);
		return false;
	}
	if (!(shared->vbstore_revmask & VBS_REVISION_BIT)) {
		printk("soo: the agency's store does not speak revision %u: not used\n",
		       VBS_MSG_REVISION & 0xffff);
		return false;
	}
	return true;
}

bool avz_join(void)
{
	if (shared->signature != SOO_SIGNATURE || !speaks_our_revision())
		return false;
	incarnation = shared->incarnation;
	return true;
}

static int find_shared(const void *fdt, int offset)
{
	u64 addr, size;
	u32 phandle;
	int err;

	err = tree_u32(fdt, offset, "memory-region", &phandle);
	if (err)
		return err;
	err = tree_reg(fdt, fdt_node_offset_by_phandle(fdt, phandle), 0, &addr, &size);
	if (err)
		return err;
	if (size < 2 * ABI_PAGE_SIZE)
		return -EINVAL;
	mmu_map(addr, size, MEM_NORMAL);
	shared = (struct avz_shared *)addr;
	return 0;
}

static int find(const void *fdt, int offset)
{
	u64 addr, size;
	int err;

	err = tree_reg(fdt, offset, 0, &addr, &size);
	if (!err)
		err = find_shared(fdt, offset);
	if (err || shared->signature != SOO_SIGNATURE)
		return err;
	mmu_map(addr, size, MEM_DEVICE);
	window = addr;
	return 0;
}

bool avz_early_init(const void *fdt)
{
	int node = fdt_node_offset_by_compatible(fdt, -1, "soo,avz");

	return node >= 0 && !find(fdt, node) && window;
}

static int avz_init(dev_t *dev, int offset)
{
	u32 irq;
	bool edge;
	int err;

	err = window ? 0 : find(dev->fdt, offset);
	if (!err)
		err = tree_interrupt(dev->fdt, offset, 0, &irq, &edge);
	if (err || !avz_join())
		return err;
	present = true;
	return irq_bind(irq, edge, evtchn_interrupt, NULL);
}
REGISTER_DRIVER_CORE("soo,avz", avz_init);
