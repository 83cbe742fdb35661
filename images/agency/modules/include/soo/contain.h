/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * contain.h - what the agency does about an ME that does what it must not.
 *
 * A single refused request is answered and counted; after some, soo/me/<d>/error tells of it. An ME
 * that breaks a protocol, or is refused over and over, is cut off: nothing that it asks for is done
 * any more, its links close, and it is left to run until somebody kills it.
 */
#ifndef SOO_CONTAIN_H
#define SOO_CONTAIN_H

#include <linux/types.h>

struct seq_file;
struct soo_domain;
struct work_struct;

/* Something that is counted within windows of time. One user at a time. */
struct soo_rate {
	u64 window;			/* its beginning, ns */
	unsigned int count;
};

/* Return: 0, or how many ms are left of a window that had @limit of them; else this is one more. */
unsigned int soo_rate_full(struct soo_rate *rate, unsigned int limit);
unsigned int soo_rate_take(struct soo_rate *rate, unsigned int limit);

/* A request of @dom was refused with @err. May sleep. */
void soo_refused(struct soo_domain *dom, int err, const char *what);

/* Any context that may sleep; the work is done elsewhere. @why lives for ever. */
void soo_cut_off(struct soo_domain *dom, const char *why);

void soo_contain_init(struct soo_domain *dom);
/* When nobody is left who could cut it off. On return its links are closed if it was. */
void soo_contain_exit(struct soo_domain *dom);
void soo_contain_show(struct seq_file *m);

#endif /* SOO_CONTAIN_H */
