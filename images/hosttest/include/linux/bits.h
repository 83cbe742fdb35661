/* SPDX-License-Identifier: GPL-2.0-only */
/* bits.h - all of it is in kernel.h. */
#include <linux/kernel.h>
