/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * backend.c - the agency's end of the links of an ME that keeps to the book, or does not: states, rings,
 * channels, grants and direct communication, while the agency suspends, resumes and ends it. A second ME
 * keeps to the book all the time, and is to be served to the end.
 */
#include <abi/vdummy.h>
#include <abi/vuart.h>
#include <soo/vbus.h>

#include "target.h"
#include "world/front.h"
#include "world/states.h"
#include "world/world.h"

#define HOSTILE		2u
#define NEIGHBOUR	3u
#define WAIT_MS		200u

enum op {
	OP_BOOK, OP_SEND, OP_TAKE, OP_INDEX, OP_RAISE, OP_BEYOND, OP_STATE, OP_KEY, OP_BYTES, OP_TIME, OP_LIFE,
	OP_ANSWER, OP_HYPERCALL, OP_TYPE, OP_AGAIN, OP_REMOVE, OP_REGISTER, OP_SHARED, OP_VIEW, OP_WANT, OP_COUNT,
};

enum life { LIFE_SUSPEND, LIFE_RESUME, LIFE_SHUTDOWN, LIFE_SAVE, LIFE_COUNT };

static struct client client, neighbour_client;
static struct front fronts[2], neighbour;
static bool killed;
static struct file console;
static bool console_open;

static void on_kill(int pid)
{
	killed = true;
}

/* The host of a killed ME ends. */
static void bury(void)
{
	if (!killed)
		return;
	killed = false;
	world_destroy(HOSTILE);
}

static void make_hostile(u32 incarnation)
{
	host_check(world_create(HOSTILE, incarnation) == HOSTILE, "no ME can be made any more");
	client_init(&client, HOSTILE);
	client.careless = true;
	front_init(&fronts[0], &client, "vdummy", MACHINE_PAGES - 1, 32, 32);
	front_init(&fronts[1], &client, "vuart", FRAME_RINGS + 1, 1, 1);
	ring_set_unsolicited(&fronts[1].ring);
	states_forget(HOSTILE);
}

/* As far as it goes by the book. */
static void follow(struct front *f, unsigned int steps)
{
	while (steps-- && world_dom(f->d) && !READ_ONCE(world_dom(f->d)->cut_off)) {
		front_answer_dc(f->d, false);
		if (!front_step(f))
			break;
		host_run();
	}
}

static void send(struct front *f, unsigned int n)
{
	u64 request[4] = { 0x1122334455667788ull, f->ring.req, ~0ull, 0 };

	if (!f->ring.page || f->ring.page->req_prod != f->ring.req)
		return;
	while (n-- && !ring_front_send(&f->ring, request))
		request[1] = f->ring.req;
	world_raise(f->d, f->port);
	host_run();
}

/* Does the back answer in order and with the same bytes? Only if the front has kept to the book so far. */
static unsigned int take(struct front *f, bool judged)
{
	u64 response[4];
	unsigned int n = 0;

	while (f->ring.page && ring_front_take(&f->ring, response) > 0) {
		host_check(!judged || (u32)response[1] == f->ring.rsp - 1, "response %u has the bytes of %llu",
			   f->ring.rsp - 1, response[1]);
		n++;
	}
	return n;
}

static struct vbus_device *device_of(const struct front *f)
{
	struct vbus_device *list[VBUS_DEVICES_PER_DOMAIN];
	struct vbus_device *found = NULL;
	unsigned int i, n = vbus_get_devices(f->d, list);

	for (i = 0; i < n; i++) {
		if (!strcmp(list[i]->devicetype, f->type))
			found = list[i];
		put_device(&list[i]->dev);
	}
	return found;
}

/* Next to be taken, from the view. */
static u32 back_index(const struct front *f)
{
	char dev[VBS_PATH_SIZE + 8];
	char *text = machine_view(f->type);
	char *line;
	u32 index = 0;

	snprintf(dev, sizeof(dev), "dev=backend/%s/%u/0 ", f->type, f->d);
	line = text ? strstr(text, dev) : NULL;
	line = line ? strstr(line, " req=") : NULL;
	if (line)
		sscanf(line, " req=%u", &index);
	machine_view_free(text);
	return index;
}

