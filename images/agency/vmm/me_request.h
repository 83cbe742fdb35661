/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * me_request.h - one request about an ME to the agency's core.
 */
#ifndef ME_REQUEST_H
#define ME_REQUEST_H

#include <abi/core.h>

/* SOO_IOC_ME_*. Return: 0, or -1 by fail(), which says why the ME did not do it. */
int me_request(unsigned long cmd, u32 slot);

/* Return: 0, or -1 by fail(), also for an empty slot. */
int me_describe(u32 slot, struct soo_me_desc *desc);

const char *me_state_name(s32 state);

#endif /* ME_REQUEST_H */
