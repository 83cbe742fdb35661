/* SPDX-License-Identifier: GPL-2.0-only */
/* completion.h - all of it is in wait.h. */
#include <linux/wait.h>
