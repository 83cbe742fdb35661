/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * frontend.c - an ME whose agency keeps to the book, or does not: replies, events, states of backends,
 * rings, hypercalls and direct communication. The ME may come to a halt, but it does nothing wild.
 */
#include <string.h>

#include "abi/ring.h"
#include "abi/vbus.h"

#include "host/host.h"
#include "me/agency.h"
#include "me/machine.h"
#include "printk.h"
#include "soo/soo.h"
#include "soo/vdummy.h"
#include "soo/vuart.h"
#include "target.h"

enum op {
	OP_BOOK, OP_STATE, OP_EVENT, OP_SPOIL, OP_BYTES, OP_INDEX, OP_RING_ANSWER, OP_RING_INDEX, OP_RING_BYTES, OP_DC,
	OP_RAISE, OP_TIME, OP_HYPERCALL, OP_TRAFFIC, OP_OUTPUT, OP_MOVE, OP_WANT, OP_END, OP_VALUE, OP_COUNT,
};

static const char *const types[] = { "vdummy", "vuart" };

/* Where a type's ring is, if the ME has published one. */
static struct ring_page *ring_of(const char *type)
{
	char path[VBS_PATH_SIZE];

	snprintf(path, sizeof(path), "device/2/%s/0/ring-ref", type);
	return me_granted(agency_number(path));
}

static void notify(const char *type)
{
	char path[VBS_PATH_SIZE];

	snprintf(path, sizeof(path), "device/2/%s/0/ring-evtchn", type);
	me_raise(agency_number(path));
	agency_serve();
}

/* As a backend does: @n requests are answered with the same bytes. */
static void answer_ring(const char *type, u32 n)
{
	struct ring_page *page = ring_of(type);
	u32 size = strcmp(type, "vuart") ? 32 : 1;
	struct ring back;
	u64 slot[4];

	if (!page)
		return;
	ring_init_half(&back, page, size, size, page->req_cons);
	back.rsp = page->rsp_prod;
	while (n-- && ring_back_take(&back, slot) > 0)
		ring_back_answer(&back, slot);
	notify(type);
}

/* The next state of the backend by the book. */
static void go_on(const char *type)
{
	static const u8 next[VBUS_STATE_COUNT] = {
		[VBUS_UNKNOWN] = VBUS_INITWAIT, [VBUS_INITIALISING] = VBUS_INITWAIT, [VBUS_INITWAIT] = VBUS_CONNECTED,
		[VBUS_CONNECTED] = VBUS_SUSPENDING, [VBUS_SUSPENDING] = VBUS_SUSPENDED,
		[VBUS_SUSPENDED] = VBUS_RESUMING, [VBUS_RESUMING] = VBUS_CONNECTED, [VBUS_CLOSING] = VBUS_CLOSED,
		[VBUS_RECONFIGURING] = VBUS_CONNECTED,
	};
	char path[VBS_PATH_SIZE];
	u32 back, front;

	me_shared()->dc_to_agency = DC_NO_EVENT;
	me_raise(2);
	agency_serve();
	snprintf(path, sizeof(path), "backend/%s/2/0/state", type);
	back = agency_number(path) % VBUS_STATE_COUNT;
	snprintf(path, sizeof(path), "device/2/%s/0/state", type);
	front = agency_number(path);
	/* One that was restored. */
	if (front == VBUS_SUSPENDED && back == VBUS_INITIALISING)
		agency_back(type, VBUS_RECONFIGURING);
	else
		agency_back(type, next[back]);
}

static void send_dc(u32 event)
{
	me_shared()->dc_to_me = event;
	me_raise(2);
	agency_serve();
}

static void traffic(void *arg)
{
	static struct vdummy_result result;
	struct vdummy_run run = {
		.count = (u64)arg % 100, .size = 1 + (u64)arg % 32, .window = 1 + (u64)arg % 64,
		.pattern = (u64)arg % 4, .seed = 1,
	};

	if (vdummy_get())
		vdummy_traffic(vdummy_get(), &run, &result);
}

static void output(void *arg)
{
	static const char text[256] = "what an ME prints";

	if (vuart_get())
		vuart_output(vuart_get(), text, (u64)arg % sizeof(text));
}

static void end(void *arg)
{
	soo_refuse((u64)arg & 1);
	soo_terminate();
}

static void program(void (*fn)(void *), u8 arg)
{
	if (!me_program_runs())
		me_program(fn, (void *)(u64)arg);
	agency_serve();
}

/* The ME was saved and restored, if it rests; if it does not, the agency pretends. */
static void move(u8 how)
{
	struct avz_shared *s = me_shared();

	u32 i;

	/* As far as it takes to come to rest. */
	for (i = 0; how & 1 && i < 2; i++) {
		if (agency_number(i ? "backend/vuart/2/0/state" : "backend/vdummy/2/0/state") == VBUS_CONNECTED) {
			go_on(types[i]);
			go_on(types[i]);
		}
	}
	if (how & 1)
		send_dc(DC_SUSPEND);
	s->incarnation++;
	agency_renew();
	me_forget_grants();
	if (how & 2)
		s->revision ^= how >> 4;
	s->domid = 2;
	send_dc(DC_RESUME);
}

