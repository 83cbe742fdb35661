/* SPDX-License-Identifier: GPL-2.0-only */
/* front.c - an ME's frontends by the book. */
#include <abi/evtchn.h>

#include "front.h"
#include "world.h"

static u32 transactions;

void front_init(struct front *f, struct client *client, const char *type, u32 frame, u32 req_size, u32 rsp_size)
{
	*f = (struct front){
		.client = client, .type = type, .d = client->d, .frame = frame, .req_size = req_size,
		.rsp_size = rsp_size,
	};
}

static int call(struct front *f, u32 type, u32 tx, const char *path, const char *value)
{
	static struct vbs_message reply;

	return client_call(f->client, type, tx, path, value, &reply, NULL);
}

static void make_dir(struct front *f, const char *path)
{
	call(f, VBS_MKDIR, 0, path, NULL);
}

static void put(struct front *f, const char *dir, const char *key, const char *value)
{
	char path[VBS_PATH_SIZE + 16];

	snprintf(path, sizeof(path), "%s/%s", dir, key);
	call(f, VBS_WRITE, 0, path, value);
}

void front_register(struct front *f, u32 state)
{
	char dir[VBS_PATH_SIZE], text[12];

	snprintf(text, sizeof(text), "%u", state);
	snprintf(dir, sizeof(dir), "device/%u", f->d);
	make_dir(f, dir);
	snprintf(dir, sizeof(dir), "device/%u/%s", f->d, f->type);
	make_dir(f, dir);
	snprintf(dir, sizeof(dir), "device/%u/%s/0", f->d, f->type);
	make_dir(f, dir);
	put(f, dir, "state", text);
	snprintf(dir, sizeof(dir), "backend/%s/%u", f->type, f->d);
	make_dir(f, dir);
	snprintf(dir, sizeof(dir), "backend/%s/%u/0", f->type, f->d);
	make_dir(f, dir);
	put(f, dir, "state", "1");
	f->state = state;
}

u32 front_back_state(const struct front *f)
{
	char path[VBS_PATH_SIZE];
	u32 state = 0;

	snprintf(path, sizeof(path), "backend/%s/%u/0/state", f->type, f->d);
	vbs_read_u32(path, &state);
	return state;
}

int front_write(struct front *f, const char *key, u32 value)
{
	char path[VBS_PATH_SIZE], text[12];
	u32 tx = ++transactions;
	int err;

	snprintf(path, sizeof(path), "device/%u/%s/0/%s", f->d, f->type, key);
	snprintf(text, sizeof(text), "%u", value);
	err = call(f, VBS_WRITE, tx, path, text);
	call(f, VBS_TRANSACTION_END, tx, NULL, NULL);
	return err;
}

static bool go_to(struct front *f, u32 state)
{
	if (!front_write(f, "state", state))
		f->state = state;
	return true;
}

static void drop_ring(struct front *f)
{
	u64 ret;

	if (f->port)
		world_hypercall(f->d, AVZ_EVTCHN_CLOSE, f->port, 0, &ret);
	if (f->ref)
		world_hypercall(f->d, AVZ_GNTTAB_REVOKE, f->ref, 0, &ret);
	f->port = 0;
	f->ref = 0;
	f->ring.page = NULL;
}

static void make_ring(struct front *f)
{
	u64 ret;

	drop_ring(f);
	ring_front_init(&f->ring, world_ring_page(f->d, f->frame), f->req_size, f->rsp_size, f->frame * 0x3fffffffu);
	if (!world_hypercall(f->d, AVZ_GNTTAB_GRANT, f->frame, DOMID_AGENCY, &ret))
		f->ref = ret;
	if (!world_hypercall(f->d, AVZ_EVTCHN_ALLOC_UNBOUND, DOMID_AGENCY, 0, &ret))
		f->port = ret;
	front_write(f, "ring-ref", f->ref);
	front_write(f, "ring-evtchn", f->port);
}

bool front_step(struct front *f)
{
	switch (front_back_state(f)) {
	case VBUS_INITWAIT:
		if (f->state != VBUS_INITIALISING)
			return false;
		make_ring(f);
		return go_to(f, VBUS_INITIALISED);
	case VBUS_CONNECTED:
		if (f->state != VBUS_INITIALISED && f->state != VBUS_RECONFIGURED)
			return false;
		return go_to(f, VBUS_CONNECTED);
	case VBUS_SUSPENDING:
		return f->state == VBUS_CONNECTED && go_to(f, VBUS_SUSPENDED);
	case VBUS_RESUMING:
		return f->state == VBUS_SUSPENDED && go_to(f, VBUS_CONNECTED);
	case VBUS_RECONFIGURING:
		if (f->state != VBUS_SUSPENDED)
			return false;
		make_ring(f);
		return go_to(f, VBUS_RECONFIGURED);
	case VBUS_CLOSING:
		return f->state != VBUS_CLOSING && go_to(f, VBUS_CLOSING);
	case VBUS_CLOSED:
		if (!f->ref)
			return false;
		drop_ring(f);
		return true;
	default:
		return false;
	}
}

void front_remove(struct front *f)
{
	char path[VBS_PATH_SIZE];

	snprintf(path, sizeof(path), "backend/%s/%u", f->type, f->d);
	call(f, VBS_RM, 0, path, NULL);
	snprintf(path, sizeof(path), "device/%u/%s", f->d, f->type);
	call(f, VBS_RM, 0, path, NULL);
	f->state = 0;
}

static u32 dc_port(u32 d)
{
	char path[VBS_PATH_SIZE];
	u32 port = 0;

	snprintf(path, sizeof(path), "soo/directcomm/%u/event-channel", d);
	vbs_read_u32(path, &port);
	return port;
}

void front_probe_request(u32 d)
{
	world_shared(d)->dc_to_agency = DC_TRIGGER_DEV_PROBE;
	world_raise(d, dc_port(d));
	host_run();
}

void front_answer_dc(u32 d, bool refuse)
{
	struct avz_shared *shared = world_shared(d);

	if (!world_dom(d) || shared->dc_to_me == DC_NO_EVENT)
		return;
	shared->dc_refused = refuse;
	shared->dc_to_me = DC_NO_EVENT;
	world_raise(d, dc_port(d));
	host_run();
}
