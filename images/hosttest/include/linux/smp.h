/* SPDX-License-Identifier: GPL-2.0-only */
/* linux/smp.h - this host has one CPU. */
#ifndef HOST_LINUX_SMP_H
#define HOST_LINUX_SMP_H

#define raw_smp_processor_id()	0

#endif /* HOST_LINUX_SMP_H */
