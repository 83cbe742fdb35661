/* SPDX-License-Identifier: GPL-2.0-only */
/* raw.c - requests to the store as they are, many at a time, and the count of their replies. */
#include <string.h>

#include "attack.h"
#include "soo/avz.h"
#include "soo/vbs.h"
#include "thread.h"
#include "wait.h"

#define BATCH_MESSAGES	18u	/* whose replies fit the page, so that the store need not wait */
#define BATCH_BYTES	800u
#define REPLY_MS	3000ul
#define CUT_MS		150ul	/* longer than a window of the agency's limits */
#define LOOK_MS		20ul

static struct attack_run *current;
static u32 origin[BATCH_MESSAGES];	/* which attack has sent it */
static u32 first_id;			/* of this batch */
static u32 sent, answered;
static u32 bytes;
static struct wait_queue replies = WAIT_QUEUE_INIT(replies);

static void count_reply(const struct vbs_msg_header *head, const u8 *payload __unused)
{
	u32 i = head->id - first_id;

	if (!current || i >= sent)
		return;
	answered++;
	current->tally[origin[i]][head->type == VBS_ERROR ? OUTCOME_REFUSED : OUTCOME_ACCEPTED]++;
	wait_wake_all(&replies);
}

void attack_requests_begin(struct attack_run *run)
{
	vbs_hold();
	current = run;
	sent = answered = bytes = 0;
	vbs_tap(count_reply);
}

void attack_requests_end(void)
{
	vbs_tap(NULL);
	current = NULL;
	vbs_release();
}

bool attack_await_cut(struct attack_run *run, u32 ms)
{
	struct wait_queue nobody = WAIT_QUEUE_INIT(nobody);
	u64 end = time_in_ms(ms);

	/* There is no call 0: it is refused one way or the other. */
	while (!(run->cut = avz_hypercall(0, 0, 0, NULL) == -ESHUTDOWN) && time_now() < end)
		wait_event_until(&nobody, false, time_in_ms(LOOK_MS));
	return run->cut;
}

/* Return: false if they will not all come. */
static bool await_replies(struct attack_run *run)
{
	u64 end = time_in_ms(REPLY_MS);

	while (!wait_event_until(&replies, answered == sent, time_in_ms(CUT_MS)))
		if (attack_await_cut(run, 0) || time_now() > end)
			return false;
	return true;
}

void attack_collect(struct attack_run *run)
{
	u32 i;

	if (!sent)
		return;
	evtchn_notify(avz_shared()->vbstore_evtchn);
	if (!await_replies(run))
		for (i = answered; i < sent; i++)
			run->tally[origin[i]][OUTCOME_UNANSWERED]++;
	first_id += sent;
	sent = answered = bytes = 0;
}

enum outcome attack_request(struct attack_run *run, u32 type, u32 len, const void *payload, u32 size)
{
	struct vbs_msg_header head = {
		.revision = VBS_MSG_REVISION,
		.type = type,
		.len = len,
		.transaction_id = attack_random(run),
		.reserved = attack_random(run),
		.cookie = attack_random(run),
	};

	if (sent == BATCH_MESSAGES || bytes + vbs_msg_space(size) > BATCH_BYTES)
		attack_collect(run);
	if (run->cut)
		return OUTCOME_UNANSWERED;
	if (!first_id)
		first_id = 0x40000000u;	/* far from this kernel's own */
	head.id = first_id + sent;
	if (vbs_ring_put_raw(&head, payload, size))
		return OUTCOME_UNANSWERED;
	origin[sent++] = run->index;
	bytes += vbs_msg_space(size);
	return OUTCOME_PENDING;
}

enum outcome attack_ask(struct attack_run *run, u32 type, const char *path, const char *value)
{
	static char payload[VBS_MSG_MAX_PAYLOAD];
	u32 len = (u32)strlen(path) + 1;
	u32 value_len = value ? (u32)strlen(value) + 1 : 0;

	if (len + value_len > sizeof(payload))
		return OUTCOME_DONE;
	memcpy(payload, path, len);
	if (value)
		memcpy(payload + len, value, value_len);
	return attack_request(run, type, len + value_len, payload, len + value_len);
}

enum outcome attack_call(struct attack_run *run, u32 op, u64 arg0, u64 arg1)
{
	int err = avz_hypercall(op, arg0, arg1, NULL);

	if (err == -ESHUTDOWN)
		run->cut = true;
	return err ? OUTCOME_REFUSED : OUTCOME_ACCEPTED;
}
