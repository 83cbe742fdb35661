/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vbs_client.h - an ME's connection to the store: its message page and channel.
 */
#ifndef SOO_VBS_CLIENT_H
#define SOO_VBS_CLIENT_H

#include <soo/domain.h>

int vbs_client_create(struct soo_domain *dom);
void vbs_client_destroy(struct soo_domain *dom);

#endif /* SOO_VBS_CLIENT_H */
