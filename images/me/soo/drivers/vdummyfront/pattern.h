/* SPDX-License-Identifier: GPL-2.0-only */
/* pattern.h - what the messages of a run contain. */
#ifndef PATTERN_H
#define PATTERN_H

#include "soo/vdummy.h"

struct pattern {
	enum vdummy_pattern kind;
	u32 size;
	u64 counter;
	u64 state;		/* of the generator */
	bool pending;		/* `message` was not sent yet */
	struct vdummy_request message __attribute__((aligned(8)));
};

void pattern_init(struct pattern *p, const struct vdummy_run *run);

/* Makes the next message in @p->message. */
void pattern_next(struct pattern *p);

#endif /* PATTERN_H */
