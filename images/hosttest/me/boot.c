/* SPDX-License-Identifier: GPL-2.0-only */
/* boot.c - the device tree of an ME on the build host, and the start of its drivers. */
#include <libfdt.h>

#include "device.h"
#include "fault.h"
#include "host/host.h"
#include "machine.h"
#include "soo/soo.h"
#include "thread.h"
#include "tree.h"

char *getenv(const char *name);

/* The tree: the window, the shared pages, and the frontends. */
static u8 fdt[4096] __attribute__((aligned(8)));

static void reg(u64 addr, u64 size)
{
	fdt64_t cells[2] = { cpu_to_fdt64(addr), cpu_to_fdt64(size) };

	fdt_property(fdt, "reg", cells, sizeof(cells));
}

static void node(const char *name, const char *compatible)
{
	fdt_begin_node(fdt, name);
	if (compatible)
		fdt_property_string(fdt, "compatible", compatible);
}

static void make_tree(void)
{
	fdt32_t irq[3] = { 0, cpu_to_fdt32(1), cpu_to_fdt32(1) };

	fdt_create(fdt, sizeof(fdt));
	fdt_finish_reservemap(fdt);
	node("", NULL);
	fdt_property_u32(fdt, "#address-cells", 2);
	fdt_property_u32(fdt, "#size-cells", 2);
	node("shared", NULL);
	fdt_property_u32(fdt, "phandle", 1);
	reg((u64)me_shared(), 2 * ABI_PAGE_SIZE);
	fdt_end_node(fdt);
	node("avz", "soo,avz");
	reg(me_window(), AVZ_WINDOW_SIZE);
	fdt_property(fdt, "interrupts", irq, sizeof(irq));
	fdt_property_u32(fdt, "memory-region", 1);
	fdt_end_node(fdt);
	node("ME", "soo,me");
	fdt_property_u64(fdt, "spid", 0x10);
	fdt_property_string(fdt, "me_name", "me");
	fdt_property_string(fdt, "me_shortdesc", "an ME of the host test");
	if (getenv("SOO_FAULT"))
		fdt_property_string(fdt, "fault", getenv("SOO_FAULT"));
	node("frontends", NULL);
	node("vdummy", "vdummy,frontend");
	fdt_end_node(fdt);
	node("vuart", "vuart,frontend");
	fdt_end_node(fdt);
	fdt_end_node(fdt);
	fdt_end_node(fdt);
	fdt_end_node(fdt);
	fdt_finish(fdt);
}

/* The sections' names are changed by the build, so that the linker gives their bounds. */
extern const struct driver_entry __start_me_core[], __stop_me_core[];
extern const struct driver_entry __start_me_postcore[], __stop_me_postcore[];

static void start_drivers(const struct driver_entry *first, const struct driver_entry *end)
{
	static dev_t devices[8];
	static u32 count;

	for (; first < end; first++) {
		dev_t *dev = &devices[count++];

		dev->fdt = fdt;
		dev->offset = fdt_node_offset_by_compatible(fdt, -1, first->compatible);
		host_check(!first->init(dev, dev->offset), "%s does not start", first->compatible);
	}
}

static void boot(void *arg)
{
	soo_init();
	me_serve_programs();
}

void me_start(void)
{
	me_make_pages();
	*me_shared() = (struct avz_shared){
		.signature = SOO_SIGNATURE, .revision = SOO_ABI_REVISION, .domid = 2, .vbstore_evtchn = 1,
		.vbstore_revmask = 1u << (VBS_MSG_REVISION & 0x1f),
	};
	make_tree();
	tree_set(fdt);
	fault_init(fdt);
	thread_init();
	start_drivers(__start_me_core, __stop_me_core);
	start_drivers(__start_me_postcore, __stop_me_postcore);
	host_check(!thread_create("boot", boot, NULL), "no thread");
	me_run();
}
