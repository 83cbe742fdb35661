// SPDX-License-Identifier: GPL-2.0-only
/*
 * vbs_requests.c - what an ME asks of the store, and what it is not allowed to.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include <abi/limits.h>
#include <soo/events.h>
#include <soo/fault.h>
#include <soo/vbs_guard.h>
#include <soo/vbus.h>

#include "vbs_server.h"

/* Read-only requests fill the reply's payload. Return: its length, or -errno. */
static int answer_query(u32 type, const char *path, u8 *out)
{
	int len;

	if (type == VBS_DIRECTORY) {
		len = vbs_directory(path, out, VBS_MSG_MAX_PAYLOAD);
		return len == -ENOENT ? 0 : len;
	}
	if (type == VBS_DIRECTORY_EXISTS)
		return sprintf(out, "%d", vbs_exists(path)) + 1;
	len = vbs_read(path, out, VBS_MSG_MAX_PAYLOAD);
	if (len == -ENOENT) {
		out[0] = '\0';
		len = 0;
	}
	return len < 0 ? len : len + 1;
}

/* Observers are to know what an ME tried; its link does not survive it. */
static void report_misstep(struct vbs_client *c, u32 tx, const char *path, const char *value,
			   const struct vbs_misstep *misstep)
{
	u32 d = c->dom->domid;

	soo_event_text("val", value ? value : "", "store refuse dom=%u tx=%u path=%s", d, tx, path);
	soo_rate_take(&c->changes, SOO_RATE_CHANGES);
	vbus_frontend_misstep(d, misstep->type, misstep->from, value ? value : "a directory");
}

static int check_step(struct vbs_client *c, u32 tx, const char *path, const char *value)
{
	struct vbs_misstep misstep;
	int err = vbs_guard_write(c->dom->domid, c->dom->incarnation > 0, path, value, &misstep);

	if (err && misstep.type[0])
		report_misstep(c, tx, path, value, &misstep);
	return err;
}

/* @room: bytes after the path. */
static int write_value(struct vbs_client *c, u32 tx, const char *path, size_t room)
{
	const char *value = path + strlen(path) + 1;
	int err;

	if (strnlen(value, room) == room)
		return -EINVAL;
	err = check_step(c, tx, path, value);
	return err ? err : vbs_write(c->dom->domid, tx, path, value);
}

static int remove_entry(struct vbs_client *c, u32 tx, const char *path)
{
	int err = vbs_guard_rm(c->dom->domid, path);

	return err ? err : vbs_rm(c->dom->domid, tx, path);
}

static int make_directory(struct vbs_client *c, u32 tx, const char *path)
{
	int err = check_step(c, tx, path, NULL);

	return err ? err : vbs_mkdir(c->dom->domid, tx, path);
}

static int with_path(struct vbs_client *c, const struct vbs_message *req, size_t room, u8 *out)
{
	u32 tx = req->head.transaction_id;
	const char *path = req->payload;
	int err = vbs_check_path(path);

	if (err)
		return err;
	switch (req->head.type) {
	case VBS_DIRECTORY:
	case VBS_DIRECTORY_EXISTS:
	case VBS_READ:
		return answer_query(req->head.type, path, out);
	case VBS_WATCH:
		return vbs_client_watch(c, path);
	case VBS_UNWATCH:
		return vbs_client_unwatch(c, path);
	case VBS_WRITE:
		return write_value(c, tx, path, room);
	case VBS_MKDIR:
		return make_directory(c, tx, path);
	case VBS_RM:
		return remove_entry(c, tx, path);
	default:
		return -ENOSYS;
	}
}

static int handle(struct vbs_client *c, struct vbs_message *req, u8 *out)
{
	size_t path_len = strnlen(req->payload, req->head.len);

	if (req->head.type == VBS_TRANSACTION_END) {
		vbs_transaction_end(c->dom->domid, req->head.transaction_id);
		return 0;
	}
	if (path_len == req->head.len) {
		if (!soo_fault("vbs-no-nul-accepted") || path_len >= VBS_MSG_MAX_PAYLOAD)
			return -EINVAL;
		req->payload[path_len] = '\0';
	}
	return with_path(c, req, req->head.len - min_t(size_t, req->head.len, path_len + 1), out);
}

static const char *request_name(u32 type)
{
	static const char *const names[] = {
		"directory", "exists", "read", "watch", "unwatch", "transaction end", "write", "mkdir", "rm",
	};

	return type < ARRAY_SIZE(names) ? names[type] : "unknown request";
}

/* What a polite ME meets too: a name that it has not looked up before. */
static bool is_usual(int err)
{
	return err == -ENOENT || err == -EEXIST;
}

static void account(struct vbs_client *c, u32 type, int result)
{
	if (result < 0 && !is_usual(result))
		soo_refused(c->dom, result, request_name(type));
	else if (type != VBS_DIRECTORY && type != VBS_DIRECTORY_EXISTS && type != VBS_READ)
		soo_rate_take(&c->changes, SOO_RATE_CHANGES);
}

/* Observers learn once of each type that an ME sends, and once that one was refused: not of each request. */
static void tell_type(struct vbs_client *c, u32 type, int result)
{
	static const char *const names[] = {
		"directory", "directory_exists", "read", "watch", "unwatch", "transaction_end", "write", "mkdir",
		"rm", "watch_event", "error", "unknown",
	};
	unsigned int kind = min_t(u32, type, ARRAY_SIZE(names) - 1);
	u32 bit = BIT(2 * kind + (result < 0 ? 1 : 0));

	if (c->told & bit)
		return;
	c->told |= bit;
	soo_event("message %s dom=%u type=%s err=%d", result < 0 ? "refused" : "served", c->dom->domid, names[kind],
		  min(result, 0));
}

int vbs_client_handle(struct vbs_client *c, struct vbs_message *req, u8 *out)
{
	int result = handle(c, req, out);

	account(c, req->head.type, result);
	tell_type(c, req->head.type, result);
	return result;
}
