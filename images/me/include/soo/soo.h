/* SPDX-License-Identifier: GPL-2.0-only */
/* soo.h - this kernel as a mobile entity. */
#ifndef SOO_SOO_H
#define SOO_SOO_H

/* Joins the agency, if there is one: store entries, watches, then one probe request. */
void soo_init(void);

/* Closes devices, removes the entries and tells the agency; the ME then waits for its end. */
void soo_terminate(void);

#endif /* SOO_SOO_H */
