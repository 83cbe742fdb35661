// SPDX-License-Identifier: GPL-2.0-only
/*
 * dcomm.c - the direct-communication channel of each ME.
 *
 * Each direction has one word in the shared page. The sender stores an event and raises the
 * channel; the receiver acts, clears the word and raises the channel.
 */
#include <linux/jiffies.h>
#include <linux/kernel.h>

#include <abi/limits.h>
#include <soo/dcomm.h>
#include <soo/events.h>
#include <soo/evtchn.h>
#include <soo/vbstore.h>
#include <soo/vbus.h>

/* How long an ME may take to answer POST_ACTIVATE, in ms. */
#define ACTIVATE_TIMEOUT_MS	10000

static const char *event_name(u32 event)
{
	static const char *const names[] = {
		"none", "pre_suspend", "suspend", "resume", "force_terminate", "post_activate",
		"trigger_dev_probe", "trigger_local_cooperation",
	};

	return event < ARRAY_SIZE(names) ? names[event] : "unknown";
}

static void clear_event(struct soo_domain *dom)
{
	/* Pairs with the ME's acquire: what was done for the event is seen after it. */
	smp_store_release(&dom->shared->dc_to_agency, DC_NO_EVENT);
	evtchn_notify(dom->dc_port);
}

static void acknowledge(struct soo_domain *dom, u32 event)
{
	soo_event("dc ack dom=%u event=%s to=agency", dom->domid, event_name(event));
	clear_event(dom);
}

static void dc_work(struct work_struct *work)
{
	struct soo_domain *dom = container_of(to_delayed_work(work), struct soo_domain, dc_work);
	u32 event = smp_load_acquire(&dom->shared->dc_to_agency);
	unsigned int wait;

	if (event == DC_NO_EVENT || READ_ONCE(dom->cut_off))
		return;
	wait = soo_rate_take(&dom->dc_rate, SOO_RATE_DC_EVENTS);
	if (wait) {
		queue_delayed_work(system_unbound_wq, &dom->dc_work, msecs_to_jiffies(wait) + 1);
		return;
	}
	/* No other event goes this way. */
	if (event != DC_TRIGGER_DEV_PROBE) {
		soo_refused(dom, -EPROTO, "direct-communication event");
		clear_event(dom);
		return;
	}
	soo_event("dc send dom=%u event=%s to=agency", dom->domid, event_name(event));
	vbus_probe_domain(dom);
	WRITE_ONCE(dom->probed, true);
	acknowledge(dom, event);
	dcomm_device_connected(dom);
}

static void activate_work(struct work_struct *work)
{
	struct soo_domain *dom = container_of(work, struct soo_domain, activate_work);

	if (dom->state != ME_STATE_BOOTING)
		return;
	soo_domain_set_state(dom, ME_STATE_LIVING);
	dcomm_send(dom, DC_POST_ACTIVATE, jiffies + msecs_to_jiffies(ACTIVATE_TIMEOUT_MS));
}

void dcomm_device_connected(struct soo_domain *dom)
{
	if (READ_ONCE(dom->probed) && vbus_all_connected(dom->domid))
		queue_work(system_unbound_wq, &dom->activate_work);
}

static void dc_upcall(void *data)
{
	struct soo_domain *dom = data;

	queue_delayed_work(system_unbound_wq, &dom->dc_work, 0);
	wake_up_all(&dom->dc_wait);
}

static bool answered(struct soo_domain *dom)
{
	return smp_load_acquire(&dom->shared->dc_to_me) == DC_NO_EVENT || READ_ONCE(dom->dying) ||
	       READ_ONCE(dom->cut_off);
}

/* With dc_send_lock held. */
static int send_locked(struct soo_domain *dom, enum soo_dc_event event, unsigned long until)
{
	long left = time_before(jiffies, until) ? until - jiffies : 0;

	WRITE_ONCE(dom->shared->dc_refused, 0);
	smp_store_release(&dom->shared->dc_to_me, event);
	evtchn_notify(dom->dc_port);
	if (!wait_event_timeout(dom->dc_wait, answered(dom), left)) {
		WRITE_ONCE(dom->shared->dc_to_me, DC_NO_EVENT);
		return -ETIMEDOUT;
	}
	if (smp_load_acquire(&dom->shared->dc_to_me) != DC_NO_EVENT)
		return -ENODEV;
	return READ_ONCE(dom->shared->dc_refused) ? -ECONNREFUSED : 0;
}

static void report(struct soo_domain *dom, enum soo_dc_event event, int err)
{
	if (!err) {
		soo_event("dc ack dom=%u event=%s to=me", dom->domid, event_name(event));
		return;
	}
	soo_event("dc ack dom=%u event=%s to=me err=%d", dom->domid, event_name(event), err);
	if (err == -ETIMEDOUT) {
		pr_err("soo: domain %u does not answer to %s\n", dom->domid, event_name(event));
		soo_event("error report dev=soo/me/%u code=%d text=no-answer-to-%s", dom->domid, err,
			  event_name(event));
	}
}

int dcomm_send(struct soo_domain *dom, enum soo_dc_event event, unsigned long until)
{
	int err = -ENODEV;

	mutex_lock(&dom->dc_send_lock);
	if (!READ_ONCE(dom->dying) && !READ_ONCE(dom->cut_off)) {
		soo_event("dc send dom=%u event=%s to=me", dom->domid, event_name(event));
		err = send_locked(dom, event, until);
		report(dom, event, err);
	}
	mutex_unlock(&dom->dc_send_lock);
	return err;
}

void dcomm_terminated(struct soo_domain *dom)
{
	u32 event = DC_FORCE_TERMINATE;

	if (try_cmpxchg(&dom->shared->dc_to_me, &event, DC_NO_EVENT))
		wake_up_all(&dom->dc_wait);
}

int dcomm_init_domain(struct soo_domain *dom)
{
	char path[VBS_PATH_SIZE];
	char value[12];
	u32 port;
	int err;

	mutex_init(&dom->dc_send_lock);
	init_waitqueue_head(&dom->dc_wait);
	INIT_DELAYED_WORK(&dom->dc_work, dc_work);
	INIT_WORK(&dom->activate_work, activate_work);
	err = evtchn_alloc_unbound(dom, DOMID_AGENCY, &port);
	if (err)
		return err;
	err = evtchn_bind_interdomain(dom, port, dc_upcall, dom, &dom->dc_port);
	if (err)
		return err;	/* the caller closes all channels of the domain */
	snprintf(path, sizeof(path), "soo/directcomm/%u/event-channel", dom->domid);
	snprintf(value, sizeof(value), "%u", port);
	err = vbs_write(DOMID_AGENCY, VBS_NO_TRANSACTION, path, value);
	if (err)
		goto unbind;
	return 0;

unbind:
	evtchn_unbind(dom->dc_port);
	return err;
}

void dcomm_cancel_works(struct soo_domain *dom)
{
	cancel_delayed_work_sync(&dom->dc_work);
	cancel_work_sync(&dom->activate_work);
}

void dcomm_exit_domain(struct soo_domain *dom)
{
	evtchn_unbind(dom->dc_port);
	/* A device that connected meanwhile may have queued it again. */
	dcomm_cancel_works(dom);
	/* The shared page goes next: no sender is left in dcomm_send(). */
	mutex_lock(&dom->dc_send_lock);
	mutex_unlock(&dom->dc_send_lock);
}
