/* SPDX-License-Identifier: GPL-2.0-only */
/* ratelimit.h - all of it is in kernel.h. */
#include <linux/kernel.h>
