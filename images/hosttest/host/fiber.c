/* SPDX-License-Identifier: GPL-2.0-only */
/* fiber.c - fibers by ucontext, with the sanitizer told of each change of stacks. */
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "host.h"

#define FIBERS		32
#define STACK_SIZE	(256u * 1024u)

#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#else
#define __sanitizer_start_switch_fiber(save, bottom, size)	((void)(save), (void)(bottom), (void)(size))
#define __sanitizer_finish_switch_fiber(save, bottom, size)	((void)(save), (void)(bottom), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(addr, size)			((void)(addr), (void)(size))
#endif

struct fiber {
	ucontext_t context;
	void *fake_stack;
	const void *bottom;
	size_t size;
	void (*fn)(void *);
	void *arg;
};

static char stacks[FIBERS][STACK_SIZE] __attribute__((aligned(4096)));
static struct fiber fibers[FIBERS];
static struct fiber *current = &fibers[0];
static struct fiber *previous;
static int count = 1;

struct fiber *fiber_main(void)
{
	return &fibers[0];
}

struct fiber *fiber_current(void)
{
	return current;
}

static void arrive(void)
{
	const void *bottom;
	size_t size;

	__sanitizer_finish_switch_fiber(current->fake_stack, &bottom, &size);
	/* Where the main fiber's stack lies is learned from the first to come from it. */
	if (previous == &fibers[0]) {
		previous->bottom = bottom;
		previous->size = size;
	}
}

static void start(void)
{
	arrive();
	current->fn(current->arg);
	host_fail(__FILE__, __LINE__, "a fiber's function returned");
}

struct fiber *fiber_new(void (*fn)(void *), void *arg)
{
	struct fiber *f = &fibers[count];

	if (count == FIBERS)
		host_fail(__FILE__, __LINE__, "more than %d fibers", FIBERS);
	f->bottom = stacks[count++];
	f->size = STACK_SIZE;
	f->fn = fn;
	f->arg = arg;
	/* What an earlier input left behind in its frames. */
	ASAN_UNPOISON_MEMORY_REGION(f->bottom, STACK_SIZE);
	getcontext(&f->context);
	f->context.uc_stack.ss_sp = (void *)f->bottom;
	f->context.uc_stack.ss_size = STACK_SIZE;
	f->context.uc_link = NULL;
	makecontext(&f->context, start, 0);
	return f;
}

/* Of reset.c: those that stopped in the middle of something are forgotten. */
void fiber_forget_all(void);
void fiber_forget_all(void)
{
	if (current != &fibers[0])
		host_fail(__FILE__, __LINE__, "an input ended outside of the main fiber");
	count = 1;
}

void fiber_switch(struct fiber *to)
{
	struct fiber *from = current;

	if (to == from)
		return;
	previous = from;
	current = to;
	__sanitizer_start_switch_fiber(&from->fake_stack, to->bottom, to->size);
	swapcontext(&from->context, &to->context);
	arrive();
}
