/* SPDX-License-Identifier: GPL-2.0-only */
/* io.h - the one device of an ME on the build host: the AVZ window, see ../machine.c. */
#ifndef ASM_IO_H
#define ASM_IO_H

#include "types.h"

void me_window_write(u64 addr, u64 value);
void me_wait_for_interrupt(void);

#define mmio_write32(addr, value)	me_window_write(addr, value)
#define mmio_write64(addr, value)	me_window_write(addr, value)
#define mmio_read64(addr)		((void)(addr), (u64)0)	/* nobody types */
#define isb()				__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define dsb_sy()			__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define wfi()				me_wait_for_interrupt()

#endif /* ASM_IO_H */
