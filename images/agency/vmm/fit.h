/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fit.h - an ME's image: a FIT with a kernel of type "ME" and a device tree.
 */
#ifndef FIT_H
#define FIT_H

#include <stddef.h>

#include <abi/types.h>

struct fit_part {
	const void *data;	/* in the image that was checked */
	size_t size;
	u64 load;		/* 0 if it names none */
	u64 entry;
};

struct fit_me {
	struct fit_part kernel;
	struct fit_part tree;
	void *aligned_tree;	/* a copy: a FIT aligns its parts to 4 bytes, libfdt wants 8 */
};

/* Check the whole image, hashes included. Return: 0, or -1 by fail(). */
int fit_check(const void *image, size_t size, struct fit_me *me);
void fit_free(struct fit_me *me);

#endif /* FIT_H */
