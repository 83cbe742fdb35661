/* SPDX-License-Identifier: GPL-2.0-only */
/* ioctl.h - the C library's. */
#ifndef HOST_LINUX_IOCTL_H
#define HOST_LINUX_IOCTL_H

#include <sys/ioctl.h>

#endif /* HOST_LINUX_IOCTL_H */
