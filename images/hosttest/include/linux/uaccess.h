/* SPDX-License-Identifier: GPL-2.0-only */
/* uaccess.h - all of it is in fs.h. */
#include <linux/fs.h>
