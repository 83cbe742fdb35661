/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * target.h - a program that runs one input after the other. Each starts from nothing and leaves nothing.
 */
#ifndef TARGET_H
#define TARGET_H

#include "world/input.h"

/* The target's own. */
void target_run(struct input *in);

#endif /* TARGET_H */
