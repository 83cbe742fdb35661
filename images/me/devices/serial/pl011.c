/* SPDX-License-Identifier: GPL-2.0-only */
/* pl011.c - Arm PL011 (DDI 0183): output by polling, input by interrupt. */
#include "asm/io.h"
#include "asm/mmu.h"
#include "console.h"
#include "device.h"
#include "irq.h"
#include "tree.h"

/* offset, name, access, section of DDI 0183G */
#define UARTDR		0x000u	/* RW 3.3.1 */
#define UARTFR		0x018u	/* RO 3.3.3 */
#define UARTLCR_H	0x02cu	/* RW 3.3.7 */
#define UARTCR		0x030u	/* RW 3.3.8 */
#define UARTIMSC	0x038u	/* RW 3.3.10 */

#define FR_RXFE		(1u << 4)
#define FR_TXFF		(1u << 5)
#define FR_TXFE		(1u << 7)
#define LCR_8BIT_FIFO	(3u << 5 | 1u << 4)
#define CR_ON		(1u << 0 | 1u << 8 | 1u << 9)
#define INT_RX		(1u << 4)
#define INT_RX_TIMEOUT	(1u << 6)
#define TX_FIFO		16u	/* of the smallest revision */

static u64 base;

/* As many characters for one look at the flags as certainly fit: each access may be an exit. */
static void pl011_write(const char *buf, size_t len)
{
	while (len) {
		u32 flags = mmio_read32(base + UARTFR);
		size_t n = flags & FR_TXFE ? TX_FIFO : !(flags & FR_TXFF);

		for (; n && len; n--, len--)
			mmio_write32(base + UARTDR, (u8)*buf++);
	}
}

static const struct console_device pl011_console = { .write = pl011_write };

/* Both interrupts end when the FIFO has been read empty (2.8.2, 2.8.4); clearing them would be one more exit. */
static void pl011_interrupt(void *arg __unused)
{
	console_take_keys();
	while (!(mmio_read32(base + UARTFR) & FR_RXFE))
		console_key((u8)mmio_read32(base + UARTDR));
}

void console_early_init(const void *fdt)
{
	int node = fdt_node_offset_by_compatible(fdt, -1, "arm,pl011");
	u64 addr, size;

	if (node < 0 || tree_reg(fdt, node, 0, &addr, &size))
		return;
	mmu_map(addr, size, MEM_DEVICE);
	base = addr;
	mmio_write32(base + UARTIMSC, 0);
	mmio_write32(base + UARTLCR_H, LCR_8BIT_FIFO);
	mmio_write32(base + UARTCR, CR_ON);
	console_register(&pl011_console);
}

static int pl011_init(dev_t *dev, int offset)
{
	u32 irq;
	bool edge;
	int err;

	err = tree_interrupt(dev->fdt, offset, 0, &irq, &edge);
	if (err)
		return err;
	err = irq_bind(irq, edge, pl011_interrupt, NULL);
	if (err)
		return err;
	mmio_write32(base + UARTIMSC, INT_RX | INT_RX_TIMEOUT);
	return 0;
}
REGISTER_DRIVER_CORE("arm,pl011", pl011_init);
