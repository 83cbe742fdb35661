/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dc.c - direct communication. The sender stores an event in its word and raises the channel; the
 * receiver acts, clears the word and raises the channel.
 */
#include "fault.h"
#include "printk.h"
#include "soo/avz.h"
#include "soo/dc.h"
#include "soo/soo.h"
#include "soo/vbs.h"
#include "thread.h"
#include "wait.h"

#define ANSWER_MS	10000ul

static struct wait_queue changed = WAIT_QUEUE_INIT(changed);
static u32 port;

void dc_wake(void)
{
	wait_wake_all(&changed);
}

static void dc_event(void *arg __unused)
{
	dc_wake();
}

int dc_send(enum soo_dc_event event)
{
	u32 *word = &avz_shared()->dc_to_agency;

	__atomic_store_n(word, event, __ATOMIC_RELEASE);
	evtchn_notify(port);
	/* Pairs with the agency's release: what it did for the event is seen after it. */
	if (!wait_event_until(&changed, __atomic_load_n(word, __ATOMIC_ACQUIRE) == DC_NO_EVENT,
			      time_in_ms(ANSWER_MS)))
		return -ETIMEDOUT;
	return 0;
}

/* Return: false if this ME will not do it. */
static bool act(u32 event)
{
	switch (event) {
	case DC_PRE_SUSPEND:
		return soo_may_suspend();
	case DC_SUSPEND:
		return !soo_suspend();
	case DC_RESUME:
		return !soo_resume();
	case DC_FORCE_TERMINATE:
		return soo_may_terminate() && !soo_terminate();
	case DC_POST_ACTIVATE:
		printk("soo: living\n");
		return true;
	default:
		printk("soo: event %u from the agency is refused\n", event);
		return false;
	}
}

static bool left_unanswered(u32 event)
{
	return (event == DC_FORCE_TERMINATE && fault_active("fe-no-reply-terminate")) ||
	       (event == DC_SUSPEND && fault_active("fe-no-reply-suspend"));
}

static void serve(u32 event)
{
	struct avz_shared *shared = avz_shared();

	if (left_unanswered(event))
		return;
	if (!act(event))
		__atomic_store_n(&shared->dc_refused, 1, __ATOMIC_RELAXED);
	/*
	 * Release: what was done is seen before the word is clear. Only this event is cleared: the
	 * agency may have given up waiting and sent another one.
	 */
	__atomic_compare_exchange_n(&shared->dc_to_me, &event, DC_NO_EVENT, false, __ATOMIC_RELEASE,
				    __ATOMIC_RELAXED);
	evtchn_notify(port);
}

static void dc_thread(void *arg __unused)
{
	u32 *word = &avz_shared()->dc_to_me;
	u32 event = DC_NO_EVENT;

	for (;;) {
		u32 unanswered = event;

		/* Pairs with the agency's release of the word. An event is served once, even if it stays. */
		wait_event(&changed, (event = __atomic_load_n(word, __ATOMIC_ACQUIRE)) != unanswered);
		if (event != DC_NO_EVENT)
			serve(event);
		event = __atomic_load_n(word, __ATOMIC_ACQUIRE) == event ? event : DC_NO_EVENT;
	}
}

int dc_connect(void)
{
	char path[VBS_PATH_SIZE];
	int err;

	snprintf(path, sizeof(path), "soo/directcomm/%u/event-channel", avz_domid());
	err = vbs_read_u32(path, &port);
	if (err)
		return err;
	return evtchn_bind(port, dc_event, NULL);
}

int dc_init(void)
{
	int err;

	err = dc_connect();
	if (err)
		return err;
	return thread_create("dc", dc_thread, NULL);
}
