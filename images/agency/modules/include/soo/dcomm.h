/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dcomm.h - direct communication: synchronous events between the agency and one ME.
 */
#ifndef SOO_DCOMM_H
#define SOO_DCOMM_H

#include <soo/domain.h>

int dcomm_init_domain(struct soo_domain *dom);
void dcomm_exit_domain(struct soo_domain *dom);

/* No event of this ME is acted on any more. Before its devices go. */
void dcomm_cancel_works(struct soo_domain *dom);

/*
 * Send @event and wait until the ME has acted, at most until the jiffy @until.
 * Return: 0, -ETIMEDOUT (reported), -ECONNREFUSED (the ME will not), -ENODEV (it is gone).
 */
int dcomm_send(struct soo_domain *dom, enum soo_dc_event event, unsigned long until);

/* The ME has reached its end, which answers FORCE_TERMINATE. From its host. */
void dcomm_terminated(struct soo_domain *dom);

/* A device of @domid was connected: when all are, the ME is activated. */
void dcomm_device_connected(struct soo_domain *dom);

#endif /* SOO_DCOMM_H */
