/* SPDX-License-Identifier: GPL-2.0-only */
/* soo.h - this kernel as a mobile entity. */
#ifndef SOO_SOO_H
#define SOO_SOO_H

#include "types.h"

/* Joins the agency, if there is one: store entries, watches, then one probe request. */
void soo_init(void);

/* While on, suspends and terminations that the agency asks for are refused. */
void soo_refuse(bool on);
bool soo_may_suspend(void);
bool soo_may_terminate(void);

/*
 * All devices are suspended: from here to soo_resume() the caller is the only thread that runs, no
 * request to the store is on its way, and time stands still. Return: 0, -EBUSY if a device is not.
 */
int soo_suspend(void);

/* Goes on, in a new place if the ME was restored. Return: 0, -EPROTO if the agency is a stranger. */
int soo_resume(void);

/*
 * Closes devices, removes the entries and tells the agency, which ends the ME there. Return: -errno
 * if it refused that.
 */
int soo_terminate(void);

#endif /* SOO_SOO_H */