/* More requests than there are entries: the back is to give the link up, and to take none of them. */
static void go_beyond(struct front *f, u32 more)
{
	struct vbus_device *vdev = device_of(f);
	u32 entries = ring_entry_count(f->req_size, f->rsp_size);

	if (!vdev || !vdev->up || vdev->failed || !f->ring.page || !f->port)
		return;
	world_raise(f->d, f->port);
	host_run();
	if (READ_ONCE(world_dom(f->d)->cut_off) || vdev != device_of(f) || vdev->failed || !vdev->up)
		return;
	f->ring.page->req_prod = back_index(f) + entries + 1 + more;
	world_raise(f->d, f->port);
	host_run_for(WAIT_MS);
	if (world_dom(f->d) && device_of(f) == vdev && world_dom(f->d)->ports[f->port].state == EVTCHN_INTERDOMAIN)
		host_check(vdev->failed, "the back of %s believes in %u requests of %u", f->type, entries + 1 + more,
			   entries);
}

static void live(void *arg)
{
	struct soo_domain *dom = soo_domain_get(HOSTILE);

	if (!dom)
		return;
	switch ((enum life)(unsigned long)arg) {
	case LIFE_SUSPEND:
		soo_me_suspend(dom, WAIT_MS);
		break;
	case LIFE_RESUME:
		soo_me_resume(dom, WAIT_MS);
		break;
	case LIFE_SHUTDOWN:
		soo_me_shutdown(dom, WAIT_MS);
		break;
	default:
		soo_me_save(dom);
		break;
	}
	soo_domain_put(dom);
}

static void type_task(void *arg)
{
	char text[64] = "typed in the agency";

	if ((unsigned long)arg % 2)
		machine_read("soo/vuart2", &console, text, sizeof(text));
	else
		machine_write("soo/vuart2", &console, text, (unsigned long)arg % sizeof(text));
}

static void use_console(u8 what)
{
	if (!console_open) {
		console_open = machine_open("soo/vuart2", FMODE_READ | FMODE_WRITE, what & 1 ? O_NONBLOCK : 0, &console);
		return;
	}
	if (what < 16) {
		/* Who reads or writes has the file open. */
		if (host_tasks())
			return;
		machine_close("soo/vuart2", &console);
		console_open = false;
	} else if (host_tasks() < 6) {
		host_task(type_task, (void *)(unsigned long)what);
	}
}

static void again(struct input *in)
{
	u8 incarnation = in_u8(in) % 3;
	unsigned int i;

	host_want(0);
	world_destroy(HOSTILE);
	make_hostile(incarnation);
	for (i = 0; i < 2; i++)
		front_register(&fronts[i], incarnation ? VBUS_SUSPENDED : VBUS_INITIALISING);
	front_probe_request(HOSTILE);
	if (incarnation)
		host_task(live, (void *)(unsigned long)LIFE_RESUME);
}

static void spoil_shared(struct input *in)
{
	struct avz_shared *shared = world_shared(HOSTILE);

	switch (in_u8(in) % 4) {
	case 0:
		shared->dc_to_agency = in_u8(in);
		world_raise(HOSTILE, 2);
		break;
	case 1:
		shared->dc_to_me = in_u8(in);
		break;
	case 2:
		in_bytes(in, shared, in_u8(in) % sizeof(*shared));
		break;
	default:
		shared->evtchn_to_agency[in_u8(in) % EVTCHN_WORDS] = in_u32(in);
		world_doorbell(HOSTILE);
		break;
	}
}

static void view(u8 which)
{
	static const char *const names[] = { "store", "evtchn", "gnttab", "domains", "contain", "vdummy", "vuart" };

	machine_view_free(machine_view(names[which % ARRAY_SIZE(names)]));
}

