/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vbs_server.h - one ME as a client of the store, between the files that serve it.
 */
#ifndef VBS_SERVER_H
#define VBS_SERVER_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include <soo/contain.h>
#include <soo/domain.h>
#include <soo/vbs_page.h>
#include <soo/vbstore.h>

struct vbs_client {
	struct soo_domain *dom;
	struct vbs_link link;
	struct delayed_work work;
	struct soo_rate messages;
	struct soo_rate changes;
	unsigned int pause;		/* ms that are left of a window with too many of them */
	struct list_head watches;
	unsigned int watch_count;
	u32 told;			/* kinds of answers that observers know of */
	bool has_reply;			/* `reply` waits for room */
	struct vbs_message request;
	struct vbs_message reply;

	spinlock_t events_lock;
	struct list_head events;	/* of watches, not yet in the page */
	unsigned int event_count;
};

void vbs_client_kick(struct vbs_client *c);

/* Return: 0, -ENOENT, -EEXIST, -ENOSPC, -ENOMEM. */
int vbs_client_watch(struct vbs_client *c, const char *path);
int vbs_client_unwatch(struct vbs_client *c, const char *path);

/* Return: 0, -EAGAIN, -EPROTO. *@wrote: something went into the page. */
int vbs_client_flush(struct vbs_client *c, bool *wrote);

/* Watches go, and the events of those that are gone. The work is cancelled in between. */
void vbs_client_drop_watches(struct vbs_client *c);
void vbs_client_drop_events(struct vbs_client *c);

/* The request, this side's copy. Return: the length of what is in @out (VBS_MSG_MAX_PAYLOAD), or -errno. */
int vbs_client_handle(struct vbs_client *c, struct vbs_message *req, u8 *out);

#endif /* VBS_SERVER_H */
