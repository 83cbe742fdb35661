/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * store_model.c - the agency and two MEs use the store as they may, and as they may not: each answer,
 * each event and the whole tree are to be the model's.
 */
#include <linux/slab.h>

#include "target.h"
#include "world/client.h"
#include "world/model.h"
#include "world/world.h"

#define FIRST		2u
#define SECOND		3u
#define AGENCY_WATCHES	32
#define COMPARE_EVERY	16

enum what {
	WHAT_MKDIR, WHAT_WRITE, WHAT_RM, WHAT_READ, WHAT_EXISTS, WHAT_DIRECTORY, WHAT_WATCH, WHAT_UNWATCH,
	WHAT_TXEND, WHAT_TOUCH, WHAT_RENEW, WHAT_COUNT,
};

struct agency_watch {
	struct vbs_watch watch;
	char path[VBS_PATH_SIZE];
	bool used;
};

static struct model model;
static struct client clients[SOO_MAX_DOMAINS];
static struct agency_watch watches[AGENCY_WATCHES];
static struct model_event heard[MODEL_EVENTS];
static unsigned int nr_heard;
static u32 agency_tx[4];

static const char *const bases[] = {
	"device/2", "device/3", "backend/vdummy/2", "backend/vdummy/3", "soo/me/2", "soo/me/3", "backend/vdummy",
	"domain", "device/4", "soo/directcomm/2", "backend/vuart/2", "device", "", "backend/nothing/2", "soo",
};
static const char *const usual[] = {
	"device/%u", "device/%u/a", "device/%u/a/b", "device/%u/c", "soo/me/%u/a", "backend/vdummy/%u/0",
	"backend/vdummy/%u",
};
static const char *const names[] = {
	"a", "b", "c", "d", "0", "a-name-that-is-rather-long-1", "x,y_z.1", "2", "..", "", "e f", "a/b",
};

static void hear(u32 domid, const char *path)
{
	host_check(nr_heard < MODEL_EVENTS, "events without end");
	heard[nr_heard] = (struct model_event){ .domid = domid };
	strscpy(heard[nr_heard++].path, path, VBS_PATH_SIZE);
}

static void agency_notify(struct vbs_watch *watch, const char *path)
{
	hear(DOMID_AGENCY, path);
}

static void client_event(struct client *c, const char *path)
{
	hear(c->d, path);
}

static void compose(struct input *in, char path[64])
{
	u8 parts = in_u8(in) % 4;

	strcpy(path, bases[in_u8(in) % ARRAY_SIZE(bases)]);
	while (parts--) {
		const char *name = names[in_u8(in) % ARRAY_SIZE(names)];

		if (strlen(path) + strlen(name) + 2 < 60)
			sprintf(path + strlen(path), "/%s", name);
	}
}

/* Mostly one where something may happen; now and then any bytes. */
static void make_path(struct input *in, u32 d, char path[64])
{
	u8 choice = in_u8(in);

	if (choice < 0x80)
		sprintf(path, usual[choice % ARRAY_SIZE(usual)], d ? d : FIRST + choice % 2);
	else if (choice < 0xc0)
		strcpy(path, model.nodes[in_u8(in) % model.nr_nodes].path);
	else if (choice < 0xf0)
		compose(in, path);
	else
		path[in_bytes(in, path, in_u8(in) % 60)] = '\0';
}

static void make_value(struct input *in, char value[VBS_VALUE_SIZE + 8])
{
	size_t n = in_u8(in);

	if (n >= 250)	/* about the longest that there may be */
		n = VBS_VALUE_SIZE - 253 + n;
	memset(value, 'v', n);
	value[n] = '\0';
	in_bytes(in, value, n < 4 ? n : 4);
}

static struct agency_watch *slot_for(const char *path, bool used)
{
	int i;

	for (i = 0; i < AGENCY_WATCHES; i++) {
		if (watches[i].used == used && (!used || !strcmp(watches[i].path, path)))
			return &watches[i];
	}
	return NULL;
}

static int agency_watch(const char *path)
{
	struct agency_watch *w = slot_for(path, false);

	strcpy(w->path, path);
	w->watch = (struct vbs_watch){ .notify = agency_notify };
	w->used = !vbs_watch(&w->watch, path);
	return w->used ? 0 : -ENOENT;
}

