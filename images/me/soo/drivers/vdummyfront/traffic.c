/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * traffic.c - one run of messages, each response compared with its request.
 *
 * Requests without a response are kept in a table, by number modulo its size. A response is that of
 * the oldest; else of a younger one with the same bytes, which passes over those before it; else it
 * is corrupt and taken for the oldest's. A request that was passed over is reordered if its
 * response still comes, and lost if it does not.
 */
#include <string.h>

#include "console.h"
#include "pattern.h"
#include "soo/vdummy.h"

#define SHADOWS		128u	/* a power of two above the largest window */
#define PASSED_MAX	64u	/* no response comes after so many younger ones: the ring is smaller */
#define SILENCE_MS	2000ul	/* without any response: what is outstanding is lost */
#define POLL_MS		50ul	/* how often Ctrl-C is looked for */

struct shadow {
	struct vdummy_request req;
	bool waits;
	bool passed;
};

static struct {
	const struct vdummy_run *run;
	struct vdummy_result *result;
	struct shadow shadows[SHADOWS];
	struct pattern pattern;
	u64 oldest;		/* no older request waits */
	u64 outstanding;	/* requests that wait */
	u64 progress;		/* when the last response came, ns */
	bool silent;		/* the last wait brought nothing */
} t;

static struct shadow *shadow(u64 number)
{
	return &t.shadows[number % SHADOWS];
}

static void settle(u64 number)
{
	shadow(number)->waits = false;
	t.outstanding--;
	while (t.oldest < t.result->sent && !shadow(t.oldest)->waits)
		t.oldest++;
}

static void give_up(u64 number)
{
	t.result->lost++;
	settle(number);
}

static void give_up_all(void)
{
	while (t.outstanding)
		give_up(t.oldest);
}

/* A younger request than the oldest has its response: those between wait for theirs out of turn. */
static void pass_over(u64 number)
{
	u64 i;

	for (i = t.oldest; i < number; i++)
		shadow(i)->passed = true;
	settle(number);
	if (number - t.oldest > PASSED_MAX)
		give_up(t.oldest);
}

static void judge(const struct vdummy_response *rsp)
{
	u64 i;

	t.result->received++;
	if (!t.outstanding) {
		t.result->corrupt++;	/* a response to nothing */
		return;
	}
	for (i = t.oldest; i < t.result->sent; i++) {
		if (!shadow(i)->waits || memcmp(shadow(i)->req.buffer, rsp->buffer, VDUMMY_PACKET_SIZE))
			continue;
		if (shadow(i)->passed)
			t.result->reordered++;
		if (i == t.oldest)
			settle(i);
		else
			pass_over(i);
		return;
	}
	t.result->corrupt++;
	settle(t.oldest);
}

static bool may_send(void)
{
	return t.result->sent < t.run->count && t.outstanding < t.run->window &&
	       t.result->sent - t.oldest < SHADOWS;
}

/* As many as go, and one event for all. Return: false if none went. */
static bool send_burst(vdummy_priv_t *priv)
{
	bool any = false;

	while (may_send()) {
		struct shadow *s = shadow(t.result->sent);

		if (!t.pattern.pending)
			pattern_next(&t.pattern);
		if (vdummy_put(priv, &t.pattern.message) == RING_FULL) {
			t.result->full++;
			break;
		}
		t.pattern.pending = false;
		s->req = t.pattern.message;
		s->waits = true;
		s->passed = false;
		t.outstanding++;
		t.result->sent++;
		any = true;
	}
	if (any)
		vdummy_notify(priv);
	return any;
}

/* Return: 0 or RING_BROKEN. */
static int take_all(vdummy_priv_t *priv)
{
	struct vdummy_response rsp __attribute__((aligned(8)));
	bool early;
	int got;

	while ((got = vdummy_take(priv, &rsp, &early)) > 0) {
		t.result->early += early;
		t.progress = time_now();
		t.silent = false;
		judge(&rsp);
	}
	return got;
}

/* Waits for responses. Return: false if the run is to end. */
static bool await(vdummy_priv_t *priv)
{
	u64 deadline = t.progress + SILENCE_MS * NS_PER_MS;

	while (!wait_event_until(&priv->wait, vdummy_ready(priv), time_in_ms(POLL_MS))) {
		if (console_break())
			return false;
		if (time_now() < deadline)
			continue;
		give_up_all();
		t.progress = time_now();
		/* Twice in a row: nobody is there. */
		if (t.silent)
			return false;
		t.silent = true;
		return true;
	}
	return priv->connected;
}

static int exchange(vdummy_priv_t *priv)
{
	bool sent;
	int err;

	while (t.result->sent < t.run->count || t.outstanding) {
		/* Half a window at a time, so that an event is for many messages. */
		sent = t.outstanding <= t.run->window / 2 && send_burst(priv);
		if (!sent && !t.outstanding && t.silent)
			break;		/* the ring is full of requests that nobody answers */
		if (!await(priv))
			break;
		err = take_all(priv);
		if (err)
			return err;
	}
	return 0;
}

/* Answers to runs that had given up. */
static int take_stale(vdummy_priv_t *priv)
{
	struct vdummy_response rsp __attribute__((aligned(8)));
	bool early;
	int got;

	while ((got = vdummy_take(priv, &rsp, &early)) > 0)
		priv->stats.stale++;
	return got;
}

int vdummy_traffic(vdummy_priv_t *priv, const struct vdummy_run *run, struct vdummy_result *result)
{
	u64 start;
	int err;

	err = vdummy_begin(priv);
	if (err)
		return err;
	memset(result, 0, sizeof(*result));
	memset(&t, 0, sizeof(t));
	t.run = run;
	t.result = result;
	pattern_init(&t.pattern, run);
	start = time_now();
	t.progress = start;
	console_break_clear();

	err = take_stale(priv);
	if (!err)
		err = exchange(priv);
	console_break_clear();
	give_up_all();
	result->ms = (time_now() - start) / NS_PER_MS;
	vdummy_end(priv);
	if (err)
		vdummy_broken(priv);
	return 0;
}
