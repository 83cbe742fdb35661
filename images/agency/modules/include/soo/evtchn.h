/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * evtchn.h - event channels between the agency and its MEs.
 *
 * A handler runs in a work item, one at a time for each ME, and may sleep.
 */
#ifndef SOO_EVTCHN_H
#define SOO_EVTCHN_H

#include <soo/domain.h>

struct seq_file;

/* An unbound channel of @dom for the agency. Return: 0, -ENOSPC, -EINVAL for any other @remote. */
int evtchn_alloc_unbound(struct soo_domain *dom, u32 remote, u32 *port);

/* Return: 0, -EINVAL if (@domid, @port) is not unbound, -ENOSPC. */
int evtchn_bind_interdomain(struct soo_domain *dom, u32 port, evtchn_handler handler, void *data,
			    u32 *local);

/* Undo the bind; on return no handler runs or will run. Not from a handler of the same ME. */
void evtchn_unbind(u32 local);

/* The ME's close of its own port. Return: 0, or -EINVAL if it is free. */
int evtchn_close(struct soo_domain *dom, u32 port);
void evtchn_close_all(struct soo_domain *dom);

/* Raise the channel at its other end. */
void evtchn_notify(u32 local);

void evtchn_upcall(struct soo_domain *dom, u32 port);
void evtchn_show(struct seq_file *m);

#endif /* SOO_EVTCHN_H */
