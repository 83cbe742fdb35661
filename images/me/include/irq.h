/* SPDX-License-Identifier: GPL-2.0-only */
/* irq.h - interrupts by the number that the controller gives them (INTID). */
#ifndef IRQ_H
#define IRQ_H

#include "types.h"

#define IRQ_MAX		256u

struct irq_chip {
	void (*unmask)(u32 irq, bool edge);
	void (*handle)(void);	/* takes all pending interrupts and calls irq_deliver() for each */
};

/*
 * Drivers of one level start in the order of the tree, so the controller may come after those that
 * it serves: what was bound before irq_chip_register() is unmasked there.
 */
void irq_chip_register(const struct irq_chip *chip);

/* Return: 0, -EINVAL for a number out of range, -EBUSY if it is bound. */
int irq_bind(u32 irq, bool edge, void (*handler)(void *), void *arg);

void irq_deliver(u32 irq);

#endif /* IRQ_H */
