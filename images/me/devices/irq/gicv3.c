/* SPDX-License-Identifier: GPL-2.0-only */
/* gicv3.c - Arm GICv3 (IHI 0069) with one CPU: all interrupts in group 1, of one priority. */
#include "asm/io.h"
#include "asm/mmu.h"
#include "device.h"
#include "irq.h"
#include "tree.h"

/* offset, name, access, section of IHI 0069H */
#define GICD_CTLR		0x0000u	/* RW 12.9.4 */
#define GICD_IGROUPR(n)		(0x0080u + 4 * (n))	/* RW 12.9.9 */
#define GICD_ISENABLER(n)	(0x0100u + 4 * (n))	/* RW 12.9.24 */
#define GICD_IPRIORITYR(n)	(0x0400u + 4 * (n))	/* RW 12.9.19 */
#define GICD_ICFGR(n)		(0x0c00u + 4 * (n))	/* RW 12.9.7 */
#define GICD_IROUTER(n)		(0x6000u + 8 * (n))	/* RW 12.9.22 */
#define GICR_WAKER		0x0014u	/* RW 12.11.42 */
#define GICR_SGI_BASE		0x10000u	/* IGROUPR0, ISENABLER0, IPRIORITYR, ICFGR as in GICD */

#define CTLR_GROUP1		(1u << 1)
#define CTLR_ARE		(1u << 4)
#define CTLR_RWP		(1u << 31)
#define WAKER_SLEEP		(1u << 1)
#define WAKER_ASLEEP		(1u << 2)
#define PRIORITY		0xa0u
#define PRIORITY_LOWEST		0xffu
#define INTID_SPURIOUS		1020u

#define ICC_PMR_EL1		S3_0_C4_C6_0
#define ICC_IAR1_EL1		S3_0_C12_C12_0
#define ICC_EOIR1_EL1		S3_0_C12_C12_1
#define ICC_SRE_EL1		S3_0_C12_C12_5
#define ICC_IGRPEN1_EL1		S3_0_C12_C12_7
/* The macros of io.h paste their argument as it is written; these expand it first. */
#define gic_read(name)		read_sysreg_expanded(name)
#define gic_write(name, value)	write_sysreg_expanded(name, value)
#define read_sysreg_expanded(name)		read_sysreg(name)
#define write_sysreg_expanded(name, value)	write_sysreg(name, value)

static u64 dist, redist;

static void set_bits(u64 reg, u32 bits)
{
	mmio_write32(reg, mmio_read32(reg) | bits);
}

static void gicv3_unmask(u32 irq, bool edge)
{
	u64 bank = irq < 32 ? redist + GICR_SGI_BASE : dist;
	u64 priority = bank + GICD_IPRIORITYR(irq / 4);
	u32 shift = irq % 4 * 8;

	mmio_write32(priority, (mmio_read32(priority) & ~(0xffu << shift)) | PRIORITY << shift);
	set_bits(bank + GICD_IGROUPR(irq / 32), 1u << irq % 32);
	if (irq >= 16 && edge)
		set_bits(bank + GICD_ICFGR(irq / 16), 2u << irq % 16 * 2);
	if (irq >= 32)
		mmio_write64(dist + GICD_IROUTER(irq), read_sysreg(mpidr_el1) & 0xff00fffffful);
	mmio_write32(bank + GICD_ISENABLER(irq / 32), 1u << irq % 32);
}

static void gicv3_handle(void)
{
	u32 irq;

	for (;;) {
		irq = (u32)gic_read(ICC_IAR1_EL1);
		dsb_sy();
		if (irq >= INTID_SPURIOUS)
			return;
		irq_deliver(irq);
		gic_write(ICC_EOIR1_EL1, irq);
		isb();
	}
}

static const struct irq_chip gicv3 = { .unmask = gicv3_unmask, .handle = gicv3_handle };

static int gicv3_init(dev_t *dev, int offset)
{
	u64 dist_size, redist_size;
	int err;

	err = tree_reg(dev->fdt, offset, 0, &dist, &dist_size);
	if (!err)
		err = tree_reg(dev->fdt, offset, 1, &redist, &redist_size);
	if (err)
		return err;
	mmu_map(dist, dist_size, MEM_DEVICE);
	mmu_map(redist, redist_size, MEM_DEVICE);

	mmio_write32(dist + GICD_CTLR, CTLR_ARE);
	mmio_write32(dist + GICD_CTLR, CTLR_ARE | CTLR_GROUP1);
	while (mmio_read32(dist + GICD_CTLR) & CTLR_RWP)
		;
	mmio_write32(redist + GICR_WAKER, mmio_read32(redist + GICR_WAKER) & ~WAKER_SLEEP);
	while (mmio_read32(redist + GICR_WAKER) & WAKER_ASLEEP)
		;

	gic_write(ICC_SRE_EL1, 1);
	isb();
	gic_write(ICC_PMR_EL1, PRIORITY_LOWEST);
	gic_write(ICC_IGRPEN1_EL1, 1);
	isb();
	irq_chip_register(&gicv3);
	return 0;
}
REGISTER_DRIVER_CORE("arm,gic-v3", gicv3_init);
