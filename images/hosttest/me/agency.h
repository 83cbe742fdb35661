/* SPDX-License-Identifier: GPL-2.0-only */
/* agency.h - an agency by the book, as an ME sees it: a store with a few entries, and two backends. */
#ifndef ME_AGENCY_H
#define ME_AGENCY_H

#include "types.h"

enum agency_spoil {
	SPOIL_NOTHING, SPOIL_ID, SPOIL_TYPE, SPOIL_ERROR, SPOIL_LENGTH, SPOIL_REVISION, SPOIL_SILENCE, SPOIL_COUNT,
};

/* What is wrong with the next reply, and the text of an error or of a value in it. */
void agency_spoil(enum agency_spoil what, const char *text);

/* Answer all requests, and let the ME run, until there are none. */
void agency_serve(void);

void agency_set(const char *path, const char *value);
const char *agency_get(const char *path);
u32 agency_number(const char *path);

/* A message behind those in the page; no room: nothing happens. */
void agency_put(u32 type, u32 id, const void *payload, u32 len);
void agency_event(const char *path);

/* The back of @type enters a state, and the ME is told. */
void agency_back(const char *type, u32 state);

/* As the ME left it in another place: nothing is known of it, and the pages are fresh. */
void agency_renew(void);

#endif /* ME_AGENCY_H */
