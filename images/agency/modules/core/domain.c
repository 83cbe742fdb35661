// SPDX-License-Identifier: GPL-2.0-only
/*
 * domain.c - the slots, and the birth and death of the domain in one.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include <soo/dcomm.h>
#include <soo/domain.h>
#include <soo/events.h>
#include <soo/evtchn.h>
#include <soo/fault.h>
#include <soo/gnttab.h>
#include <soo/vbs_client.h>
#include <soo/vbstore.h>
#include <soo/vbus.h>

DEFINE_MUTEX(soo_domains_lock);
static struct soo_domain *domains[SOO_MAX_DOMAINS];
static DECLARE_WAIT_QUEUE_HEAD(slot_freed);

const char *soo_me_state_name(enum soo_me_state state)
{
	static const char *const names[] = {
		"booting", "living", "suspended", "hibernate", "resuming",
		"awakened", "killed", "terminated", "dead",
	};

	return state < ARRAY_SIZE(names) ? names[state] : "unknown";
}

void soo_domain_set_state(struct soo_domain *dom, enum soo_me_state state)
{
	spin_lock(&dom->state_lock);
	if (dom->state != state && dom->state < ME_STATE_KILLED) {
		WRITE_ONCE(dom->state, state);
		soo_event("domain state dom=%u state=%s", dom->domid, soo_me_state_name(state));
	}
	spin_unlock(&dom->state_lock);
}

struct soo_domain *soo_domain_get(u32 domid)
{
	struct soo_domain *dom = NULL;

	if (domid >= SOO_MAX_DOMAINS)
		return NULL;
	mutex_lock(&soo_domains_lock);
	if (domains[domid] && !domains[domid]->dying) {
		dom = domains[domid];
		kref_get(&dom->ref);
	}
	mutex_unlock(&soo_domains_lock);
	return dom;
}

static void domain_free(struct kref *ref)
{
	struct soo_domain *dom = container_of(ref, struct soo_domain, ref);

	put_pid(dom->pid);
	kvfree(dom);
}

void soo_domain_put(struct soo_domain *dom)
{
	kref_put(&dom->ref, domain_free);
}

static int check_args(const struct soo_domain_create *args)
{
	u64 offset = args->shared - args->ram_base;

	if ((args->ram | args->ram_size | args->ram_base | args->shared) & ~PAGE_MASK)
		return -EINVAL;
	if (args->ram_size < 3 * PAGE_SIZE || args->ram_size > SZ_1G)
		return -EINVAL;
	if (args->shared < args->ram_base || offset > args->ram_size - 2 * PAGE_SIZE)
		return -EINVAL;
	if (args->slot && (args->slot < DOMID_ME_FIRST || args->slot > DOMID_ME_LAST))
		return -EINVAL;
	if (strnlen(args->name, sizeof(args->name)) == sizeof(args->name))
		return -EINVAL;
	if (strnlen(args->shortdesc, sizeof(args->shortdesc)) == sizeof(args->shortdesc))
		return -EINVAL;
	return 0;
}

static int claim_slot(struct soo_domain *dom, u32 wanted)
{
	u32 first = wanted ? wanted : DOMID_ME_FIRST;
	u32 last = wanted ? wanted : DOMID_ME_LAST;
	u32 d;

	mutex_lock(&soo_domains_lock);
	for (d = first; d <= last; d++) {
		if (!domains[d]) {
			dom->domid = d;
			domains[d] = dom;
			break;
		}
	}
	mutex_unlock(&soo_domains_lock);
	return d <= last ? 0 : -ENOSPC;
}

static void free_slot(struct soo_domain *dom)
{
	mutex_lock(&soo_domains_lock);
	domains[dom->domid] = NULL;
	mutex_unlock(&soo_domains_lock);
	wake_up_all(&slot_freed);
}

static struct soo_domain *domain_alloc(const struct soo_domain_create *args)
{
	struct soo_domain *dom = kvzalloc(sizeof(*dom), GFP_KERNEL);

	if (!dom)
		return NULL;
	kref_init(&dom->ref);
	mutex_init(&dom->upcall_lock);
	mutex_init(&dom->grants_lock);
	mutex_init(&dom->life_lock);
	spin_lock_init(&dom->state_lock);
	soo_contain_init(dom);
	dom->state = ME_STATE_BOOTING;
	dom->incarnation = args->incarnation;
	dom->spid = args->spid;
	strscpy(dom->name, args->name, sizeof(dom->name));
	strscpy(dom->shortdesc, args->shortdesc, sizeof(dom->shortdesc));
	dom->mm = current->mm;
	dom->pid = get_task_pid(current, PIDTYPE_TGID);
	dom->ram = args->ram;
	dom->ram_size = args->ram_size;
	dom->ram_base = args->ram_base;
	return dom;
}

int soo_domain_create(struct soo_domain_create *args, struct soo_domain **ret)
{
	struct soo_domain *dom;
	int err;

	err = check_args(args);
	if (err)
		return err;
	soo_fault_on_injection();
	dom = domain_alloc(args);
	if (!dom)
		return -ENOMEM;
	err = claim_slot(dom, args->slot);
	if (err)
		goto put_domain;
	err = soo_share_pages(dom, args->shared);
	if (err)
		goto free_slot;
	dom->irq = eventfd_ctx_fdget(args->irq);
	if (IS_ERR(dom->irq)) {
		err = PTR_ERR(dom->irq);
		goto unshare_pages;
	}
	soo_event_text("name", dom->name, "domain create dom=%u pid=%d spid=%llx incarnation=%u", dom->domid,
		       pid_nr(dom->pid), dom->spid, dom->incarnation);
	if (dom->incarnation)
		soo_domain_set_state(dom, ME_STATE_RESUMING);
	err = vbs_client_create(dom);
	if (err)
		goto put_irq;
	err = dcomm_init_domain(dom);
	if (err)
		goto destroy_client;
	err = soo_doorbell_init(dom, args->doorbell);
	if (err)
		goto exit_dcomm;
	args->slot = dom->domid;
	*ret = dom;
	return 0;

exit_dcomm:
	dcomm_exit_domain(dom);
destroy_client:
	vbs_client_destroy(dom);
	vbs_remove_domain(dom->domid);
	evtchn_close_all(dom);
	soo_event("domain destroy dom=%u", dom->domid);
put_irq:
	eventfd_ctx_put(dom->irq);
unshare_pages:
	soo_unshare_pages(dom);
free_slot:
	free_slot(dom);
put_domain:
	soo_domain_put(dom);
	return err;
}

void soo_domain_start(struct soo_domain *dom)
{
	soo_event("domain start dom=%u", dom->domid);
}

/*
 * Called once, when the last reference to the host's file goes. From then on no hypercall comes,
 * though the ME's memory stays until it is unpinned here.
 */
