/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vbs_guard.h - entries that an ME may not change at will, though they are in its own directories.
 *
 *   backend/<type>/<d>/0/state   made by the ME as Initialising; then the agency's
 *   device/<d>/<type>/0/state    made as Initialising, or Suspended by a restored ME; then by the
 *                                frontend's arrows
 *   soo/me/<d>/error, backend/<type>/<d>/0/error
 *                                the agency's
 *
 * The entries of a link that is in use, and reasons of the agency, are not removed.
 */
#ifndef SOO_VBS_GUARD_H
#define SOO_VBS_GUARD_H

#include <linux/types.h>

#include <abi/vbus.h>

/* struct vbs_misstep - a state that a frontend tried to write */
struct vbs_misstep {
	char type[VBUS_DEV_TYPE_SIZE];	/* empty: it was none */
	u32 from;			/* VBUS_UNKNOWN: to be made */
};

/*
 * The ME @domid wants to write @value to @path, to make a directory there (NULL), or to remove @path
 * and all below. Looks things up in the store: not with its lock.
 * Return: 0, -EPERM; @misstep is filled for a state of a frontend.
 */
int vbs_guard_write(u32 domid, bool restored, const char *path, const char *value, struct vbs_misstep *misstep);

/* Return: 0, -EBUSY (a link in use), -EPERM (a reason). */
int vbs_guard_rm(u32 domid, const char *path);

#endif /* SOO_VBS_GUARD_H */
