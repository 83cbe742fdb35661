/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * page.c - a message page that cannot be. The connection to the store does not survive it: this kernel
 * has no store after any of these.
 */
#include <string.h>

#include "attack.h"
#include "printk.h"
#include "soo/avz.h"

#define CUT_MS		2000u
#define PATH_4096	4096u

/* Publishes @head and @size bytes after it, whatever there is room for. */
static void publish(const struct vbs_msg_header *head, u32 size)
{
	struct vbs_page *page = avz_vbs_page();
	u32 prod = page->req_prod;
	u32 offset = prod % VBS_RING_SIZE;

	if (offset + sizeof(*head) > VBS_RING_SIZE) {
		/* There is room for the mark only. */
		*(u32 *)(page->req + offset) = VBS_WRAP;
		prod += VBS_RING_SIZE - offset;
		offset = 0;
	}
	memcpy(page->req + offset, head, sizeof(*head));
	__atomic_store_n(&page->req_prod, prod + vbs_msg_space(size), __ATOMIC_RELEASE);
	evtchn_notify(avz_shared()->vbstore_evtchn);
}

static void move(u32 *index, u32 by)
{
	__atomic_store_n(index, *index + by, __ATOMIC_RELEASE);
	evtchn_notify(avz_shared()->vbstore_evtchn);
}

static enum outcome expect_cut(struct attack_run *run)
{
	return attack_await_cut(run, CUT_MS) ? OUTCOME_REFUSED : OUTCOME_ACCEPTED;
}

static struct vbs_msg_header header(u32 len)
{
	return (struct vbs_msg_header){ .revision = VBS_MSG_REVISION, .type = VBS_READ, .len = len };
}

static enum outcome long_message(struct attack_run *run)
{
	static const u32 lengths[] = { VBS_MSG_MAX_PAYLOAD + 1, VBS_RING_SIZE, PATH_4096, 0x7fffffff, ~0u - 7, ~0u };
	struct vbs_msg_header head = header(lengths[attack_below(run, ARRAY_SIZE(lengths))]);

	publish(&head, 64);
	return expect_cut(run);
}

static enum outcome path_4096(struct attack_run *run)
{
	struct vbs_msg_header head = header(PATH_4096);

	head.type = VBS_WRITE;
	publish(&head, VBS_MSG_MAX_PAYLOAD);
	return expect_cut(run);
}

/* The length is possible, but less was published, or the ring ends before. */
static enum outcome cut_message(struct attack_run *run)
{
	struct vbs_msg_header head = header(VBS_MSG_MAX_PAYLOAD - attack_below(run, 64));

	publish(&head, 8);
	return expect_cut(run);
}

static enum outcome revision(struct attack_run *run)
{
	struct vbs_msg_header head = header(8);

	head.revision += 1 + attack_below(run, 100);
	publish(&head, 8);
	return expect_cut(run);
}

static enum outcome producer(struct attack_run *run)
{
	static const u32 steps[] = { VBS_RING_SIZE + 8, 4, 1, 0x80000000u, (u32)-8, (u32)-1, (u32)-VBS_RING_SIZE };

	move(&avz_vbs_page()->req_prod, steps[attack_below(run, ARRAY_SIZE(steps))]);
	return expect_cut(run);
}

/* The store looks at it when it has something to say. */
static enum outcome consumer(struct attack_run *run)
{
	struct vbs_msg_header head = header(8);

	move(&avz_vbs_page()->rsp_cons, attack_below(run, 2) ? 8 : 0x40000000u + attack_random(run) / 4);
	publish(&head, 8);
	return expect_cut(run);
}

const struct attack attacks_page[] = {
	ATTACK("long-message", "a message length beyond the page", long_message, .alone = true),
	ATTACK("path-4096", "a path of 4,096 bytes", path_4096, .alone = true),
	ATTACK("cut-message", "a length beyond what was published", cut_message, .alone = true),
	ATTACK("revision", "a message of another revision", revision, .alone = true),
	ATTACK("producer", "the index of requests beyond the page, between messages, or back", producer, .alone = true),
	ATTACK("consumer", "the index of replies where no reply is", consumer, .alone = true),
	{ .name = NULL },
};
