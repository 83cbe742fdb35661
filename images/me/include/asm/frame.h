/* SPDX-License-Identifier: GPL-2.0-only */
/* frame.h - what an exception saves on the stack; vectors.S and trap.c agree on it here. */
#ifndef ASM_FRAME_H
#define ASM_FRAME_H

#define FRAME_SIZE	272	/* a multiple of 16, as the stack pointer must be */
#define FRAME_LR	240
#define FRAME_ELR	248

#ifndef __ASSEMBLER__
#include "types.h"

struct frame {
	u64 x[31];
	u64 elr;
	u64 spsr;
	u64 pad;
};
ABI_SIZE(struct frame, FRAME_SIZE);
ABI_OFFSET(struct frame, elr, FRAME_ELR);
ABI_OFFSET(struct frame, x[30], FRAME_LR);
#endif

#endif /* ASM_FRAME_H */
