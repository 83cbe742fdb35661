// SPDX-License-Identifier: GPL-2.0-only
/*
 * evtchn.c - tables of event channels: one for the agency, one in each domain.
 */
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>

#include <soo/events.h>
#include <soo/evtchn.h>
#include <soo/fault.h>

/* Events are emitted under it too: observers see a number freed before it is used again. */
static DEFINE_SPINLOCK(evtchn_lock);

/* The agency's ends. They keep no reference to the domain: all are unbound before it goes. */
static struct evtchn agency_ports[EVTCHN_MAX];

static int find_free(const struct evtchn *table)
{
	u32 p;

	for (p = 1; p < EVTCHN_MAX; p++) {
		if (table[p].state == EVTCHN_FREE)
			return p;
	}
	return -ENOSPC;
}

int evtchn_alloc_unbound(struct soo_domain *dom, u32 remote, u32 *port)
{
	int p;

	if (remote != DOMID_AGENCY)
		return -EINVAL;
	spin_lock(&evtchn_lock);
	p = find_free(dom->ports);
	if (p > 0) {
		dom->ports[p] = (struct evtchn){ .state = EVTCHN_UNBOUND, .remote_dom = remote };
		soo_event("evtchn alloc dom=%u port=%d rdom=%u", dom->domid, p, remote);
	}
	spin_unlock(&evtchn_lock);
	if (p < 0)
		return p;
	*port = p;
	return 0;
}

static int bind_locked(struct soo_domain *dom, u32 port, evtchn_handler handler, void *data)
{
	int p;

	if (port >= EVTCHN_MAX || (dom->ports[port].state != EVTCHN_UNBOUND && !soo_fault("evtchn-foreign-bind")))
		return -EINVAL;
	p = find_free(agency_ports);
	if (p < 0)
		return p;
	agency_ports[p] = (struct evtchn){
		.state = EVTCHN_INTERDOMAIN,
		.remote = dom,
		.remote_dom = dom->domid,
		.remote_port = port,
		.handler = handler,
		.data = data,
	};
	dom->ports[port].state = EVTCHN_INTERDOMAIN;
	dom->ports[port].remote_port = p;
	soo_event("evtchn bind dom=%u port=%d rdom=%u rport=%u", DOMID_AGENCY, p, dom->domid, port);
	return p;
}

int evtchn_bind_interdomain(struct soo_domain *dom, u32 port, evtchn_handler handler, void *data,
			    u32 *local)
{
	int p;

	spin_lock(&evtchn_lock);
	p = bind_locked(dom, port, handler, data);
	spin_unlock(&evtchn_lock);
	if (p < 0)
		return p;
	*local = p;
	return 0;
}

void evtchn_unbind(u32 local)
{
	struct evtchn *ours = &agency_ports[local];
	struct soo_domain *dom;

	if (soo_fault("be-evtchn-left"))
		return;
	spin_lock(&evtchn_lock);
	dom = ours->remote;
	if (ours->state == EVTCHN_INTERDOMAIN) {
		struct evtchn *theirs = &dom->ports[ours->remote_port];

		theirs->state = EVTCHN_UNBOUND;
		theirs->remote_port = 0;
	}
	*ours = (struct evtchn){ .state = EVTCHN_FREE };
	soo_event("evtchn close dom=%u port=%u", DOMID_AGENCY, local);
	spin_unlock(&evtchn_lock);
	/* A handler that had been looked up before may still run: wait for it. */
	mutex_lock(&dom->upcall_lock);
	mutex_unlock(&dom->upcall_lock);
}

/* With evtchn_lock held. The agency's end stays reserved until its owner unbinds it. */
static void close_locked(struct evtchn *ch)
{
	if (ch->state == EVTCHN_INTERDOMAIN)
		agency_ports[ch->remote_port].state = EVTCHN_RESERVED;
	*ch = (struct evtchn){ .state = EVTCHN_FREE };
}

int evtchn_close(struct soo_domain *dom, u32 port)
{
	bool was_open;

	if (port >= EVTCHN_MAX)
		return -EINVAL;
	spin_lock(&evtchn_lock);
	was_open = dom->ports[port].state != EVTCHN_FREE;
	if (was_open) {
		close_locked(&dom->ports[port]);
		soo_event("evtchn close dom=%u port=%u", dom->domid, port);
	}
	spin_unlock(&evtchn_lock);
	return was_open ? 0 : -EINVAL;
}

void evtchn_close_all(struct soo_domain *dom)
{
	u32 p;

	for (p = 1; p < EVTCHN_MAX; p++)
		evtchn_close(dom, p);
}

void evtchn_notify(u32 local)
{
	const struct evtchn *ours = &agency_ports[local];

	spin_lock(&evtchn_lock);
	if (ours->state == EVTCHN_INTERDOMAIN) {
		u32 port = ours->remote_port;
		u32 *word = &ours->remote->shared->evtchn_to_me[port / 32];

		/* Pairs with the ME's acquire when it takes the bits. */
		smp_mb__before_atomic();
		atomic_or(1u << (port % 32), (atomic_t *)word);
		eventfd_signal(ours->remote->irq, 1);
	}
	spin_unlock(&evtchn_lock);
}
EXPORT_SYMBOL_GPL(evtchn_notify);

void evtchn_upcall(struct soo_domain *dom, u32 port)
{
	evtchn_handler handler = NULL;
	void *data = NULL;

	spin_lock(&evtchn_lock);
	if (dom->ports[port].state == EVTCHN_INTERDOMAIN) {
		const struct evtchn *ours = &agency_ports[dom->ports[port].remote_port];

		handler = ours->handler;
		data = ours->data;
	}
	spin_unlock(&evtchn_lock);
	if (handler)
		handler(data);
}

static const char *const state_names[] = { "free", "reserved", "unbound", "interdomain", "virq" };

static void show_table(struct seq_file *m, u32 domid, u32 port, const struct evtchn *ch)
{
	if (ch->state == EVTCHN_FREE)
		return;
	seq_printf(m, "dom=%u port=%u state=%s rdom=%u rport=%u\n", domid, port, state_names[ch->state],
		   ch->remote_dom, ch->remote_port);
}

void evtchn_show(struct seq_file *m)
{
	struct soo_domain *dom;
	u32 d, p;

	for (p = 1; p < EVTCHN_MAX; p++)
		show_table(m, DOMID_AGENCY, p, &agency_ports[p]);
	for (d = DOMID_ME_FIRST; d <= DOMID_ME_LAST; d++) {
		dom = soo_domain_get(d);
		if (!dom)
			continue;
		for (p = 1; p < EVTCHN_MAX; p++)
			show_table(m, d, p, &dom->ports[p]);
		soo_domain_put(dom);
	}
}
