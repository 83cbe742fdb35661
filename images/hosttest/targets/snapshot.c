/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * snapshot.c - the files that the host of an ME reads: a snapshot, an ME's image, its device tree. Each
 * is damaged after its checksums were made right again, as somebody would do it on purpose.
 */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "agency/vmm/crc32.h"
#include "agency/vmm/snapshot.h"
#include "agency/vmm/util.h"

#include "host/host.h"
#include "target.h"

#define RAM_BASE	0x40000000ull
#define RAM_SIZE	(16ull * ABI_PAGE_SIZE)
#define FILE_MAX	(64u * 1024u)
#define TREE_SIZE	4096

static struct vm vm;

/* What snapshot_build() hands over, looked at to its last byte. */
int vm_create(struct vm *v)
{
	host_check(v->me.ram_size <= 1ull << 30 && v->me.ram_size, "memory of %llu bytes",
		   (unsigned long long)v->me.ram_size);
	v->ram = host_alloc(v->me.ram_size);
	return v->ram ? 0 : fail("no memory");
}

static int look_at(const void *list, size_t size)
{
	static volatile unsigned char sum __attribute__((unused));
	size_t i;

	for (i = 0; i < size; i++)
		sum += ((const unsigned char *)list)[i];
	return 0;
}

int vm_set_regs(struct vm *v, const struct snapshot_reg *list, u32 count)
{
	return look_at(list, count * sizeof(*list));
}

int vm_set_gic(struct vm *v, const struct snapshot_gic *list, u32 count)
{
	return look_at(list, count * sizeof(*list));
}

#ifdef SOO_FAULTS
int soo_fault(const char *name)
{
	const char *chosen = getenv("SOO_FAULT");

	return chosen && !strcmp(chosen, name);
}
#endif

/* A place in a file: near its beginning mostly. */
static void damage(struct input *in, unsigned char *data, size_t size)
{
	static const uint64_t values[] = { 0, 1, ~0ull, 1ull << 30, 1ull << 31, 1ull << 63, 4096, RAM_BASE, 0xfffff000 };
	size_t at = in_u8(in) % 4 ? in_u8(in) * 4u : in_u16(in);
	uint64_t value = in_u8(in) % 2 ? in_u32(in) : values[in_u8(in) % (sizeof(values) / sizeof(values[0]))];
	size_t width = 1u << in_u8(in) % 4;

	if (!size)
		return;
	at %= size;
	memcpy(data + at, &value, width < size - at ? width : size - at);
}

/* Return: its size. */
static size_t make_snapshot(struct input *in, unsigned char *data)
{
	struct snapshot_header *h = (void *)data;
	struct snapshot_page *page;
	size_t size;
	u32 i;

	*h = (struct snapshot_header){
		.signature = SOO_SIGNATURE, .revision = SNAPSHOT_REVISION, .header_size = sizeof(*h),
		.ram_base = RAM_BASE, .ram_size = RAM_SIZE, .shared = RAM_BASE + RAM_SIZE - 2 * ABI_PAGE_SIZE,
		.nr_regs = in_u8(in) % 8, .nr_gic = in_u8(in) % 8, .nr_pages = in_u8(in) % 8, .name = "me",
	};
	size = sizeof(*h) + h->nr_regs * sizeof(struct snapshot_reg) + h->nr_gic * sizeof(struct snapshot_gic);
	page = (void *)(data + size);
	for (i = 0; i < h->nr_pages; i++)
		page[i].addr = RAM_BASE + i * ABI_PAGE_SIZE;
	size += h->nr_pages * sizeof(*page);
	h->length = size;
	return size;
}

static void read_snapshot(struct input *in)
{
	static unsigned char data[FILE_MAX] __attribute__((aligned(8)));
	struct snapshot_header *h = (void *)data;
	struct snapshot snap;
	unsigned char *file;
	size_t size = make_snapshot(in, data);
	u8 honest = in_u8(in);

	while (in->left)
		damage(in, data, size);
	if (honest % 8 == 0)
		size = size * (honest / 8) / 32;
	if (honest & 0x80 && size >= SNAPSHOT_CHECKED) {
		h->length = size;
		h->crc = crc32(data + SNAPSHOT_CHECKED, size - SNAPSHOT_CHECKED);
	}
	/* A block of exactly that size, so that no byte behind it is read unseen. */
	file = host_alloc(size ? size : 1);
	memcpy(file, data, size);
	if (!snapshot_check(file, size, &snap))
		snapshot_build(&vm, &snap);
}

static void begin(void *fdt, const char *name)
{
	fdt_begin_node(fdt, name);
}

