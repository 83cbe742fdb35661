// SPDX-License-Identifier: GPL-2.0-only
/*
 * vbs_guard.c - what an ME may do with the states of its links.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include <soo/fault.h>
#include <soo/vbs_guard.h>
#include <soo/vbstore.h>

#define TYPES_SIZE	512

/* Where a frontend may go: bit n for state n. Closing is another matter, see may_close(). */
static const u32 front_next[VBUS_STATE_COUNT] = {
	[VBUS_INITIALISING] = BIT(VBUS_INITIALISED),
	[VBUS_INITIALISED] = BIT(VBUS_CONNECTED),
	[VBUS_CONNECTED] = BIT(VBUS_SUSPENDED) | BIT(VBUS_CLOSING),
	[VBUS_SUSPENDED] = BIT(VBUS_CONNECTED) | BIT(VBUS_RECONFIGURED),
	[VBUS_RECONFIGURED] = BIT(VBUS_CONNECTED),
};

/* States in which the backend uses what the front has given it, or has still to say why it does not. */
#define BACK_IN_USE	(BIT(VBUS_CONNECTED) | BIT(VBUS_CLOSING) | BIT(VBUS_RECONFIGURING) |	\
			 BIT(VBUS_SUSPENDING) | BIT(VBUS_SUSPENDED) | BIT(VBUS_RESUMING))

/*
 * Cut "backend/<type>/<domid>/0/<key>" (@back) or "device/<domid>/<type>/0/<key>" into type and key.
 * Return: false for any other path.
 */
static bool parse(u32 domid, const char *path, bool *back, char type[VBUS_DEV_TYPE_SIZE], const char **key)
{
	char own[16];
	size_t len, own_len;

	*back = !strncmp(path, "backend/", 8);
	snprintf(own, sizeof(own), *back ? "/%u/0/" : "device/%u/", domid);
	own_len = strlen(own);
	if (!*back && strncmp(path, own, own_len))
		return false;
	path += *back ? 8 : own_len;
	len = strcspn(path, "/");
	if (!len || len >= VBUS_DEV_TYPE_SIZE)
		return false;
	memcpy(type, path, len);
	type[len] = '\0';
	path += len;
	if (!*back) {
		strscpy(own, "/0/", sizeof(own));
		own_len = 3;
	}
	*key = path + own_len;
	return !strncmp(path, own, own_len);
}

/* Return: the number in an entry of a link, or VBUS_UNKNOWN if there is none. */
static u32 read_state(bool back, u32 domid, const char *type)
{
	char path[VBS_PATH_SIZE];
	u32 state;

	if (back)
		snprintf(path, sizeof(path), "backend/%s/%u/0/state", type, domid);
	else
		snprintf(path, sizeof(path), "device/%u/%s/0/state", domid, type);
	if (vbs_read_u32(path, &state))
		return VBUS_UNKNOWN;
	return state < VBUS_STATE_COUNT ? state : VBUS_UNKNOWN;
}

/* From any state, once one of the two sides has failed. */
static bool may_close(u32 domid, const char *type, u32 from)
{
	char path[VBS_PATH_SIZE];

	if (from == VBUS_CLOSING)
		return false;
	snprintf(path, sizeof(path), "device/%u/%s/0/error", domid, type);
	return vbs_exists(path) || read_state(true, domid, type) == VBUS_CLOSING;
}

/* A state as it is written: decimal, without leading zeros. Return: false for any other text. */
static bool parse_state(const char *value, u32 *state)
{
	char text[12];

	if (kstrtou32(value, 10, state) || *state >= VBUS_STATE_COUNT)
		return false;
	snprintf(text, sizeof(text), "%u", *state);
	return !strcmp(text, value);
}

static bool may_step(u32 domid, bool restored, const char *type, u32 from, const char *value)
{
	u32 to;

	if (soo_fault("fe-arrow-unchecked"))
		return true;
	if (!value || !parse_state(value, &to))
		return false;
	if (from == VBUS_UNKNOWN)
		return to == VBUS_INITIALISING || (restored && to == VBUS_SUSPENDED);
	return (front_next[from] & BIT(to)) || (to == VBUS_CLOSING && may_close(domid, type, from));
}

/* The reason itself, or a value where its directory is to be. */
static bool is_reason(u32 domid, const char *path, bool mkdir)
{
	char reason[VBS_PATH_SIZE];

	snprintf(reason, sizeof(reason), "soo/me/%u", domid);
	if (!mkdir && !strcmp(path, reason))
		return true;
	snprintf(reason, sizeof(reason), "soo/me/%u/error", domid);
	return !strcmp(path, reason);
}

int vbs_guard_write(u32 domid, bool restored, const char *path, const char *value, struct vbs_misstep *misstep)
{
	char type[VBUS_DEV_TYPE_SIZE];
	const char *key;
	bool back;
	u32 from;

	misstep->type[0] = '\0';
	if (is_reason(domid, path, !value))
		return -EPERM;
	if (!parse(domid, path, &back, type, &key))
		return 0;
	if (back && !strcmp(key, "error"))
		return -EPERM;
	if (strcmp(key, "state"))
		return 0;
	from = read_state(back, domid, type);
	if (back)
		return (from == VBUS_UNKNOWN && value && !strcmp(value, "1")) || soo_fault("vbs-be-state-open") ? 0 : -EPERM;
	if (may_step(domid, restored, type, from, value))
		return 0;
	strscpy(misstep->type, type, sizeof(misstep->type));
	misstep->from = from;
	return -EPERM;
}

/* Is @path the entry @entry, or a directory above it? */
static bool covers(const char *path, const char *entry)
{
	size_t len = strlen(path);

	return !strncmp(path, entry, len) && (entry[len] == '\0' || entry[len] == '/');
}

static bool covers_link(const char *path, u32 domid, const char *type)
{
	char entry[VBS_PATH_SIZE];

	snprintf(entry, sizeof(entry), "backend/%s/%u/0/state", type, domid);
	if (covers(path, entry))
		return true;
	snprintf(entry, sizeof(entry), "backend/%s/%u/0/error", type, domid);
	if (covers(path, entry))
		return true;
	snprintf(entry, sizeof(entry), "device/%u/%s/0/state", domid, type);
	return covers(path, entry);
}

int vbs_guard_rm(u32 domid, const char *path)
{
	char reason[VBS_PATH_SIZE];
	char types[TYPES_SIZE];
	int len = vbs_directory("backend", types, sizeof(types));
	char *type;

	snprintf(reason, sizeof(reason), "soo/me/%u/error", domid);
	if (covers(path, reason) && vbs_exists(reason))
		return -EPERM;
	for (type = types; type < types + len; type += strlen(type) + 1) {
		if (covers_link(path, domid, type) && (BIT(read_state(true, domid, type)) & BACK_IN_USE))
			return -EBUSY;
	}
	return 0;
}
