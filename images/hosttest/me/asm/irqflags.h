/* SPDX-License-Identifier: GPL-2.0-only */
/* irqflags.h - interrupts of an ME on the build host come between two runs of its threads only. */
#ifndef ASM_IRQFLAGS_H
#define ASM_IRQFLAGS_H

#include "io.h"

extern bool me_irqs_off;

static inline u64 irq_save(void)
{
	u64 flags = me_irqs_off;

	me_irqs_off = true;
	return flags;
}

static inline void irq_restore(u64 flags)
{
	me_irqs_off = flags;
}

static inline bool irq_enabled(void)
{
	return !me_irqs_off;
}

static inline void irq_enable(void)
{
	me_irqs_off = false;
}

static inline void irq_disable(void)
{
	me_irqs_off = true;
}

#endif /* ASM_IRQFLAGS_H */
