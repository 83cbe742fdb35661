/* SPDX-License-Identifier: GPL-2.0-only */
/* spinlock.h - all of it is in mutex.h. */
#include <linux/mutex.h>
