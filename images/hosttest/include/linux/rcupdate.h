/* SPDX-License-Identifier: GPL-2.0-only */
/* rcupdate.h - nothing else runs meanwhile. */
#ifndef HOST_LINUX_RCUPDATE_H
#define HOST_LINUX_RCUPDATE_H

#include <linux/kernel.h>

#define rcu_read_lock()		((void)0)
#define rcu_read_unlock()	((void)0)
#define start_poll_synchronize_rcu()	0ul

#endif /* HOST_LINUX_RCUPDATE_H */
