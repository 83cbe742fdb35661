/* SPDX-License-Identifier: GPL-2.0-only */
/* front.h - an ME's frontends by the book, one step at a time, for tests that leave the book when they like. */
#ifndef FRONT_H
#define FRONT_H

#include <abi/ring.h>
#include <abi/vbus.h>

#include "client.h"

/* One link, seen from the ME. */
struct front {
	struct client *client;
	const char *type;
	u32 d;
	u32 frame;		/* of the ring */
	u32 req_size, rsp_size;
	u32 ref, port;		/* 0: none yet */
	u32 state;		/* as it was written last; 0: there are no entries */
	struct ring ring;
};

void front_init(struct front *f, struct client *client, const char *type, u32 frame, u32 req_size, u32 rsp_size);

/* Make both ends' entries, in the front's state @state. */
void front_register(struct front *f, u32 state);

/* What the state of the back asks for, if anything. Return: was there anything to do? */
bool front_step(struct front *f);

/* A decimal number at <front>/<key>, in a transaction of its own. Return: the store's answer. */
int front_write(struct front *f, const char *key, u32 value);

/* The state of the back; 0 if there is none. */
u32 front_back_state(const struct front *f);

/* All entries of the link go. */
void front_remove(struct front *f);

/* Ask the agency to look for devices, and wait until it has. */
void front_probe_request(u32 d);

/* Answer what the agency wants of the ME, if anything. */
void front_answer_dc(u32 d, bool refuse);

#endif /* FRONT_H */