static void device(void *fdt, const char *name, const char *compatible, u64 base, u32 spi)
{
	fdt64_t reg[4] = { cpu_to_fdt64(base), cpu_to_fdt64(0x1000), cpu_to_fdt64(base + 0x10000), cpu_to_fdt64(0x1000) };
	fdt32_t irq[3] = { 0, cpu_to_fdt32(spi), 0 };

	begin(fdt, name);
	fdt_property_string(fdt, "compatible", compatible);
	fdt_property(fdt, "reg", reg, sizeof(reg));
	fdt_property(fdt, "interrupts", irq, sizeof(irq));
	if (!strcmp(compatible, "soo,avz"))
		fdt_property_u32(fdt, "memory-region", 1);
	fdt_end_node(fdt);
}

static void make_tree(void *fdt)
{
	fdt64_t reg[2] = { cpu_to_fdt64(RAM_BASE), cpu_to_fdt64(RAM_SIZE) };

	fdt_create(fdt, TREE_SIZE);
	fdt_finish_reservemap(fdt);
	begin(fdt, "");
	begin(fdt, "memory");
	fdt_property_string(fdt, "device_type", "memory");
	fdt_property(fdt, "reg", reg, sizeof(reg));
	fdt_end_node(fdt);
	device(fdt, "gic", "arm,gic-v3", 0x8000000, 0);
	device(fdt, "avz", "soo,avz", 0x9000000, 1);
	device(fdt, "uart", "arm,pl011", 0x9010000, 2);
	begin(fdt, "shared");
	reg[0] = cpu_to_fdt64(RAM_BASE + RAM_SIZE - 2 * ABI_PAGE_SIZE);
	reg[1] = cpu_to_fdt64(2 * ABI_PAGE_SIZE);
	fdt_property(fdt, "reg", reg, sizeof(reg));
	fdt_property_u32(fdt, "phandle", 1);
	fdt_end_node(fdt);
	begin(fdt, "ME");
	fdt_property_string(fdt, "compatible", "soo,me");
	fdt_property_u64(fdt, "spid", 0x10);
	fdt_property_string(fdt, "me_name", "me");
	fdt_property_string(fdt, "me_shortdesc", "an ME of the host test");
	fdt_end_node(fdt);
	fdt_end_node(fdt);
	fdt_finish(fdt);
}

static void part(void *fdt, const char *name, const char *type, const void *data, size_t size, bool right)
{
	begin(fdt, name);
	fdt_property_string(fdt, "type", type);
	fdt_property(fdt, "data", data, size);
	fdt_property_u64(fdt, "load", RAM_BASE);
	fdt_property_u32(fdt, "entry", RAM_BASE);
	begin(fdt, "hash-1");
	fdt_property_string(fdt, "algo", "crc32");
	fdt_property_u32(fdt, "value", crc32(data, size) + !right);
	fdt_end_node(fdt);
	fdt_end_node(fdt);
}

/* Return: its size. The tree in it is damaged before it is hashed. */
static size_t make_image(struct input *in, unsigned char *data, u8 what)
{
	static unsigned char tree[TREE_SIZE] __attribute__((aligned(8)));
	u8 times = in_u8(in) % 8;

	make_tree(tree);
	while (times--)
		damage(in, tree, what & 1 ? TREE_SIZE : 512);
	fdt_create(data, FILE_MAX);
	fdt_finish_reservemap(data);
	begin(data, "");
	begin(data, "images");
	part(data, "kernel", "ME", "kernel", 7, true);
	part(data, "fdt", "flat_dt", tree, sizeof(tree), what & 2);
	fdt_end_node(data);
	fdt_end_node(data);
	fdt_finish(data);
	return fdt_totalsize(data);
}

static void read_image(struct input *in)
{
	static unsigned char data[FILE_MAX] __attribute__((aligned(8)));
	u8 what = in_u8(in);
	size_t size = make_image(in, data, what);
	struct fit_me me = { .aligned_tree = NULL };
	unsigned char *file;

	while (in->left)
		damage(in, data, what & 4 ? 256 : size);
	if (what % 8 == 0)
		size = size * (what / 8) / 32;
	file = host_alloc(size ? size : 1);
	memcpy(file, data, size);
	if (!fit_check(file, size, &me)) {
		look_at(me.kernel.data, me.kernel.size);
		if (!me_tree_read(me.tree.data, &vm.me))
			host_check(vm.me.shared - vm.me.ram_base <= vm.me.ram_size - 2 * ABI_PAGE_SIZE &&
				   strlen(vm.me.name) < SOO_ME_NAME_SIZE, "a tree was taken that cannot be");
	}
	fit_free(&me);
}

void target_run(struct input *in)
{
	u8 kind = in_u8(in);

	if (kind % 2)
		read_snapshot(in);
	else
		read_image(in);
	look_at(failure(), strlen(failure()) + 1);
}
