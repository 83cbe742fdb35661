/* SPDX-License-Identifier: GPL-2.0-only */
/* irq.c - who handles which interrupt. */
#include "irq.h"
#include "panic.h"
#include "printk.h"

void irq_dispatch(void);

static struct {
	void (*handler)(void *);
	void *arg;
	bool edge;
} table[IRQ_MAX];

static const struct irq_chip *chip;

void irq_chip_register(const struct irq_chip *new_chip)
{
	u32 irq;

	chip = new_chip;
	for (irq = 0; irq < IRQ_MAX; irq++)
		if (table[irq].handler)
			chip->unmask(irq, table[irq].edge);
}

int irq_bind(u32 irq, bool edge, void (*handler)(void *), void *arg)
{
	if (irq >= IRQ_MAX)
		return -EINVAL;
	if (table[irq].handler)
		return -EBUSY;
	table[irq].arg = arg;
	table[irq].edge = edge;
	table[irq].handler = handler;
	if (chip)
		chip->unmask(irq, edge);
	return 0;
}

void irq_deliver(u32 irq)
{
	if (irq < IRQ_MAX && table[irq].handler)
		table[irq].handler(table[irq].arg);
	else
		printk("irq: nobody handles %u\n", irq);
}

void irq_dispatch(void)
{
	BUG_ON(!chip);
	chip->handle();
}
