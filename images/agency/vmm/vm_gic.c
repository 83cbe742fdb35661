// SPDX-License-Identifier: GPL-2.0-only
/*
 * vm_gic.c - the state of the vGICv3, as KVM gives it out (Documentation/virt/kvm/devices/
 * arm-vgic-v3.rst); registers of the GIC architecture (ARM IHI 0069), sections 12.9 to 12.11.
 *
 * The order is that of restoring: what an interrupt is comes before what happened to it.
 */
#include <asm/kvm.h>
#include <errno.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <abi/snapshot.h>

#include "util.h"
#include "vm.h"

#define SGI_BASE	0x10000u	/* of the redistributor's second frame */
#define GICR_ICENABLER0	(SGI_BASE + 0x180u)

#define SYSREG(op1, crn, crm, op2) \
	(3ull << 14 | (u64)(op1) << 11 | (u64)(crn) << 7 | (u64)(crm) << 3 | (u64)(op2))

#define DIST		KVM_DEV_ARM_VGIC_GRP_DIST_REGS
#define REDIST		KVM_DEV_ARM_VGIC_GRP_REDIST_REGS
#define CPU		KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS
#define LEVEL		KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO

/* 32 private interrupts and 32 SPIs: the registers of the first 32 are in the redistributor. */
static const struct {
	u32 group;
	u64 first;
	u32 words;		/* 4 bytes apart */
} ranges[] = {
	{ DIST, 0x0000, 1 },			/* GICD_CTLR */
	{ DIST, 0x0084, 1 },			/* GICD_IGROUPR1 */
	{ DIST, 0x0c08, 2 },			/* GICD_ICFGR2, 3 */
	{ DIST, 0x0420, 8 },			/* GICD_IPRIORITYR8 to 15 */
	{ DIST, 0x6100, 64 },			/* GICD_IROUTER32 to 63 */
	{ DIST, 0x0104, 1 },			/* GICD_ISENABLER1 */
	{ REDIST, 0x0000, 1 },			/* GICR_CTLR */
	{ REDIST, 0x0014, 1 },			/* GICR_WAKER */
	{ REDIST, SGI_BASE + 0x0080, 1 },	/* GICR_IGROUPR0 */
	{ REDIST, SGI_BASE + 0x0c04, 1 },	/* GICR_ICFGR1 */
	{ REDIST, SGI_BASE + 0x0400, 8 },	/* GICR_IPRIORITYR0 to 7 */
	{ REDIST, SGI_BASE + 0x0100, 1 },	/* GICR_ISENABLER0 */
	{ LEVEL, 0, 1 },			/* lines of interrupts 0 to 31 */
	{ LEVEL, 32, 1 },
	{ DIST, 0x0204, 1 },			/* GICD_ISPENDR1 */
	{ DIST, 0x0304, 1 },			/* GICD_ISACTIVER1 */
	{ REDIST, SGI_BASE + 0x0200, 1 },	/* GICR_ISPENDR0 */
	{ REDIST, SGI_BASE + 0x0300, 1 },	/* GICR_ISACTIVER0 */
	{ CPU, SYSREG(0, 12, 12, 5), 1 },	/* ICC_SRE_EL1 */
	{ CPU, SYSREG(0, 12, 12, 4), 1 },	/* ICC_CTLR_EL1 */
	{ CPU, SYSREG(0, 4, 6, 0), 1 },		/* ICC_PMR_EL1 */
	{ CPU, SYSREG(0, 12, 8, 3), 1 },	/* ICC_BPR0_EL1 */
	{ CPU, SYSREG(0, 12, 12, 3), 1 },	/* ICC_BPR1_EL1 */
	{ CPU, SYSREG(0, 12, 8, 4), 1 },	/* ICC_AP0R0_EL1 */
	{ CPU, SYSREG(0, 12, 9, 0), 1 },	/* ICC_AP1R0_EL1 */
	{ CPU, SYSREG(0, 12, 12, 6), 1 },	/* ICC_IGRPEN0_EL1 */
	{ CPU, SYSREG(0, 12, 12, 7), 1 },	/* ICC_IGRPEN1_EL1 */
};

#define ENTRIES_MAX	128u

/* Only the CPU's registers have 64 bits; the one CPU has the affinity 0, which adds nothing. */
static int access(struct vm *vm, unsigned long cmd, struct snapshot_gic *g)
{
	u32 word = g->value;
	struct kvm_device_attr a = {
		.group = g->group,
		.attr = g->attr,
		.addr = g->group == CPU ? (u64)&g->value : (u64)&word,
	};

	if (ioctl(vm->gic, cmd, &a) < 0)
		return fail("vGIC register 0x%llx of group %u: %s", (unsigned long long)g->attr, g->group,
			    strerror(errno));
	if (g->group != CPU)
		g->value = word;
	return 0;
}

static u64 attribute(u32 group, u64 offset)
{
	if (group == LEVEL)
		return (u64)VGIC_LEVEL_INFO_LINE_LEVEL << KVM_DEV_ARM_VGIC_LINE_LEVEL_INFO_SHIFT | offset;
	return offset;
}

int vm_get_gic(struct vm *vm, struct snapshot_gic **ret, u32 *count)
{
	struct snapshot_gic *list = calloc(ENTRIES_MAX, sizeof(*list));
	u32 n = 0;
	size_t i;
	u32 w;

	if (!list)
		return fail("no memory for the vGIC's state");
	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		for (w = 0; w < ranges[i].words && n < ENTRIES_MAX; w++, n++) {
			list[n].group = ranges[i].group;
			list[n].attr = attribute(ranges[i].group, ranges[i].first + 4 * w);
			if (access(vm, KVM_GET_DEVICE_ATTR, &list[n])) {
				free(list);
				return -1;
			}
		}
	}
	*ret = list;
	*count = n;
	return 0;
}

int vm_set_gic(struct vm *vm, const struct snapshot_gic *list, u32 count)
{
	struct snapshot_gic off = { .group = REDIST, .attr = GICR_ICENABLER0, .value = ~0u };
	u32 i;

	/* A new controller has its SGIs enabled, and a set register sets only. */
	if (access(vm, KVM_SET_DEVICE_ATTR, &off))
		return -1;
	for (i = 0; i < count; i++) {
		struct snapshot_gic g = list[i];

		if (access(vm, KVM_SET_DEVICE_ATTR, &g))
			return -1;
	}
	return 0;
}
