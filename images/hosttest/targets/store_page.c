/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * store_page.c - one ME writes what it likes into its store page, while another one behaves.
 *
 * Found are: accesses outside of memory, work without end, memory that is not given back, a tree that
 * contradicts itself, and a neighbour that is not served any more.
 */
#include <soo/vbs_page.h>

#include "target.h"
#include "world/client.h"
#include "world/world.h"

#define HOSTILE		2u
#define NEIGHBOUR	3u

enum op {
	OP_MESSAGE, OP_BYTES, OP_SET_PROD, OP_ADD_PROD, OP_SET_CONS, OP_DRAIN, OP_RING, OP_TIME, OP_HEADER,
	OP_WANT, OP_AGAIN, OP_AGENCY, OP_NEIGHBOUR, OP_PORT, OP_HYPERCALL, OP_COUNT,
};

static const char *const paths[] = {
	"", "device", "device/2", "device/2/vdummy", "device/2/vdummy/0", "device/2/vdummy/0/state", "backend",
	"backend/vdummy/2", "backend/vdummy/2/0", "backend/vdummy/2/0/state", "soo/me/2", "soo/me/2/name",
	"device/3", "backend/vdummy/3/0/state", "soo/directcomm/2/event-channel", "/", "device//2", "device/2/..",
	"device/2/", "backend/2", "backend//2", "domain/gnttab/2", "device/2/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p",
	"device/2/123456789012345678901234567890123456789", "device/2/1234567890123456789012345678901234567890",
	"device/22", "soo/me/2/../3", "backend/vuart/2", "device/2/x y", "device/2/\x80",
};

static struct client neighbour;

/* A request as it should be, but for its path and value, behind what was written last. */
static void put_message(struct input *in)
{
	struct vbs_page *page = world_store_page(HOSTILE);
	struct vbs_msg_header head = { .revision = VBS_MSG_REVISION, .type = in_u8(in), .id = 7 };
	u32 offset = page->req_prod % VBS_RING_SIZE;
	u8 payload[VBS_MSG_MAX_PAYLOAD];
	u8 which = in_u8(in);

	head.transaction_id = in_u8(in);
	if (which < ARRAY_SIZE(paths)) {
		strcpy((char *)payload, paths[which]);
		head.len = strlen(paths[which]) + 1;
	}
	head.len += in_bytes(in, payload + head.len, in_u8(in) * 4 % (sizeof(payload) - head.len));
	if (head.type == VBS_WRITE && head.len < sizeof(payload))
		payload[head.len++] = '\0';
	if (offset + vbs_msg_space(head.len) > VBS_RING_SIZE) {
		*(u32 *)(page->req + (offset & ~3u)) = VBS_WRAP;
		page->req_prod += VBS_RING_SIZE - offset;
		offset = 0;
	}
	memcpy(page->req + offset, &head, sizeof(head));
	memcpy(page->req + offset + sizeof(head), payload, head.len);
	page->req_prod += vbs_msg_space(head.len);
}

/* One field of the header that the store looks at next. */
static void spoil_header(struct input *in)
{
	struct vbs_page *page = world_store_page(HOSTILE);
	u32 at = (page->req_cons & ~3u) + in_u8(in) % 6 * 4;

	*(u32 *)(page->req + at % VBS_RING_SIZE) = in_u32(in);
}

/* What the agency may do: it never takes away what it has made at start. */
static void agency_writes(struct input *in)
{
	const char *path = paths[2 + in_u8(in) % 12];

	if (!strcmp(path, "backend"))
		return;

	switch (in_u8(in) % 4) {
	case 0:
		vbs_write_now(DOMID_AGENCY, path, "1");
		break;
	case 1:
		vbs_rm(DOMID_AGENCY, VBS_NO_TRANSACTION, path);
		break;
	case 2:
		vbs_mkdir(DOMID_AGENCY, VBS_NO_TRANSACTION, path);
		break;
	default:
		machine_view_free(machine_view("store"));
		break;
	}
}

static void ask_neighbour(void)
{
	struct vbs_message reply;
	int len;

	host_want(0);
	len = client_call(&neighbour, VBS_DIRECTORY_EXISTS, 0, "soo/me", NULL, &reply, NULL);
	host_check(len == 2 && reply.payload[0] == '1', "the neighbour gets a wrong answer");
}

static void step(struct input *in)
{
	struct vbs_page *page = world_store_page(HOSTILE);
	u64 ret;
	u32 at;

	switch (in_u8(in) % OP_COUNT) {
	case OP_MESSAGE:
		put_message(in);
		break;
	case OP_BYTES:
		at = in_u16(in) % sizeof(*page);
		in_bytes(in, (u8 *)page + at, min_t(size_t, in_u8(in), sizeof(*page) - at));
		break;
	case OP_SET_PROD:
		page->req_prod = in_u32(in);
		break;
	case OP_ADD_PROD:
		page->req_prod += in_u8(in);
		break;
	case OP_SET_CONS:
		page->rsp_cons = in_u32(in);
		break;
	case OP_DRAIN:
		page->rsp_cons = page->rsp_prod;
		break;
	case OP_RING:
		world_raise(HOSTILE, world_shared(HOSTILE)->vbstore_evtchn);
		host_run();
		break;
	case OP_TIME:
		host_run_for(in_u8(in));
		break;
	case OP_HEADER:
		spoil_header(in);
		break;
	case OP_WANT:
		host_want(in_u8(in) % 16);
		break;
	case OP_AGAIN:
		host_want(0);
		world_destroy(HOSTILE);
		host_want(in_u8(in) % 16);
		if (!world_create(HOSTILE, in_u8(in) % 2)) {
			host_want(0);
			host_check(world_create(HOSTILE, 0), "no ME can be made any more");
		}
		host_want(0);
		break;
	case OP_AGENCY:
		agency_writes(in);
		break;
	case OP_NEIGHBOUR:
		ask_neighbour();
		break;
	case OP_PORT:
		world_raise(HOSTILE, in_u8(in) % EVTCHN_MAX);
		host_run();
		break;
	case OP_HYPERCALL:
		/* All but the one that ends it. */
		world_hypercall(HOSTILE, in_u8(in) % AVZ_ME_STATE, in_u8(in), in_u8(in), &ret);
		break;
	}
}

void target_run(struct input *in)
{
	world_start();
	host_check(world_create(HOSTILE, 0) && world_create(NEIGHBOUR, 0), "no ME can be made");
	client_init(&neighbour, NEIGHBOUR);
	while (in->left)
		step(in);
	host_want(0);
	host_run_for(100);
	ask_neighbour();
	world_check_store();
	world_end();
}
