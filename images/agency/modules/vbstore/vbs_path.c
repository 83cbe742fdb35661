// SPDX-License-Identifier: GPL-2.0-only
/*
 * vbs_path.c - which paths there are, and whose they are.
 */
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include <soo/fault.h>
#include <soo/vbstore.h>

int vbs_check_path(const char *path)
{
	const char *c;

	if (strlen(path) >= VBS_PATH_SIZE)
		return -ENAMETOOLONG;
	for (c = path; *c; c++) {
		if (!isascii(*c) || (!isalnum(*c) && !strchr("-_.,/", *c)))
			return -EINVAL;
		if (*c == '/' && (c == path || c[1] == '/' || c[1] == '\0'))
			return -EINVAL;
	}
	return strstr(path, "..") && !soo_fault("vbs-dotdot-allowed") ? -EINVAL : 0;
}

/* Is @path the directory @dir, or below it? */
static bool is_within(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return !strncmp(path, dir, len) && (path[len] == '\0' || path[len] == '/');
}

bool vbs_may_write(u32 domid, const char *path)
{
	char own[VBS_PATH_SIZE];
	const char *rest;

	if (domid == DOMID_AGENCY || soo_fault("vbs-owner-unchecked"))
		return true;
	snprintf(own, sizeof(own), "device/%u", domid);
	if (is_within(path, own))
		return true;
	snprintf(own, sizeof(own), "soo/me/%u", domid);
	if (is_within(path, own))
		return true;
	if (strncmp(path, "backend/", 8))
		return false;
	rest = strchr(path + 8, '/');
	snprintf(own, sizeof(own), "%u", domid);
	return rest && is_within(rest + 1, own);
}
