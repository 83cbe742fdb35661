/* SPDX-License-Identifier: GPL-2.0-only */
/* states.h - the states of the backs, as the event stream tells them, against the arrows that there are. */
#ifndef STATES_H
#define STATES_H

#include <linux/types.h>

/* Open the event stream. */
void states_start(void);

/* Read what came; an arrow that does not exist is a finding. */
void states_check(void);

/* Domain @d begins anew. */
void states_forget(u32 d);

#endif /* STATES_H */
