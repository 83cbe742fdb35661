// SPDX-License-Identifier: GPL-2.0-only
/*
 * contain.c - counting what an ME was refused, and cutting it off.
 */
#include <linux/ktime.h>
#include <linux/seq_file.h>

#include <abi/limits.h>
#include <soo/contain.h>
#include <soo/domain.h>
#include <soo/events.h>
#include <soo/vbstore.h>
#include <soo/vbus.h>

#define WINDOW_NS	(SOO_RATE_WINDOW_MS * NSEC_PER_MSEC)

unsigned int soo_rate_full(struct soo_rate *rate, unsigned int limit)
{
	u64 now = ktime_get_ns();

	if (now - rate->window >= WINDOW_NS) {
		rate->window = now;
		rate->count = 0;
	}
	if (rate->count < limit)
		return 0;
	return div_u64(rate->window + WINDOW_NS - now, NSEC_PER_MSEC) + 1;
}

unsigned int soo_rate_take(struct soo_rate *rate, unsigned int limit)
{
	unsigned int wait = soo_rate_full(rate, limit);

	if (!wait)
		rate->count++;
	return wait;
}

/* By the agency, in a directory that the ME may have taken away, or not made yet. */
static void write_reason(u32 domid, const char *text)
{
	char path[VBS_PATH_SIZE];
	int err;

	snprintf(path, sizeof(path), "soo/me/%u", domid);
	err = vbs_mkdir(DOMID_AGENCY, VBS_NO_TRANSACTION, path);
	if (!err || err == -EEXIST) {
		snprintf(path, sizeof(path), "soo/me/%u/error", domid);
		err = vbs_write(DOMID_AGENCY, VBS_NO_TRANSACTION, path, text);
	}
	if (err)
		pr_err_ratelimited("soo: the reason of domain %u was not written: %d\n", domid, err);
}

static void cut_work(struct work_struct *work)
{
	struct soo_domain *dom = container_of(work, struct soo_domain, cut_work);

	pr_err_ratelimited("soo: domain %u is cut off: %s\n", dom->domid, dom->cut_reason);
	soo_event_text("text", dom->cut_reason, "error report dev=soo/me/%u code=%d", dom->domid, -ECONNABORTED);
	write_reason(dom->domid, dom->cut_reason);
	/* A probe that had begun is over then, and no other one begins. */
	flush_delayed_work(&dom->dc_work);
	vbus_fail_domain(dom, dom->cut_reason);
}

void soo_cut_off(struct soo_domain *dom, const char *why)
{
	if (cmpxchg(&dom->cut_off, false, true))
		return;
	dom->cut_reason = why;
	wake_up_all(&dom->dc_wait);
	queue_work(system_unbound_wq, &dom->cut_work);
}

/* A bucket that leaks: who is refused now and then is never cut off. Return: is it full? */
static bool count_refusal(struct soo_domain *dom, bool *tell)
{
	u64 now = ktime_get_ns();
	u64 forgiven;
	bool full;

	spin_lock(&dom->refusals_lock);
	*tell = ++dom->refused == SOO_REFUSALS_TOLD;
	forgiven = div_u64((now - dom->refusals_since) * SOO_REFUSALS_FORGIVEN, NSEC_PER_SEC);
	if (forgiven) {
		dom->refusals -= min_t(u64, dom->refusals, forgiven);
		dom->refusals_since = now;
	}
	full = ++dom->refusals > SOO_MAX_REFUSALS;
	spin_unlock(&dom->refusals_lock);
	return full;
}

void soo_refused(struct soo_domain *dom, int err, const char *what)
{
	char text[64];
	bool tell, full;

	full = count_refusal(dom, &tell);
	if (tell) {
		snprintf(text, sizeof(text), "refused: %s (%d)", what, err);
		write_reason(dom->domid, text);
	}
	if (full)
		soo_cut_off(dom, "refused too often");
}

void soo_contain_init(struct soo_domain *dom)
{
	spin_lock_init(&dom->refusals_lock);
	dom->refusals_since = ktime_get_ns();
	INIT_WORK(&dom->cut_work, cut_work);
}

void soo_contain_exit(struct soo_domain *dom)
{
	WRITE_ONCE(dom->cut_off, true);
	cancel_work_sync(&dom->cut_work);
}

void soo_contain_show(struct seq_file *m)
{
	u32 d;

	for (d = DOMID_ME_FIRST; d <= DOMID_ME_LAST; d++) {
		struct soo_domain *dom = soo_domain_get(d);
		unsigned int nodes, bytes;

		if (!dom)
			continue;
		vbs_usage(d, &nodes, &bytes);
		seq_printf(m, "dom=%u refused=%llu cut=%d nodes=%u bytes=%u\n", d, READ_ONCE(dom->refused),
			   READ_ONCE(dom->cut_off) ? 1 : 0, nodes, bytes);
		soo_domain_put(dom);
	}
}
