/* SPDX-License-Identifier: GPL-2.0-only */
/* compiler_attributes.h - all of it is in types.h. */
#include <linux/types.h>
