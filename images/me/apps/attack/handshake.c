/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * handshake.c - a frontend that offers what is not its own: references that there are not, channels that
 * are somebody else's, a ring in the middle of its life. The kernel's own frontend is closed before.
 */
#include "abi/evtchn.h"
#include "abi/gnttab.h"
#include "abi/ring.h"
#include "attack.h"
#include "mm.h"
#include "printk.h"
#include "soo/avz.h"
#include "soo/dc.h"
#include "soo/vdummy.h"
#include "thread.h"

#define STATE_MS	2000ul
#define LOOK_MS		2ul

static char front[VBS_PATH_SIZE], back[VBS_PATH_SIZE];
static struct ring_page *page;
static u32 ref, port;		/* of good faith */

static void write_key(u32 tx, const char *dir, const char *key, const char *value)
{
	char path[VBS_PATH_SIZE];

	snprintf(path, sizeof(path), "%s/%s", dir, key);
	vbs_write(tx, path, value);
}

static void write_front_state(const char *value)
{
	u32 tx = vbs_transaction_start();

	write_key(tx, front, "state", value);
	vbs_transaction_end(tx);
}

/* Return: the state of the backend that was reached, or the last one seen. */
static u32 await_back(u32 state, u32 or_state)
{
	struct wait_queue nobody = WAIT_QUEUE_INIT(nobody);
	u64 end = time_in_ms(STATE_MS);
	char path[VBS_PATH_SIZE];
	u32 seen = VBUS_UNKNOWN;

	snprintf(path, sizeof(path), "%s/state", back);
	while (!vbs_read_u32(path, &seen) && seen != state && seen != or_state && time_now() < end)
		wait_event_until(&nobody, false, time_in_ms(LOOK_MS));
	return seen;
}

/* Once: the polite frontend goes, and there is something that could be offered in good faith. */
static bool prepare(void)
{
	vdummy_priv_t *priv = vdummy_get();

	if (page)
		return true;
	snprintf(front, sizeof(front), "device/%u/vdummy/0", avz_domid());
	snprintf(back, sizeof(back), "backend/vdummy/%u/0", avz_domid());
	if (priv && priv->link.ring.page) {
		vbus_broken(priv->vdev, -EPROTO, "makes room for an attack");
		if (await_back(VBUS_CLOSED, VBUS_CLOSED) != VBUS_CLOSED)
			return false;
	}
	page = page_alloc(1);
	return page && !gnttab_grant(page, DOMID_AGENCY, &ref) && !evtchn_alloc_unbound(DOMID_AGENCY, &port);
}

/* Entries of a link that begins. Return: has the backend come? */
static bool begin_link(void)
{
	char dir[VBS_PATH_SIZE];

	vbs_rm(VBS_NO_TRANSACTION, back);
	vbs_rm(VBS_NO_TRANSACTION, front);
	snprintf(dir, sizeof(dir), "device/%u", avz_domid());
	vbs_mkdir(VBS_NO_TRANSACTION, dir);
	snprintf(dir, sizeof(dir), "device/%u/vdummy", avz_domid());
	vbs_mkdir(VBS_NO_TRANSACTION, dir);
	snprintf(dir, sizeof(dir), "backend/vdummy/%u", avz_domid());
	vbs_mkdir(VBS_NO_TRANSACTION, dir);
	vbs_mkdir(VBS_NO_TRANSACTION, front);
	vbs_mkdir(VBS_NO_TRANSACTION, back);
	write_key(VBS_NO_TRANSACTION, front, "state", "1");
	write_key(VBS_NO_TRANSACTION, back, "state", "1");
	return !dc_send(DC_TRIGGER_DEV_PROBE) && await_back(VBUS_INITWAIT, VBUS_INITWAIT) == VBUS_INITWAIT;
}

/* Return: whether the backend has taken it. */
static bool offer(const char *ref_text, const char *port_text)
{
	u32 tx = vbs_transaction_start();
	bool taken;

	write_key(tx, front, "ring-ref", ref_text);
	write_key(tx, front, "ring-evtchn", port_text);
	vbs_transaction_end(tx);
	write_front_state("3");
	taken = await_back(VBUS_CLOSING, VBUS_CONNECTED) == VBUS_CONNECTED;
	write_front_state("5");
	await_back(VBUS_CLOSED, VBUS_CLOSED);
	return taken;
}

static enum outcome offer_one(struct attack_run *run, const char *const *refs, u32 nr_refs, bool channel)
{
	char good[12];

	if (!prepare() || !begin_link())
		return OUTCOME_UNANSWERED;
	ring_front_init(&(struct ring){ 0 }, page, VDUMMY_PACKET_SIZE, VDUMMY_PACKET_SIZE, 0);
	snprintf(good, sizeof(good), "%u", channel ? ref : port);
	if (channel)
		return offer(good, refs[attack_below(run, nr_refs)]) ? OUTCOME_ACCEPTED : OUTCOME_REFUSED;
	return offer(refs[attack_below(run, nr_refs)], good) ? OUTCOME_ACCEPTED : OUTCOME_REFUSED;
}

static enum outcome bad_reference(struct attack_run *run)
{
	static const char *const refs[] = { "0", "62", "63", "64", "4294967295", "4294967297", "-1", "x", "" };

	return offer_one(run, refs, ARRAY_SIZE(refs), false);
}

/* 1 and 2 are this ME's, but of the store and of direct communication; the agency has bound them. */
static enum outcome taken_channel(struct attack_run *run)
{
	static const char *const ports[] = { "1", "2", "0", "126", "127", "128", "4294967295", "-1", "x", "" };

	return offer_one(run, ports, ARRAY_SIZE(ports), true);
}

static enum outcome begun_ring(struct attack_run *run)
{
	char ref_text[12], port_text[12];

	if (!prepare() || !begin_link())
		return OUTCOME_UNANSWERED;
	ring_front_init(&(struct ring){ 0 }, page, VDUMMY_PACKET_SIZE, VDUMMY_PACKET_SIZE, attack_random(run));
	(&page->req_prod)[attack_below(run, 4)] += 1 + attack_below(run, 40);
	snprintf(ref_text, sizeof(ref_text), "%u", ref);
	snprintf(port_text, sizeof(port_text), "%u", port);
	return offer(ref_text, port_text) ? OUTCOME_ACCEPTED : OUTCOME_REFUSED;
}

const struct attack attacks_handshake[] = {
	ATTACK("bad-reference", "a ring-ref that there is not", bad_reference, .alone = true, .polite = true),
	ATTACK("taken-channel", "a ring-evtchn of another connection", taken_channel, .alone = true, .polite = true),
	ATTACK("begun-ring", "a ring whose indices differ from the start", begun_ring, .alone = true, .polite = true),
	{ .name = NULL },
};
