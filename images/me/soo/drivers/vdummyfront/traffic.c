/* SPDX-License-Identifier: GPL-2.0-only */
/* traffic.c - one run of messages: sends, waits, takes, and has each response judged. */
#include <string.h>

#include "console.h"
#include "pattern.h"
#include "shadow.h"

#define SILENCE_MS	2000ul	/* without any response: what is outstanding is lost */
#define POLL_MS		50ul	/* how often Ctrl-C is looked for */

static struct {
	const struct vdummy_run *run;
	struct vdummy_result *result;
	struct shadows shadows;
	struct pattern pattern;
	u64 progress;		/* when the last response came, ns */
	bool silent;		/* the last wait brought nothing */
	bool stopped;		/* nothing more is sent; what is outstanding is still waited for */
} t;

static bool may_send(void)
{
	return !t.stopped && t.result->sent < t.run->count && t.shadows.outstanding < t.run->window &&
	       shadows_room(&t.shadows);
}

/* As many as go, and one event for all. Return: false if none went. */
static bool send_burst(vdummy_priv_t *priv)
{
	bool any = false;

	while (may_send()) {
		if (!t.pattern.pending)
			pattern_next(&t.pattern);
		if (vdummy_put(priv, &t.pattern.message) == RING_FULL) {
			t.result->full++;
			break;
		}
		t.pattern.pending = false;
		shadows_add(&t.shadows, &t.pattern.message);
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
		shadows_judge(&t.shadows, &rsp);
	}
	return got;
}

/* Waits for responses. Return: false if none can come any more. */
static bool await(vdummy_priv_t *priv)
{
	u64 deadline = t.progress + SILENCE_MS * NS_PER_MS;

	while (!wait_event_until(&priv->wait, vdummy_ready(priv), time_in_ms(POLL_MS))) {
		t.stopped |= console_break();
		if (time_now() < deadline)
			continue;
		shadows_give_up(&t.shadows);
		t.progress = time_now();
		/* Twice in a row: nobody is there. */
		if (t.silent)
			return false;
		t.silent = true;
		return true;
	}
	return !priv->peer_gone;
}

static int exchange(vdummy_priv_t *priv)
{
	bool sent;
	int err;

	while ((t.result->sent < t.run->count && !t.stopped) || t.shadows.outstanding) {
		t.stopped |= console_break() || !priv->connected;
		/* Half a window at a time, so that an event is for many messages. */
		sent = t.shadows.outstanding <= t.run->window / 2 && send_burst(priv);
		if (!sent && !t.shadows.outstanding && (t.silent || t.stopped))
			break;		/* the ring is full of requests that nobody answers, or all is done */
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
	shadows_init(&t.shadows, result);
	pattern_init(&t.pattern, run);
	start = time_now();
	t.progress = start;
	console_break_clear();

	err = take_stale(priv);
	if (!err)
		err = exchange(priv);
	console_break_clear();
	shadows_give_up(&t.shadows);
	result->ms = (time_now() - start) / NS_PER_MS;
	vdummy_end(priv);
	if (err)
		vdummy_broken(priv);
	return 0;
}
