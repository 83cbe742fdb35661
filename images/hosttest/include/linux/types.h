/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * types.h - the kernel's names for types, attributes and accesses, on the build host.
 *
 * The headers of this folder are ours. They have what the agency's modules use, with the same meaning
 * for a single CPU on which nothing happens between two waits; what is behind them is in ../../host.
 */
#ifndef HOST_LINUX_TYPES_H
#define HOST_LINUX_TYPES_H

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int s32;
typedef long long s64;
typedef unsigned int gfp_t;
typedef unsigned short umode_t;
typedef u64 phys_addr_t;

typedef struct {
	int counter;
} atomic_t;

#define U32_MAX		0xffffffffu
#define U64_MAX		0xffffffffffffffffull
#define SZ_1G		0x40000000ull
#define PAGE_SHIFT	12
#define PAGE_SIZE	4096ull
#define PAGE_MASK	(~(PAGE_SIZE - 1))

/* Of the kernel's own error numbers. */
#define ERESTARTSYS	512

#define __user
#define __init
#define __exit
#define __iomem
#define __percpu
#define noinline	__attribute__((noinline))
#define __aligned(n)	__attribute__((aligned(n)))
#define __printf(fmt, first)	__attribute__((format(printf, fmt, first)))
#define __maybe_unused	__attribute__((unused))

#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile __typeof__(x) *)&(x) = (v))
#define smp_load_acquire(p)	__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, v)	__atomic_store_n(p, v, __ATOMIC_RELEASE)
#define smp_mb__before_atomic()	__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_mb__after_atomic()	__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_mb()		__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_rmb()		__atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_wmb()		__atomic_thread_fence(__ATOMIC_RELEASE)
#define xchg(p, v)		__atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)
#define cmpxchg(p, old, new) ({							\
	__typeof__(*(p)) __old = (old);						\
	__atomic_compare_exchange_n(p, &__old, new, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);	\
	__old; })
#define try_cmpxchg(p, old, new) \
	__atomic_compare_exchange_n(p, old, new, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)

#define ATOMIC_INIT(n)		{ (n) }
#define atomic_read(a)		__atomic_load_n(&(a)->counter, __ATOMIC_RELAXED)
#define atomic_set(a, n)	__atomic_store_n(&(a)->counter, n, __ATOMIC_RELAXED)
#define atomic_inc(a)		((void)atomic_inc_return(a))
#define atomic_dec(a)		((void)__atomic_sub_fetch(&(a)->counter, 1, __ATOMIC_SEQ_CST))
#define atomic_inc_return(a)	__atomic_add_fetch(&(a)->counter, 1, __ATOMIC_SEQ_CST)
#define atomic_dec_and_test(a)	(__atomic_sub_fetch(&(a)->counter, 1, __ATOMIC_SEQ_CST) == 0)
#define atomic_or(bits, a)	((void)__atomic_or_fetch(&(a)->counter, bits, __ATOMIC_SEQ_CST))

#endif /* HOST_LINUX_TYPES_H */
