/* SPDX-License-Identifier: GPL-2.0-only */
/* mmu.h - the identity map. */
#ifndef ASM_MMU_H
#define ASM_MMU_H

#include "types.h"

enum mem_type {
	MEM_DEVICE,
	MEM_NORMAL,
};

void mmu_init(u64 dtb);
void mmu_corrupt(void);
void mmu_map(u64 start, u64 size, enum mem_type type);

#endif /* ASM_MMU_H */
