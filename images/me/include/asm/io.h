/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * io.h - access to device registers and the order of memory accesses.
 *
 * Register accesses are spelled out in assembly: a hypervisor that emulates a device decodes them
 * from the syndrome, which it can do for plain loads and stores only, without writeback.
 */
#ifndef ASM_IO_H
#define ASM_IO_H

#include "types.h"

static inline u32 mmio_read32(u64 addr)
{
	u32 value;

	asm volatile("ldr %w0, [%1]" : "=r"(value) : "r"(addr) : "memory");
	return value;
}

static inline u64 mmio_read64(u64 addr)
{
	u64 value;

	asm volatile("ldr %0, [%1]" : "=r"(value) : "r"(addr) : "memory");
	return value;
}

static inline void mmio_write32(u64 addr, u32 value)
{
	asm volatile("str %w0, [%1]" : : "r"(value), "r"(addr) : "memory");
}

static inline void mmio_write64(u64 addr, u64 value)
{
	asm volatile("str %0, [%1]" : : "r"(value), "r"(addr) : "memory");
}

#define read_sysreg(name) ({						\
	u64 __value;							\
	asm volatile("mrs %0, " #name : "=r"(__value) : : "memory");	\
	__value; })

#define write_sysreg(name, value)					\
	asm volatile("msr " #name ", %0" : : "r"((u64)(value)) : "memory")

#define isb()		asm volatile("isb" : : : "memory")
#define dsb_sy()	asm volatile("dsb sy" : : : "memory")
#define wfi()		asm volatile("wfi" : : : "memory")

#endif /* ASM_IO_H */
