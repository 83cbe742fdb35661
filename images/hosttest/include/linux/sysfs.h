/* SPDX-License-Identifier: GPL-2.0-only */
/* sysfs.h - all of it is in device.h. */
#include <linux/device.h>
