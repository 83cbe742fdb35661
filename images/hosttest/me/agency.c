/* SPDX-License-Identifier: GPL-2.0-only */
/* agency.c - a store with a few entries. */
#include <stdlib.h>
#include <string.h>

#include "abi/vbus.h"

#include "agency.h"
#include "host/host.h"
#include "machine.h"
#include "printk.h"

#define ENTRIES		64
#define STORE_PORT	1u

static struct {
	char path[VBS_PATH_SIZE];
	char value[64];
} entries[ENTRIES];

static u32 req_cons, rsp_prod;
static enum agency_spoil spoil;
static char spoil_text[64];

void agency_spoil(enum agency_spoil what, const char *text)
{
	spoil = what;
	strlcpy(spoil_text, text, sizeof(spoil_text));
}

static int find(const char *path)
{
	int i;

	for (i = 0; i < ENTRIES; i++) {
		if (!strcmp(entries[i].path, path))
			return i;
	}
	return -1;
}

void agency_set(const char *path, const char *value)
{
	int i = find(path) < 0 ? find("") : find(path);

	if (i < 0)
		return;
	strlcpy(entries[i].path, path, sizeof(entries[i].path));
	strlcpy(entries[i].value, value, sizeof(entries[i].value));
}

const char *agency_get(const char *path)
{
	int i = find(path);

	return i < 0 ? "" : entries[i].value;
}

u32 agency_number(const char *path)
{
	return (u32)strtoul(agency_get(path), NULL, 10);
}

static u32 room(void)
{
	return VBS_RING_SIZE - (rsp_prod - me_page()->rsp_cons);
}

void agency_put(u32 type, u32 id, const void *payload, u32 len)
{
	struct vbs_msg_header head = { .revision = VBS_MSG_REVISION, .type = type, .len = len, .id = id };
	struct vbs_page *page = me_page();
	u32 space = vbs_msg_space(len);
	u32 offset = rsp_prod % VBS_RING_SIZE;
	u32 skip = offset + space > VBS_RING_SIZE ? VBS_RING_SIZE - offset : 0;

	if (room() > VBS_RING_SIZE || room() < skip + space)
		return;
	if (skip) {
		*(u32 *)(page->rsp + offset) = VBS_WRAP;
		rsp_prod += skip;
		offset = 0;
	}
	if (type != VBS_WATCH_EVENT && spoil == SPOIL_REVISION)
		head.revision ^= 0x10000;
	if (type != VBS_WATCH_EVENT && spoil == SPOIL_LENGTH)
		head.len = (u32)strtoul(spoil_text, NULL, 10);
	memcpy(page->rsp + offset, &head, sizeof(head));
	memcpy(page->rsp + offset + sizeof(head), payload, len);
	rsp_prod += space;
	page->rsp_prod = rsp_prod;
}

void agency_event(const char *path)
{
	agency_put(VBS_WATCH_EVENT, 0, path, (u32)strlen(path) + 1);
	me_raise(STORE_PORT);
}

static void reply(const struct vbs_msg_header *head, const char *text, u32 len)
{
	u32 type = head->type;
	u32 id = head->id;

	if (spoil == SPOIL_ID)
		id++;
	if (spoil == SPOIL_TYPE)
		type = (u32)strtoul(spoil_text, NULL, 10);
	if (spoil == SPOIL_ERROR) {
		type = VBS_ERROR;
		text = spoil_text;
		len = (u32)strlen(text) + 1;
	}
	if (spoil != SPOIL_SILENCE)
		agency_put(type, id, text, len);
	spoil = SPOIL_NOTHING;
}

/* What the ME asks is by the book: it is the agency that may not be. */
static void answer(const struct vbs_msg_header *head, const char *path)
{
	switch (head->type) {
	case VBS_DIRECTORY_EXISTS:
		reply(head, find(path) >= 0 || !strncmp(path, "device/", 7) ? "1" : "0", 2);
		break;
	case VBS_READ:
		reply(head, agency_get(path), (u32)strlen(agency_get(path)) + 1);
		break;
	case VBS_WRITE:
		agency_set(path, path + strlen(path) + 1);
		reply(head, "", 0);
		break;
	default:
		reply(head, "", 0);
		break;
	}
}

static bool is_request(const struct vbs_page *page, u32 offset)
{
	const struct vbs_msg_header *head = (const struct vbs_msg_header *)(page->req + offset);

	if (offset % VBS_ALIGN || offset + sizeof(*head) > VBS_RING_SIZE || head->revision != VBS_MSG_REVISION ||
	    head->len > VBS_MSG_MAX_PAYLOAD || offset + vbs_msg_space(head->len) > VBS_RING_SIZE)
		return false;
	if (head->type == VBS_WRITE)
		return head->len > 1 && !page->req[offset + sizeof(*head) + head->len - 1] &&
		       strnlen((const char *)(head + 1), head->len) < head->len - 1;
	return !head->len || !page->req[offset + sizeof(*head) + head->len - 1];
}

/* Return: was there one? */
static bool answer_one(void)
{
	struct vbs_page *page = me_page();
	u32 offset = req_cons % VBS_RING_SIZE;
	struct vbs_msg_header *head = (struct vbs_msg_header *)(page->req + offset);

	if (page->req_prod - req_cons < VBS_ALIGN)
		return false;
	if (head->revision == VBS_WRAP) {
		req_cons += VBS_RING_SIZE - offset;
	} else if (is_request(page, offset)) {
		req_cons += vbs_msg_space(head->len);
		answer(head, (const char *)(head + 1));
	} else {
		/* The test has spoilt the page: whatever is in it goes. */
		req_cons = page->req_prod & ~(VBS_ALIGN - 1);
	}
	page->req_cons = req_cons;
	return true;
}

void agency_serve(void)
{
	u32 turns = 0;

	while (answer_one() && ++turns < 1000)
		me_raise(STORE_PORT);
}

void agency_back(const char *type, u32 state)
{
	char path[VBS_PATH_SIZE], value[12];

	snprintf(path, sizeof(path), "backend/%s/%u/0/state", type, me_shared()->domid);
	snprintf(value, sizeof(value), "%u", state);
	agency_set(path, value);
	agency_event(path);
	agency_serve();
}

void agency_renew(void)
{
	req_cons = 0;
	rsp_prod = 0;
	memset(me_page(), 0, sizeof(*me_page()));
}