static void step(struct input *in)
{
	u8 op = in_u8(in) % OP_COUNT;
	struct front *f = &fronts[in_u8(in) % 2];
	struct ring_page *page = world_ring_page(HOSTILE, f->frame);
	u32 at;
	u64 ret;

	if (!world_dom(HOSTILE) && op != OP_TIME && op != OP_TYPE)
		op = OP_AGAIN;
	switch (op) {
	case OP_BOOK:
		follow(f, 1 + in_u8(in) % 8);
		break;
	case OP_SEND:
		send(f, 1 + in_u8(in) % 64);
		break;
	case OP_TAKE:
		take(f, false);
		world_raise(HOSTILE, f->port);
		host_run();
		break;
	case OP_INDEX:
		((u32 *)page)[in_u8(in) % 4] = in_u8(in) % 2 ? in_u32(in) : f->ring.req + (s32)in_u8(in) - 128;
		break;
	case OP_RAISE:
		world_raise(HOSTILE, in_u8(in) % 8 ? f->port : in_u8(in) % EVTCHN_MAX);
		host_run();
		break;
	case OP_BEYOND:
		go_beyond(f, in_u8(in) % 4 ? 0 : in_u32(in) % 0x80000000u);
		break;
	case OP_STATE:
		front_write(f, "state", in_u8(in) % 16);
		host_run();
		break;
	case OP_KEY:
		front_write(f, in_u8(in) % 2 ? "ring-ref" : "ring-evtchn", in_u8(in) % 4 ? in_u8(in) : in_u32(in));
		break;
	case OP_BYTES:
		at = in_u16(in) % sizeof(*page);
		in_bytes(in, (u8 *)page + at, min_t(size_t, in_u8(in), sizeof(*page) - at));
		break;
	case OP_TIME:
		host_run_for(in_u8(in));
		break;
	case OP_LIFE:
		if (host_tasks() < 6)
			host_task(live, (void *)(unsigned long)(in_u8(in) % LIFE_COUNT));
		host_run();
		break;
	case OP_ANSWER:
		front_answer_dc(HOSTILE, in_u8(in) % 4 == 0);
		break;
	case OP_HYPERCALL:
		world_hypercall(HOSTILE, in_u8(in) % 8, in_u8(in), in_u8(in) % 2, &ret);
		break;
	case OP_TYPE:
		use_console(in_u8(in));
		host_run();
		break;
	case OP_AGAIN:
		again(in);
		break;
	case OP_REMOVE:
		front_remove(f);
		break;
	case OP_REGISTER:
		front_register(f, VBUS_INITIALISING);
		front_probe_request(HOSTILE);
		break;
	case OP_SHARED:
		spoil_shared(in);
		break;
	case OP_VIEW:
		view(in_u8(in));
		break;
	case OP_WANT:
		host_want(in_u8(in) % 16);
		host_run_for(20);
		host_want(0);
		break;
	}
	bury();
	states_check();
}

static void connect(struct front *f)
{
	front_register(f, VBUS_INITIALISING);
	front_probe_request(f->d);
	follow(f, 10);
	host_check(front_back_state(f) == VBUS_CONNECTED && f->state == VBUS_CONNECTED,
		   "a link by the book comes to states %u and %u", front_back_state(f), f->state);
	front_answer_dc(f->d, false);
}

static void check_neighbour(void)
{
	host_check(front_back_state(&neighbour) == VBUS_CONNECTED, "the neighbour's back is in state %u",
		   front_back_state(&neighbour));
	send(&neighbour, 10);
	host_check(take(&neighbour, true) == 10, "the neighbour is not answered");
}

void target_run(struct input *in)
{
	world_start();
	states_start();
	machine_on_kill = on_kill;
	make_hostile(0);
	host_check(world_create(NEIGHBOUR, 0), "no ME can be made");
	client_init(&neighbour_client, NEIGHBOUR);
	front_init(&neighbour, &neighbour_client, "vdummy", FRAME_RINGS, 32, 32);
	connect(&neighbour);
	if (in_u8(in) % 4) {
		connect(&fronts[0]);
		connect(&fronts[1]);
	}
	while (in->left)
		step(in);
	host_want(0);
	check_neighbour();
	machine_on_kill = NULL;
	host_interrupt(true);
	world_destroy(HOSTILE);
	host_run_for(15000);
	host_check(!host_tasks(), "somebody still waits for an ME that has ended");
	if (console_open)
		machine_close("soo/vuart2", &console);
	check_neighbour();
	states_check();
	world_check_store();
	world_end();
}
