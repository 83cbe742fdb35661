/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * attack.h - this ME as an enemy of its agency.
 *
 * An attack is one operation that the agency must refuse, or at least survive; it works on the shared
 * pages and the hypercalls themselves, past this kernel's own manners. `attack` in the shell repeats
 * it, or mixes several, in an order that follows from a seed.
 */
#ifndef ATTACK_H
#define ATTACK_H

#include "abi/vbstore.h"
#include "abi/vbus.h"

#include "types.h"

/* What became of one operation. */
enum outcome {
	OUTCOME_PENDING,	/* a request to the store is on its way: its reply counts */
	OUTCOME_DONE,		/* there is nothing that could be refused */
	OUTCOME_ALLOWED,	/* within what an ME may do */
	OUTCOME_REFUSED,
	OUTCOME_ACCEPTED,	/* it should have been refused */
	OUTCOME_UNANSWERED,
	OUTCOME_COUNT,
};

struct attack_run;

struct attack {
	const char *name;
	const char *about;
	/* One operation. */
	enum outcome (*once)(struct attack_run *run);
	/* How many of them the agency takes before it refuses; what is up to that is allowed. */
	u32 limit;
	/* It ends the link or the connection, or needs them in use: not for mixtures. */
	bool alone;
	/* It uses this kernel's own connection to the store, which is held otherwise. */
	bool polite;
};

#define ATTACK(attack_name, text, fn, ...) \
	{ .name = (attack_name), .about = (text), .once = (fn), ##__VA_ARGS__ }

/* One family of attacks in each file; ends with a name of NULL. */
extern const struct attack attacks_requests[], attacks_owners[], attacks_limits[], attacks_calls[],
	attacks_events[], attacks_page[], attacks_ring[], attacks_handshake[], attacks_leave[];

#define ATTACKS_MAX	64u

struct attack_run {
	u64 random;		/* state of the generator */
	u32 other;		/* domain of a victim */
	u32 step;		/* operations of the present attack so far */
	bool cut;		/* the agency has cut this ME off */
	u32 index;		/* of the attack among all */
	u64 tally[ATTACKS_MAX][OUTCOME_COUNT];
};

u32 attack_random(struct attack_run *run);
static inline u32 attack_below(struct attack_run *run, u32 limit)
{
	return attack_random(run) % limit;
}

/* A request to the store, as it is; it is published with the next ones. */
enum outcome attack_request(struct attack_run *run, u32 type, u32 len, const void *payload, u32 size);

/* A well-formed one: path and value each with its NUL; either may be NULL. */
enum outcome attack_ask(struct attack_run *run, u32 type, const char *path, const char *value);

/* Publishes what was asked and waits for the replies. */
void attack_collect(struct attack_run *run);
void attack_requests_begin(struct attack_run *run);
void attack_requests_end(void);

/* A hypercall that must fail. */
enum outcome attack_call(struct attack_run *run, u32 op, u64 arg0, u64 arg1);

/* Waits, at most @ms, until the agency has cut this ME off. */
bool attack_await_cut(struct attack_run *run, u32 ms);

#endif /* ATTACK_H */
