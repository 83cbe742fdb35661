/* SPDX-License-Identifier: GPL-2.0-only */
/* requests.c - malformed paths, values and types, each in a well-formed message. */
#include <string.h>

#include "attack.h"
#include "printk.h"
#include "soo/avz.h"

static const u32 writers[] = { VBS_WRITE, VBS_MKDIR, VBS_RM, VBS_WATCH };

static enum outcome ask_any(struct attack_run *run, const char *path)
{
	u32 type = writers[attack_below(run, ARRAY_SIZE(writers))];

	return attack_ask(run, type, path, type == VBS_WRITE ? "evil" : NULL);
}

static enum outcome no_nul(struct attack_run *run)
{
	char path[VBS_PATH_SIZE];
	u32 type = attack_below(run, 2) ? VBS_MKDIR : VBS_READ;
	int len = snprintf(path, sizeof(path), "device/%u/n%u", avz_domid(), attack_below(run, 1000));

	return attack_request(run, type, (u32)len, path, (u32)len);
}

static enum outcome no_value_nul(struct attack_run *run)
{
	char text[VBS_PATH_SIZE];
	int len = snprintf(text, sizeof(text), "device/%u/v", avz_domid()) + 1;

	memset(text + len, 'v', 4);
	return attack_request(run, VBS_WRITE, (u32)len + 4 * attack_below(run, 2), text, (u32)len + 4);
}

static enum outcome dotdot(struct attack_run *run)
{
	static const char *const forms[] = {
		"device/%u/../%u/vdummy", "device/%u/../../soo/me/%u", "device/%u/..", "../device/%u/%u",
		"backend/../device/%u/%u", "device/%u/vdummy/..%u", "soo/me/%u/../%u/name",
	};
	char path[VBS_PATH_SIZE];

	snprintf(path, sizeof(path), forms[attack_below(run, ARRAY_SIZE(forms))], avz_domid(), run->other);
	return ask_any(run, path);
}

/* From one character too long to what just fits the page. */
static enum outcome long_path(struct attack_run *run)
{
	static char path[VBS_MSG_MAX_PAYLOAD];
	u32 len = VBS_PATH_SIZE + attack_below(run, VBS_MSG_MAX_PAYLOAD - VBS_PATH_SIZE - 8);
	int start = snprintf(path, sizeof(path), "device/%u/", avz_domid());

	memset(path + start, 'a', len - (u32)start);
	path[len] = '\0';
	return ask_any(run, path);
}

static enum outcome bad_path(struct attack_run *run)
{
	static const char *const forms[] = {
		"/device/%u/x", "device/%u/", "device//%u/x", "device/%u/x y", "device/%u/x%%",
		"device/%u/\x01", "device/%u/\xff", "device/%u/x\n", "device/%u/*", "device/%u/x=1",
	};
	char path[VBS_PATH_SIZE];

	snprintf(path, sizeof(path), forms[attack_below(run, ARRAY_SIZE(forms))], avz_domid());
	return ask_any(run, path);
}

static enum outcome long_value(struct attack_run *run)
{
	static char value[VBS_MSG_MAX_PAYLOAD];
	u32 len = VBS_VALUE_SIZE + attack_below(run, 200);
	char path[VBS_PATH_SIZE];

	memset(value, 'v', len);
	value[len] = '\0';
	snprintf(path, sizeof(path), "device/%u/v", avz_domid());
	return attack_ask(run, VBS_WRITE, path, value);
}

static enum outcome unknown_type(struct attack_run *run)
{
	u32 type = VBS_WATCH_EVENT + (attack_below(run, 2) ? attack_random(run) >> 1 : attack_below(run, 8));

	return attack_ask(run, type, "device", NULL);
}

const struct attack attacks_requests[] = {
	ATTACK("no-nul", "paths without their final NUL", no_nul),
	ATTACK("no-value-nul", "values without their final NUL", no_value_nul),
	ATTACK("dotdot", "paths with ..", dotdot),
	ATTACK("long-path", "paths of 50 to 980 bytes", long_path),
	ATTACK("bad-path", "slashes at the ends, doubled ones, blanks, control characters", bad_path),
	ATTACK("long-value", "values of 640 bytes and more", long_value),
	ATTACK("unknown-type", "messages of types that there are not", unknown_type),
	{ .name = NULL },
};
