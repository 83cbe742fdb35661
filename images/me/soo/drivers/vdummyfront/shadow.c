/* SPDX-License-Identifier: GPL-2.0-only */
/* shadow.c - which request a response answers. */
#include <string.h>

#include "shadow.h"

#define PASSED_MAX	64u	/* no response comes after so many younger ones: the ring is smaller */

void shadows_init(struct shadows *s, struct vdummy_result *result)
{
	memset(s, 0, sizeof(*s));
	s->result = result;
}

static struct shadow *at(struct shadows *s, u64 number)
{
	return &s->table[number % SHADOWS];
}

bool shadows_room(const struct shadows *s)
{
	return s->result->sent - s->oldest < SHADOWS;
}

void shadows_add(struct shadows *s, const struct vdummy_request *req)
{
	*at(s, s->result->sent) = (struct shadow){ .req = *req, .waits = true };
	s->outstanding++;
	s->result->sent++;
}

static void settle(struct shadows *s, u64 number)
{
	at(s, number)->waits = false;
	s->outstanding--;
	while (s->oldest < s->result->sent && !at(s, s->oldest)->waits)
		s->oldest++;
}

static void give_up(struct shadows *s, u64 number)
{
	s->result->lost++;
	at(s, number)->lost = true;
	settle(s, number);
}

void shadows_give_up(struct shadows *s)
{
	while (s->outstanding)
		give_up(s, s->oldest);
}

/* A younger request than the oldest has its response: those between wait for theirs out of turn. */
static void pass_over(struct shadows *s, u64 number)
{
	u64 i;

	for (i = s->oldest; i < number; i++)
		at(s, i)->passed = true;
	settle(s, number);
	if (number - s->oldest > PASSED_MAX)
		give_up(s, s->oldest);
}

static bool answers(struct shadows *s, u64 number, const struct vdummy_response *rsp)
{
	return !memcmp(at(s, number)->req.buffer, rsp->buffer, VDUMMY_PACKET_SIZE);
}

/* Return: true if a request that waits was found. */
static bool match_waiting(struct shadows *s, const struct vdummy_response *rsp)
{
	u64 i;

	for (i = s->oldest; i < s->result->sent; i++) {
		if (!at(s, i)->waits || !answers(s, i, rsp))
			continue;
		s->result->reordered += at(s, i)->passed;
		if (i == s->oldest)
			settle(s, i);
		else
			pass_over(s, i);
		return true;
	}
	return false;
}

/* Return: true if it was given up too early. */
static bool match_lost(struct shadows *s, const struct vdummy_response *rsp)
{
	u64 i = s->result->sent > SHADOWS ? s->result->sent - SHADOWS : 0;

	for (; i < s->result->sent; i++) {
		if (!at(s, i)->lost || !answers(s, i, rsp))
			continue;
		at(s, i)->lost = false;
		s->result->lost--;
		s->result->reordered++;
		return true;
	}
	return false;
}

/* Return: true if one that has its response already has the same bytes. */
static bool match_answered(struct shadows *s, const struct vdummy_response *rsp)
{
	u64 i = s->result->sent > SHADOWS ? s->result->sent - SHADOWS : 0;

	for (; i < s->result->sent; i++)
		if (!at(s, i)->waits && !at(s, i)->lost && answers(s, i, rsp))
			return true;
	return false;
}

void shadows_judge(struct shadows *s, const struct vdummy_response *rsp)
{
	s->result->received++;
	if (match_waiting(s, rsp) || match_lost(s, rsp))
		return;
	if (match_answered(s, rsp)) {
		s->result->doubled++;
		return;
	}
	s->result->corrupt++;
	/* Without any, it is a response to nothing. */
	if (s->outstanding)
		settle(s, s->oldest);
}
