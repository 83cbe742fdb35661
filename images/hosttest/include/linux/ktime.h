/* SPDX-License-Identifier: GPL-2.0-only */
/* ktime.h - all of it is in jiffies.h. */
#include <linux/jiffies.h>
