/* SPDX-License-Identifier: GPL-2.0-only */
/* client.h - an ME's end of its store page, by the book; for the MEs that a test has behave. */
#ifndef CLIENT_H
#define CLIENT_H

#include <soo/vbs_page.h>

struct client {
	u32 d;
	u32 req_prod;
	u32 rsp_cons;
	u32 last_id;
	bool careless;		/* may spoil its own connection: then no reply is no finding */
};

void client_init(struct client *c, u32 d);

/* Put a request into the page and raise the channel. Return: its number, or 0: there is no room. */
u32 client_send(struct client *c, u32 type, u32 tx, const void *payload, u32 len);

/* The next reply or event. Return: false if there is none. A malformed page is a finding. */
bool client_take(struct client *c, struct vbs_message *msg);

/*
 * The same with a path, and a value if it is not NULL; waits for the reply in virtual time. Events in
 * between go to @event if it is not NULL. Return: the length of the reply, or the
 * store's -errno, or -ESHUTDOWN of an ME that is cut off or gone, or
 * -ETIMEDOUT of a careless one.
 */
int client_call(struct client *c, u32 type, u32 tx, const char *path, const char *value, struct vbs_message *reply,
		void (*event)(struct client *c, const char *path));

#endif /* CLIENT_H */
