/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel.h - what nearly every file of the modules uses. */
#ifndef HOST_LINUX_KERNEL_H
#define HOST_LINUX_KERNEL_H

#include <linux/string.h>
#include <linux/types.h>

#include "host/host.h"

#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))
#define swap(a, b) do { __typeof__(a) __swap = (a); (a) = (b); (b) = __swap; } while (0)
#define min(a, b) ({ __typeof__(a) __a = (a); __typeof__(b) __b = (b); __a < __b ? __a : __b; })
#define max(a, b) ({ __typeof__(a) __a = (a); __typeof__(b) __b = (b); __a > __b ? __a : __b; })
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max_t(type, a, b)	max((type)(a), (type)(b))

#define IS_ERR(p)		((unsigned long)(p) >= (unsigned long)-4095)
#define PTR_ERR(p)		((long)(p))
#define ERR_PTR(err)		((void *)(long)(err))
#define BIT(n)			(1ul << (n))

#define pr_err(...)		host_log(__VA_ARGS__)
#define pr_warn(...)		host_log(__VA_ARGS__)
#define pr_warn_ratelimited(...)	host_log(__VA_ARGS__)
#define pr_err_ratelimited(...)	host_log(__VA_ARGS__)
#define pr_info(...)		host_log(__VA_ARGS__)
#define pr_debug(...)		host_log(__VA_ARGS__)

/* What the modules call impossible is a finding. */
#define div_u64(a, b)		((u64)(a) / (u32)(b))
#define for_each_set_bit(bit, bits, size) \
	for ((bit) = 0; (bit) < (size); (bit)++) \
		if (*(bits) & BIT(bit))

#define BUG()			host_fail(__FILE__, __LINE__, "BUG")
#define BUG_ON(cond)		do { if (cond) BUG(); } while (0)
#define WARN_ON(cond) ({ bool __warn = (cond); if (__warn) host_fail(__FILE__, __LINE__, "WARN_ON(" #cond ")"); __warn; })
#define WARN_ON_ONCE(cond)	WARN_ON(cond)
#define panic(...)		host_fail(__FILE__, __LINE__, "panic")
#define local_irq_disable()	((void)0)
#define cpu_relax()		((void)0)

int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
int sscanf(const char *text, const char *fmt, ...);
int sprintf(char *buf, const char *fmt, ...) __printf(2, 3);
int vsnprintf(char *buf, size_t size, const char *fmt, va_list args);
int scnprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
int vscnprintf(char *buf, size_t size, const char *fmt, va_list args);
int kstrtou32(const char *text, unsigned int base, u32 *value);

#endif /* HOST_LINUX_KERNEL_H */
