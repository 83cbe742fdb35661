/* SPDX-License-Identifier: GPL-2.0-only */
/* traffic.c - one run of messages: sends, waits, takes, and has each response judged. */
#include <string.h>

#include "console.h"
#include "pattern.h"
#include "shadow.h"
#include "thread.h"

#define SILENCE_MS	2000ul	/* without any response: what is outstanding is lost */
#define POLL_MS		50ul	/* how often Ctrl-C is looked for */

static struct {
	const struct vdummy_run *run;
	struct vdummy_result *result;
	struct shadows shadows;
	struct pattern pattern;
	u64 progress;		/* when the last response came, ns */
	u64 next;		/* not before are further messages sent, ns */
	bool put_off;		/* there is something to send, but it is not time yet */
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
	if (any) {
		t.next = time_in_ms(t.run->every);
		vdummy_notify(priv);
	}
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

/* Into a section, through a suspend. Return: 0, or -errno: the run is over. */
static int enter(vdummy_priv_t *priv)
{
	int err;

	if (priv->vdev->open)
		return vbus_begin(priv->vdev, TIME_NEVER);
	while ((err = vbus_begin(priv->vdev, time_in_ms(POLL_MS))) == -ETIMEDOUT && !console_break())
		;
	/* Nobody could answer meanwhile. */
	t.progress = time_now();
	return err;
}

/* When to look again although nothing came. */
static u64 look(void)
{
	u64 poll = time_in_ms(POLL_MS);

	return t.put_off && t.next < poll ? t.next : poll;
}

/* Waits for responses, or until more may be sent. Return: false if none can come any more. */
static bool await(vdummy_priv_t *priv)
{
	while (!wait_event_until(&priv->wait, vdummy_ready(priv), look())) {
		t.stopped |= console_break();
		if (t.put_off && time_now() >= t.next) {
			t.progress = time_now();
			return true;
		}
		/* A suspend is no silence; enter() waits for its end. */
		if (!priv->vdev->open)
			return true;
		if (time_now() < t.progress + SILENCE_MS * NS_PER_MS)
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

/* One turn within a section. Return: 1, 0 if all is done, RING_BROKEN. */
static int turn(vdummy_priv_t *priv)
{
	bool half_empty, sent;
	int err;

	err = take_all(priv);
	if (err)
		return err;
	t.stopped |= console_break() || !priv->active;
	/* Half a window at a time, so that an event is for many messages. */
	half_empty = t.shadows.outstanding <= t.run->window / 2;
	t.put_off = half_empty && may_send() && time_now() < t.next;
	sent = half_empty && !t.put_off && send_burst(priv);
	/* Not sent though nothing is outstanding: the ring is full of requests that nobody answers. */
	return sent || t.shadows.outstanding || !(t.silent || t.stopped || t.result->sent == t.run->count);
}

static int exchange(vdummy_priv_t *priv)
{
	int more;

	do {
		/* The device went away: what is outstanding is lost. */
		if (enter(priv))
			return 0;
		more = turn(priv);
		vbus_end(priv->vdev);
		/* As long as answers come quickly enough await() does not wait. */
		thread_yield();
	} while (more > 0 && await(priv));
	return more < 0 ? more : 0;
}

/* Answers to runs that had given up. */
static int take_stale(vdummy_priv_t *priv)
{
	struct vdummy_response rsp __attribute__((aligned(8)));
	bool early;
	int got;

	got = enter(priv);
	if (got)
		return 0;
	while ((got = vdummy_take(priv, &rsp, &early)) > 0)
		priv->stats.stale++;
	vbus_end(priv->vdev);
	return got;
}

int vdummy_traffic(vdummy_priv_t *priv, const struct vdummy_run *run, struct vdummy_result *result)
{
	u64 start;
	int err;

	err = vdummy_open(priv);
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
	vdummy_release(priv);
	if (err)
		vdummy_broken(priv);
	return 0;
}
