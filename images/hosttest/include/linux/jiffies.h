/* SPDX-License-Identifier: GPL-2.0-only */
/* jiffies.h - virtual time, in ms. It passes only when nothing else can happen. */
#ifndef HOST_LINUX_JIFFIES_H
#define HOST_LINUX_JIFFIES_H

#include <linux/kernel.h>

#define jiffies			host_jiffies
#define msecs_to_jiffies(ms)	((unsigned long)(ms))
#define jiffies_to_msecs(j)	((unsigned int)(j))
#define time_before(a, b)	((long)((a) - (b)) < 0)
#define time_after(a, b)	time_before(b, a)
#define ktime_get_ns()		((u64)host_jiffies * 1000000ull)
#define NSEC_PER_MSEC		1000000ul
#define NSEC_PER_SEC		1000000000ul
#define MSEC_PER_SEC		1000ul
#define msleep(ms)		host_sleep(ms)
#define msleep_interruptible(ms)	host_sleep(ms)

#endif /* HOST_LINUX_JIFFIES_H */
