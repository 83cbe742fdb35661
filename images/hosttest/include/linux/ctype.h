/* SPDX-License-Identifier: GPL-2.0-only */
/* ctype.h - the C library's. */
#ifndef HOST_LINUX_CTYPE_H
#define HOST_LINUX_CTYPE_H

#include <ctype.h>

#endif /* HOST_LINUX_CTYPE_H */
