/* SPDX-License-Identifier: GPL-2.0-only */
/* moduleparam.h - all of it is in module.h. */
#include <linux/module.h>