static int agency_unwatch(const char *path)
{
	struct agency_watch *w = slot_for(path, true);

	if (!w)
		return -ENOENT;
	vbs_unwatch(&w->watch);
	w->used = false;
	return 0;
}

/* Return: as the model does, with the bytes of the reply in @out. */
static int do_agency(enum what what, u32 tx, const char *path, const char *value, char *out)
{
	int n;

	switch (what) {
	case WHAT_MKDIR:
		return vbs_mkdir(DOMID_AGENCY, tx, path);
	case WHAT_WRITE:
		return vbs_write(DOMID_AGENCY, tx, path, value);
	case WHAT_RM:
		return vbs_rm(DOMID_AGENCY, tx, path);
	case WHAT_READ:
		n = vbs_read(path, out, VBS_MSG_MAX_PAYLOAD);
		return n == -ENOENT ? 1 : n + 1;
	case WHAT_EXISTS:
		return vbs_exists(path);
	case WHAT_DIRECTORY:
		n = vbs_directory(path, out, VBS_MSG_MAX_PAYLOAD);
		return n == -ENOENT ? 0 : n;
	case WHAT_WATCH:
		return agency_watch(path);
	case WHAT_UNWATCH:
		return agency_unwatch(path);
	case WHAT_TXEND:
		vbs_transaction_end(DOMID_AGENCY, tx);
		return 0;
	default:
		n = vbs_write(DOMID_AGENCY, tx, path, value);
		vbs_transaction_end(DOMID_AGENCY, tx);
		return n;
	}
}

static int call_store(u32 d, enum what what, u32 tx, const char *path, const char *value, char *out)
{
	static const u32 types[] = {
		VBS_MKDIR, VBS_WRITE, VBS_RM, VBS_READ, VBS_DIRECTORY_EXISTS, VBS_DIRECTORY, VBS_WATCH,
		VBS_UNWATCH, VBS_TRANSACTION_END,
	};
	static struct vbs_message reply;
	int n = client_call(&clients[d], types[what], tx, what == WHAT_TXEND ? NULL : path,
			    what == WHAT_WRITE ? value : NULL, &reply, client_event);

	if (n > 0)
		memcpy(out, reply.payload, n);
	return what == WHAT_EXISTS && n > 0 ? out[0] == '1' : n;
}

static int do_client(u32 d, enum what what, u32 tx, const char *path, const char *value, char *out)
{
	if (what == WHAT_TOUCH) {
		int err = do_client(d, WHAT_WRITE, tx, path, value, out);

		do_client(d, WHAT_TXEND, tx, path, value, out);
		return err;
	}
	return call_store(d, what, tx, path, value, out);
}

static int do_model(u32 d, enum what what, u32 tx, const char *path, const char *value, char *out)
{
	int err;

	switch (what) {
	case WHAT_MKDIR:
		return model_mkdir(&model, d, tx, path);
	case WHAT_WRITE:
		return model_write(&model, d, tx, path, value);
	case WHAT_RM:
		return model_rm(&model, d, tx, path);
	case WHAT_READ:
		return model_read(&model, d, path, out);
	case WHAT_EXISTS:
		return model_exists(&model, d, path);
	case WHAT_DIRECTORY:
		return model_directory(&model, d, path, out);
	case WHAT_WATCH:
		return model_watch(&model, d, path);
	case WHAT_UNWATCH:
		return model_unwatch(&model, d, path);
	case WHAT_TXEND:
		return model_txend(&model, d, tx);
	default:
		err = model_write(&model, d, tx, path, value);
		model_txend(&model, d, tx);
		return err;
	}
}

static void compare_events(u32 domid)
{
	unsigned int i = 0, k;

	for (k = 0; k < model.nr_events; k++) {
		if (model.events[k].domid != domid)
			continue;
		while (i < nr_heard && heard[i].domid != domid)
			i++;
		host_check(i < nr_heard, "domain %u is not told of %s", domid, model.events[k].path);
		host_check(!strcmp(heard[i].path, model.events[k].path), "domain %u is told of %s, not of %s", domid,
			   heard[i].path, model.events[k].path);
		i++;
	}
	for (; i < nr_heard; i++)
		host_check(heard[i].domid != domid, "domain %u is told of %s, and of too much", domid, heard[i].path);
}

