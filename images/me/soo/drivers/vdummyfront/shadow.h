/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * shadow.h - the requests of a run that wait for their response, and the judgement of responses.
 *
 * They are kept in a table, by number modulo its size. A response is that of the oldest; else of a
 * younger one with the same bytes, which passes over those before it; else, if it repeats that of a
 * request which has its own, it is doubled; else it is corrupt and taken for the oldest's. A request that was passed over is reordered if its response still comes, and
 * lost if it does not; so is one that was given up.
 */
#ifndef SHADOW_H
#define SHADOW_H

#include "soo/vdummy.h"

#define SHADOWS		128u	/* a power of two above the largest window */

struct shadow {
	struct vdummy_request req;
	bool waits;
	bool passed;
	bool lost;
};

struct shadows {
	struct shadow table[SHADOWS];
	struct vdummy_result *result;
	u64 oldest;		/* no older request waits */
	u64 outstanding;	/* requests that wait */
};

void shadows_init(struct shadows *s, struct vdummy_result *result);

/* Room for one more? */
bool shadows_room(const struct shadows *s);

/* @req was sent; counts it. */
void shadows_add(struct shadows *s, const struct vdummy_request *req);

/* @rsp was received; counts what it is. */
void shadows_judge(struct shadows *s, const struct vdummy_response *rsp);

/* No response is expected any more: all that wait are lost. */
void shadows_give_up(struct shadows *s);

#endif /* SHADOW_H */
