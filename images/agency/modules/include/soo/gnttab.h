/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * gnttab.h - grants: pages of an ME that the agency may map.
 *
 * The page stays pinned from grant to revoke, and longer while it is mapped.
 */
#ifndef SOO_GNTTAB_H
#define SOO_GNTTAB_H

#include <soo/domain.h>

struct seq_file;

/* From the ME's host. Return: 0, -EINVAL (remote domain), -EFAULT (no such frame), -ENOSPC. */
int gnttab_grant(struct soo_domain *dom, u64 frame, u32 remote, u32 *ref);

/* Return: 0, -EINVAL (no such reference), -EBUSY (mapped). */
int gnttab_revoke(struct soo_domain *dom, u32 ref);

/* Return: 0, -EINVAL (no such reference), -EBUSY (mapped already). */
int gnttab_map(struct soo_domain *dom, u32 ref, void **addr);
void gnttab_unmap(struct soo_domain *dom, u32 ref);

/* At the end of a domain: what is mapped still is unmapped by then. */
void gnttab_release_all(struct soo_domain *dom);

void gnttab_show(struct seq_file *m);

#endif /* SOO_GNTTAB_H */
