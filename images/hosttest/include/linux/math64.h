/* SPDX-License-Identifier: GPL-2.0-only */
/* math64.h - all of it is in kernel.h. */
#include <linux/kernel.h>
