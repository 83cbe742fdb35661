/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * domain.h - a domain: an ME from the moment its host claims it until that host's file is closed.
 *
 * Lock order: soo_domains_lock; domain.life_lock, domain.dc_send_lock or vbus_device.lock,
 * domain.upcall_lock, then the locks of store, channels and grants, which are leaves.
 */
#ifndef SOO_DOMAIN_H
#define SOO_DOMAIN_H

#include <linux/completion.h>
#include <linux/eventfd.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/poll.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <abi/core.h>
#include <abi/evtchn.h>
#include <abi/gnttab.h>
#include <abi/soo.h>
#include <abi/vbstore.h>
#include <soo/contain.h>

struct soo_domain;
typedef void (*evtchn_handler)(void *data);

struct evtchn {
	enum evtchn_state state;
	u32 remote_dom;
	u32 remote_port;
	struct soo_domain *remote;	/* the agency's ends only, as is the rest */
	evtchn_handler handler;
	void *data;
};

struct grant {
	enum gnttab_state state;
	u64 frame;			/* as the ME numbers it */
	struct page *page;		/* pinned while the reference exists */
};

/* Where the ME's doorbell arrives. */
struct doorbell {
	struct eventfd_ctx *ctx;
	wait_queue_head_t *head;
	wait_queue_entry_t wait;
	poll_table poll;
	struct delayed_work work;
	struct soo_rate rate;
	unsigned long pause;		/* jiffies before the next look */
};

struct soo_domain {
	u32 domid;
	struct kref ref;
	enum soo_me_state state;	/* moved by soo_domain_set_state() */
	spinlock_t state_lock;
	u32 incarnation;
	struct mutex life_lock;		/* one suspend, resume or shutdown at a time */
	bool dying;			/* under soo_domains_lock: its file is being closed */
	u64 spid;
	char name[SOO_ME_NAME_SIZE];
	char shortdesc[SOO_ME_SHORTDESC_SIZE];

	struct mm_struct *mm;		/* of its host; compared, never used after the host died */
	struct pid *pid;
	u64 ram;
	u64 ram_size;
	u64 ram_base;

	struct page *shared_pages[2];
	struct avz_shared *shared;
	struct vbs_page *vbs_page;

	struct doorbell doorbell;
	struct eventfd_ctx *irq;
	struct mutex upcall_lock;	/* held while a handler of this domain's channels runs */
	struct evtchn ports[EVTCHN_MAX];	/* under evtchn_lock */

	struct mutex grants_lock;
	struct grant grants[GNTTAB_MAX];

	struct vbs_client *vbs;		/* its connection to the store */
	u32 vbs_port;			/* the ME's end of it */

	u32 dc_port;			/* agency's end of the direct-communication channel */
	struct mutex dc_send_lock;	/* one event on its way to the ME */
	wait_queue_head_t dc_wait;
	struct delayed_work dc_work;	/* acts on the event that the ME has sent */
	struct soo_rate dc_rate;
	struct work_struct activate_work;
	bool probed;			/* TRIGGER_DEV_PROBE was seen */

	struct soo_rate call_rate;	/* hypercalls that changed something */
	spinlock_t refusals_lock;
	u64 refused;			/* requests, in all */
	u64 refusals_since;		/* ns */
	unsigned int refusals;		/* not forgiven yet */
	bool cut_off;			/* from then on nothing that it asks for is done */
	const char *cut_reason;
	struct work_struct cut_work;
};

extern struct workqueue_struct *soo_wq;
extern struct mutex soo_domains_lock;

int soo_domain_create(struct soo_domain_create *args, struct soo_domain **ret);
void soo_domain_start(struct soo_domain *dom);
void soo_domain_destroy(struct soo_domain *dom);

/* Return: the domain with a reference held, or NULL. */
struct soo_domain *soo_domain_get(u32 domid);
void soo_domain_put(struct soo_domain *dom);

/* Return: 0, -ETIMEDOUT if its host does not go away. */
int soo_domain_kill(struct soo_domain *dom, unsigned int timeout_ms);

/* Wait until the slot is free of @dom. Return: false if it still is not. */
bool soo_domain_wait_end(struct soo_domain *dom, unsigned int timeout_ms);

/*
 * The life of an ME, each within @timeout_ms (bounded). Return: 0, -EBUSY (not in this state),
 * -ECONNREFUSED (the ME will not), -ETIMEDOUT (no answer), -ENODEV (gone meanwhile), -ERESTARTSYS,
 * -EPROTO (a restored ME that does not ask for its devices).
 */
int soo_me_suspend(struct soo_domain *dom, unsigned int timeout_ms);
int soo_me_resume(struct soo_domain *dom, unsigned int timeout_ms);
int soo_me_shutdown(struct soo_domain *dom, unsigned int timeout_ms);

/* The host is about to save it: Suspended becomes Hibernate. Return: 0, -EBUSY. */
int soo_me_save(struct soo_domain *dom);

/* From killed, terminated and dead there is no way back. */
void soo_domain_set_state(struct soo_domain *dom, enum soo_me_state state);
const char *soo_me_state_name(enum soo_me_state state);

/* The page of the ME's frame @addr >> PAGE_SHIFT, pinned. The caller is the domain's host. */
int soo_domain_pin(struct soo_domain *dom, u64 addr, struct page **ret);

/* The shared page and the store's, zeroed and filled with what an ME needs to start. */
int soo_share_pages(struct soo_domain *dom, u64 shared);
void soo_unshare_pages(struct soo_domain *dom);

int soo_doorbell_init(struct soo_domain *dom, int fd);
void soo_doorbell_exit(struct soo_domain *dom);

/* Return: 0, or SOO_HYPERCALL_END. */
int soo_hypercall(struct soo_domain *dom, u32 op);

int soo_core_dev_init(void);
void soo_core_dev_exit(void);

struct dentry;
void soo_views_init(struct dentry *root);

#endif /* SOO_DOMAIN_H */