void soo_domain_destroy(struct soo_domain *dom)
{
	mutex_lock(&soo_domains_lock);
	dom->dying = true;
	mutex_unlock(&soo_domains_lock);

	soo_domain_set_state(dom, ME_STATE_KILLED);
	wake_up_all(&dom->dc_wait);
	vbus_wake_domain(dom->domid);
	soo_doorbell_exit(dom);
	dcomm_cancel_works(dom);
	vbus_remove_domain(dom->domid);
	dcomm_exit_domain(dom);
	vbs_client_destroy(dom);
	soo_contain_exit(dom);
	if (!soo_fault("be-entries-left"))
		vbs_remove_domain(dom->domid);
	gnttab_release_all(dom);
	evtchn_close_all(dom);
	eventfd_ctx_put(dom->irq);
	soo_unshare_pages(dom);
	soo_event("domain destroy dom=%u", dom->domid);
	free_slot(dom);
	soo_domain_put(dom);
}

static bool slot_is_free_of(struct soo_domain *dom)
{
	bool gone;

	mutex_lock(&soo_domains_lock);
	gone = domains[dom->domid] != dom;
	mutex_unlock(&soo_domains_lock);
	return gone;
}

bool soo_domain_wait_end(struct soo_domain *dom, unsigned int timeout_ms)
{
	return wait_event_timeout(slot_freed, slot_is_free_of(dom), msecs_to_jiffies(timeout_ms)) > 0;
}

int soo_domain_kill(struct soo_domain *dom, unsigned int timeout_ms)
{
	soo_domain_set_state(dom, ME_STATE_KILLED);
	kill_pid(dom->pid, SIGKILL, 1);
	return soo_domain_wait_end(dom, timeout_ms) ? 0 : -ETIMEDOUT;
}