static void settle(void)
{
	struct vbs_message msg;
	u32 d;

	host_run();
	for (d = FIRST; d <= SECOND; d++) {
		while (client_take(&clients[d], &msg)) {
			host_check(msg.head.type == VBS_WATCH_EVENT, "a reply that nobody waits for");
			hear(d, (const char *)msg.payload);
		}
	}
	for (d = 0; d <= SECOND; d++)
		compare_events(d);
	nr_heard = 0;
	model.nr_events = 0;
}

static void renew(void)
{
	world_destroy(SECOND);
	host_check(world_create(SECOND, 0) == SECOND, "no ME can be made any more");
	client_init(&clients[SECOND], SECOND);
	model_renew(&model, SECOND);
}

/* What the agency itself never does: it takes nothing away that it has made at start. */
static bool is_predefined(const char *path)
{
	return !strchr(path, '/') || !strncmp(path, "soo/directcomm", 14) || !strncmp(path, "domain", 6) ||
	       (!strncmp(path, "soo/me", 6) && strlen(path) < 9) || !strcmp(path, "backend/vdummy") || !strcmp(path, "backend/vuart");
}

static void step(struct input *in)
{
	static char got[VBS_RING_SIZE], wanted[VBS_RING_SIZE], value[VBS_VALUE_SIZE + 8];
	enum what what = in_u8(in) % WHAT_COUNT;
	u8 who = in_u8(in);
	u32 d = who % 3 ? who % 3 + 1 : DOMID_AGENCY;
	u32 tx = who / 4 % 4;
	char path[64];
	int is, want;

	if (what == WHAT_RENEW) {
		renew();
		return;
	}
	make_path(in, d, path);
	make_value(in, value);
	if (d == DOMID_AGENCY && (vbs_check_path(path) || is_predefined(path) || !model_exists(&model, 0, bases[0])))
		d = FIRST;
	/* One for a path is as good as many. */
	if (d == DOMID_AGENCY && what == WHAT_WATCH && (slot_for(path, true) || !slot_for(path, false)))
		what = WHAT_UNWATCH;
	if (d == DOMID_AGENCY)
		tx = tx ? agency_tx[tx] : VBS_NO_TRANSACTION;
	is = d ? do_client(d, what, tx, path, value, got) : do_agency(what, tx, path, value, got);
	want = do_model(d, what, tx, path, value, wanted);
	host_check(is == want, "request %d of domain %u on %s gives %d, not %d", what, d, path, is, want);
	if ((what == WHAT_READ && is > 1) || what == WHAT_DIRECTORY)
		host_check(is <= 0 || !memcmp(got, wanted, is), "request %d of domain %u on %s gives something else",
			   what, d, path);
	settle();
}

/* The directories in which most happens. */
static void prepare(void)
{
	static const char *const dirs[] = { "device/2", "device/3", "backend/vdummy/2", "backend/vdummy/3", "soo/me/2" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		u32 d = dirs[i][strlen(dirs[i]) - 1] - '0';

		host_check(!vbs_mkdir(d, 0, dirs[i]) && !model_mkdir(&model, d, 0, dirs[i]), "no %s", dirs[i]);
	}
	for (i = 1; i < ARRAY_SIZE(agency_tx); i++)
		agency_tx[i] = vbs_transaction_start();
}

static void leave(void)
{
	unsigned int i;

	for (i = 0; i < AGENCY_WATCHES; i++) {
		if (watches[i].used)
			vbs_unwatch(&watches[i].watch);
	}
	for (i = 0; i < model.nr_nodes; i++)
		host_free(model.nodes[i].value);
}

void target_run(struct input *in)
{
	unsigned int steps = 0;

	world_start();
	host_check(world_create(FIRST, 0) && world_create(SECOND, 0), "no ME can be made");
	client_init(&clients[FIRST], FIRST);
	client_init(&clients[SECOND], SECOND);
	model_init(&model);
	prepare();
	while (in->left) {
		step(in);
		if (++steps % COMPARE_EVERY == 0)
			model_compare(&model);
	}
	model_compare(&model);
	world_check_store();
	leave();
	world_end();
}
