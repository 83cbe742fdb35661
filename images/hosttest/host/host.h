/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * host.h - what stands in for a kernel when its code runs as a program of the build host.
 *
 * Everything is deterministic: one thread, fibers that change at waits only, virtual time, and memory
 * whose want is planned. Nothing here outlives one input: host_reset() puts all variables of the code
 * under test, and of this folder, back to what they were when the program began.
 */
#ifndef HOST_H
#define HOST_H

#include <stdbool.h>
#include <stddef.h>

/* A finding: one line with @file and @line, then the end of the program by SIGABRT. */
__attribute__((noreturn, format(printf, 3, 4))) void host_fail(const char *file, int line, const char *fmt, ...);

#define host_check(cond, ...) do { if (!(cond)) host_fail(__FILE__, __LINE__, __VA_ARGS__); } while (0)

/* A line of the log: shown if the environment has SOO_HOST_LOG, formatted in any case. */
__attribute__((format(printf, 1, 2))) void host_log(const char *fmt, ...);

/* Zeroed memory, or NULL when its want was planned. host_free() takes what the first two gave. */
void *host_alloc(size_t size);
char *host_strdup(const char *text);
void *host_alloc_aligned(size_t size, size_t alignment);
void host_free(void *p);

/* The @nth request from now gets nothing; 0: none does. */
void host_want(unsigned int nth);

/* How many blocks are in use. */
size_t host_blocks(void);

/* As host_alloc(), where it is a finding to do so with a spinlock held. */
void *host_kalloc(size_t size, unsigned int may_not_sleep);

/* Called by every program before its first input, and after each. Blocks still in use are freed. */
void host_init(void);
void host_reset(void);

/*
 * Fibers. The one that was there first is the test itself, fiber 0 of host_main(). The argument of a
 * fiber's function is its own.
 */
struct fiber;
struct fiber *fiber_new(void (*fn)(void *), void *arg);
struct fiber *fiber_current(void);
struct fiber *fiber_main(void);
void fiber_switch(struct fiber *to);

/* Time, waits and work of the agency's side: sched.c. In ms. */
#define HOST_NEVER	(~0ul)
extern unsigned long host_jiffies;

/* Something was done that a wait may look for. */
void host_progress(void);

/* Let others run, until there was progress or @until has come. */
void host_pause(unsigned long until);
void host_sleep(unsigned long ms);

/* From here on, waits that a signal ends do end. */
void host_interrupt(bool on);
bool host_interrupted(void);

/* Run @fn in a fiber of its own, as a program in the agency would. It begins at the next host_run(). */
void host_task(void (*fn)(void *), void *arg);
unsigned int host_tasks(void);

/* All that can be done without time passing; and the same while @ms pass. Of the main fiber. */
void host_run(void);
void host_run_for(unsigned long ms);

#endif /* HOST_H */
