/* SPDX-License-Identifier: GPL-2.0-only */
/* signal.h - all of it is in sched.h. */
#include <linux/sched.h>
