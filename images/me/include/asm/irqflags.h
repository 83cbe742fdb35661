/* SPDX-License-Identifier: GPL-2.0-only */
/* irqflags.h - interrupts of this CPU: the only lock there is, for threads switch by consent. */
#ifndef ASM_IRQFLAGS_H
#define ASM_IRQFLAGS_H

#include "asm/io.h"

static inline u64 irq_save(void)
{
	u64 flags = read_sysreg(daif);

	asm volatile("msr daifset, #2" : : : "memory");
	return flags;
}

static inline void irq_restore(u64 flags)
{
	write_sysreg(daif, flags);
}

static inline bool irq_enabled(void)
{
	return !(read_sysreg(daif) & 1u << 7);
}

static inline void irq_enable(void)
{
	asm volatile("msr daifclr, #2" : : : "memory");
}

static inline void irq_disable(void)
{
	asm volatile("msr daifset, #2" : : : "memory");
}

#endif /* ASM_IRQFLAGS_H */