static void spoil_ring(struct input *in, const char *type, bool index)
{
	struct ring_page *page = ring_of(type);
	u32 at;

	if (!page)
		return;
	if (index) {
		at = in_u8(in) % 4;
		((u32 *)page)[at] = in_u8(in) % 2 ? in_u32(in) : page->req_prod + in_u8(in) - 128;
	} else {
		at = in_u16(in) % sizeof(*page);
		in_bytes(in, (u8 *)page + at, sizeof(*page) - at < 16 ? sizeof(*page) - at : 16);
	}
	notify(type);
}

static void spoil_page(struct input *in, bool index)
{
	struct vbs_page *page = me_page();
	u32 at = in_u16(in) % (sizeof(page->req) + sizeof(page->rsp));
	size_t most = sizeof(page->req) + sizeof(page->rsp) - at;
	size_t n = in_u8(in);

	if (index)
		*(at % 2 ? &page->rsp_prod : &page->req_cons) += at % 4 < 2 ? (u32)n : in_u32(in);
	else
		in_bytes(in, (u8 *)page + at, n < most ? n : most);
	me_raise(1);
}

static void spoil_reply(struct input *in)
{
	static const char *const texts[] = {
		"-2", "-17", "-2147483648", "-4294967295", "-0", "0", "", "9", "1000", "993", "4294967295", "-99999999999999999999",
	};
	char text[64] = "";
	u8 which = in_u8(in);

	if (which < 128)
		strlcpy(text, texts[which % (sizeof(texts) / sizeof(texts[0]))], sizeof(text));
	else
		in_bytes(in, text, which % sizeof(text));
	agency_spoil(in_u8(in) % SPOIL_COUNT, text);
}

static void any_event(struct input *in)
{
	char path[128] = "";
	u8 n = in_u8(in);

	if (n % 2)
		snprintf(path, sizeof(path), "backend/%s/2/0/state", types[n / 2 % 2]);
	else
		in_bytes(in, path, n % sizeof(path));
	path[sizeof(path) - 1] = '\0';
	agency_event(path);
	agency_serve();
}

/* What a key holds, without an event. */
static void any_value(struct input *in, const char *type)
{
	char path[VBS_PATH_SIZE], value[64] = "";

	snprintf(path, sizeof(path), in_u8(in) % 2 ? "backend/%s/2/0/state" : "device/2/%s/0", type);
	in_bytes(in, value, in_u8(in) % sizeof(value));
	agency_set(path, value);
}

static void step(struct input *in)
{
	u8 op = in_u8(in) % OP_COUNT;
	u8 arg = in_u8(in);
	const char *type = types[arg % 2];

	switch (op) {
	case OP_BOOK:
		go_on(type);
		break;
	case OP_STATE:
		agency_back(type, arg / 2 % 16);
		break;
	case OP_EVENT:
		any_event(in);
		break;
	case OP_SPOIL:
		spoil_reply(in);
		break;
	case OP_BYTES:
	case OP_INDEX:
		spoil_page(in, op == OP_INDEX);
		break;
	case OP_RING_ANSWER:
		answer_ring(type, arg / 2);
		break;
	case OP_RING_INDEX:
	case OP_RING_BYTES:
		spoil_ring(in, type, op == OP_RING_INDEX);
		break;
	case OP_DC:
		send_dc(arg % 10);
		break;
	case OP_RAISE:
		me_raise(arg);
		break;
	case OP_TIME:
		me_run_for(arg * 16u);
		agency_serve();
		break;
	case OP_HYPERCALL:
		me_next_err = arg % 2 ? -(s32)in_u8(in) : 0;
		me_next_ret = arg % 4 > 1 ? in_u32(in) : 0;
		break;
	case OP_TRAFFIC:
		program(traffic, arg);
		break;
	case OP_OUTPUT:
		me_console_full = arg % 8 == 0;
		program(output, arg);
		break;
	case OP_MOVE:
		move(arg);
		break;
	case OP_WANT:
		host_want(arg % 16);
		break;
	case OP_END:
		program(end, arg);
		break;
	case OP_VALUE:
		any_value(in, type);
		break;
	}
}

void target_run(struct input *in)
{
	u8 first = in_u8(in);

	agency_set("soo/directcomm/2/event-channel", "2");
	agency_set("backend/vdummy", "");
	agency_set("backend/vuart", "");
	me_start();
	if (first % 4) {
		agency_serve();
		me_shared()->dc_to_agency = DC_NO_EVENT;
		me_raise(2);
		agency_serve();
	}
	while (in->left && !me_ended)
		step(in);
	host_want(0);
	me_run_for(20000);
}
