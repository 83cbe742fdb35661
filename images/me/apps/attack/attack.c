/* SPDX-License-Identifier: GPL-2.0-only */
/* attack.c - the command: which attacks, how often, and what became of them. */
#include <string.h>

#include "abi/soo.h"
#include "attack.h"
#include "printk.h"
#include "shell.h"
#include "soo/avz.h"
#include "thread.h"
#include "time.h"

#define COUNT_MAX	10000000ul
#define SEED_MAX	0xfffffffful
#define TURN		256u		/* operations between two turns for other threads */

static const struct attack *const families[] = {
	attacks_requests, attacks_owners, attacks_limits, attacks_calls, attacks_events, attacks_page,
	attacks_ring, attacks_handshake, attacks_leave,
};

/* All of them in a row. */
static const struct attack *at(u32 index)
{
	u32 f;

	for (f = 0; f < ARRAY_SIZE(families); f++) {
		const struct attack *a;

		for (a = families[f]; a->name; a++)
			if (!index--)
				return a;
	}
	return NULL;
}

static bool find(const char *name, u32 *index)
{
	for (*index = 0; at(*index); (*index)++)
		if (!strcmp(at(*index)->name, name))
			return true;
	return false;
}

/* xorshift64* */
u32 attack_random(struct attack_run *run)
{
	run->random ^= run->random >> 12;
	run->random ^= run->random << 25;
	run->random ^= run->random >> 27;
	return (u32)(run->random * 0x2545f4914f6cdd1dul >> 32);
}

static void once(struct attack_run *run)
{
	enum outcome outcome = at(run->index)->once(run);

	if (outcome != OUTCOME_PENDING)
		run->tally[run->index][outcome]++;
	run->step++;
	if (run->step % TURN == 0)
		thread_yield();
}

static void repeat(struct attack_run *run, u64 count)
{
	bool holds = !at(run->index)->polite;

	if (holds)
		attack_requests_begin(run);
	for (; count && !run->cut; count--)
		once(run);
	if (holds) {
		attack_collect(run);
		attack_requests_end();
	}
}

/* Of all that can follow each other, in any order. */
static void mix(struct attack_run *run, u64 count)
{
	u32 choice[ATTACKS_MAX], n = 0, i;

	for (i = 0; at(i); i++)
		if (!at(i)->alone)
			choice[n++] = i;
	attack_requests_begin(run);
	for (; count && !run->cut; count--) {
		run->index = choice[attack_below(run, n)];
		once(run);
	}
	attack_collect(run);
	attack_requests_end();
}

/* What was accepted within a limit was no offence. */
static void allow(u64 *tally, u32 limit)
{
	u64 allowed = tally[OUTCOME_ACCEPTED] < limit ? tally[OUTCOME_ACCEPTED] : limit;

	tally[OUTCOME_ACCEPTED] -= allowed;
	tally[OUTCOME_ALLOWED] += allowed;
}

static void print_tally(const char *name, const u64 *t)
{
	printf("attack: name=%s done=%lu allowed=%lu refused=%lu accepted=%lu unanswered=%lu\n", name,
	       t[OUTCOME_DONE], t[OUTCOME_ALLOWED], t[OUTCOME_REFUSED], t[OUTCOME_ACCEPTED],
	       t[OUTCOME_UNANSWERED]);
}

static bool report(struct attack_run *run, u64 seed, u64 began)
{
	static u64 sum[OUTCOME_COUNT];
	u64 operations = 0;
	u32 i, o;

	memset(sum, 0, sizeof(sum));
	for (i = 0; at(i); i++) {
		u64 here = 0;

		allow(run->tally[i], at(i)->limit);
		for (o = 0; o < OUTCOME_COUNT; o++) {
			here += run->tally[i][o];
			sum[o] += run->tally[i][o];
		}
		if (here)
			print_tally(at(i)->name, run->tally[i]);
		operations += here;
	}
	printf("attack: operations=%lu done=%lu allowed=%lu refused=%lu accepted=%lu unanswered=%lu cut=%d "
	       "seed=%lu ms=%lu\n", operations, sum[OUTCOME_DONE], sum[OUTCOME_ALLOWED], sum[OUTCOME_REFUSED],
	       sum[OUTCOME_ACCEPTED], sum[OUTCOME_UNANSWERED], run->cut, seed,
	       (time_now() - began) / NS_PER_MS);
	return !sum[OUTCOME_ACCEPTED];
}

static int list(void)
{
	u32 i;

	for (i = 0; at(i); i++)
		printf("%-16s %s\n", at(i)->name, at(i)->about);
	return SHELL_OK;
}

static bool parse_option(const char *arg, u64 *count, u64 *seed, u64 *other)
{
	const char *value = strchr(arg, '=');

	if (!value)
		return false;
	value++;
	if (!strncmp(arg, "count=", 6))
		return shell_number(value, 1, COUNT_MAX, count);
	if (!strncmp(arg, "seed=", 5))
		return shell_number(value, 0, SEED_MAX, seed);
	if (!strncmp(arg, "other=", 6))
		return shell_number(value, DOMID_ME_FIRST, DOMID_ME_LAST, other);
	return false;
}

static int usage(void)
{
	printf("usage: attack NAME|all|list count=1.. seed=N other=2..6\n");
	return SHELL_USAGE;
}

static int cmd_attack(int argc, char **argv)
{
	static struct attack_run run;	/* too much for a stack */
	u64 count = 1, seed = 1, other = 0;
	u64 began = time_now();
	bool all = argc > 1 && !strcmp(argv[1], "all");
	int i;

	memset(&run, 0, sizeof(run));
	if (argc == 2 && !strcmp(argv[1], "list"))
		return list();
	if (argc < 2 || (!all && !find(argv[1], &run.index)))
		return usage();
	for (i = 2; i < argc; i++)
		if (!parse_option(argv[i], &count, &seed, &other))
			return usage();
	if (!avz_present() || other == avz_domid())
		return usage();
	/* Without a victim: the domain after this one, whether there is one. */
	run.other = other ? (u32)other : avz_domid() == DOMID_ME_LAST ? DOMID_ME_FIRST : avz_domid() + 1;
	run.random = seed * 0x9e3779b97f4a7c15ul + 1;
	attack_random(&run);
	if (all)
		mix(&run, count);
	else
		repeat(&run, count);
	return report(&run, seed, began) ? SHELL_OK : SHELL_FAILED;
}
SHELL_COMMAND("attack", "NAME|all|list count=N seed=N other=2..6: be an enemy of the agency", cmd_attack);
