/* SPDX-License-Identifier: GPL-2.0-only */
/* machine.c - memory, time, switches of threads and the AVZ window of an ME on the build host. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "abi/evtchn.h"
#include "abi/gnttab.h"
#include "asm/irqflags.h"
#include "asm/mmu.h"
#include "console.h"
#include "host/host.h"
#include "irq.h"
#include "machine.h"
#include "mm.h"
#include "thread.h"
#include "time.h"
#include "wait.h"

#define FRAME_X30	1	/* of a thread that never ran, as thread.c lays it out */
#define FRAME_X19	2
#define FRAME_X20	3

int vsnprintf(char *buf, size_t size, const char *fmt, va_list args);

bool me_irqs_off;
s32 me_next_err;
u64 me_next_ret;
u32 me_keys;
bool me_console_full;
bool me_ended;

static u64 now = NS_PER_S;
static u64 stopped_at;		/* 0: time goes */
static jmp_buf all_wait;
static void (*interrupt_handler)(void *);
static u8 *window;
static u8 *shared;
static bool rang;
static void *granted[GNTTAB_MAX];
static u32 ports_used = 2;

/* Time stands still while the ME is suspended; else it passes while somebody looks at it. */
u64 time_now(void)
{
	now += stopped_at ? 0 : NS_PER_MS / 1000;
	return stopped_at ? stopped_at : now;
}

u64 time_in_ms(u64 ms)
{
	return time_now() + ms * NS_PER_MS;
}

void time_stop(void)
{
	stopped_at = now;
}

void time_go(void)
{
	now = stopped_at ? stopped_at : now;
	stopped_at = 0;
}

void timer_update(void)
{
}

/* Memory. */
void *kzalloc(size_t size)
{
	return host_alloc(size);
}

void kfree(void *block)
{
	host_free(block);
}

void *page_alloc(u32 count)
{
	return host_alloc_aligned(count * PAGE_SIZE, PAGE_SIZE);
}

void page_free(void *page, u32 count)
{
	host_free(page);
}

void mmu_map(u64 start, u64 size, enum mem_type type)
{
}

void strlcpy(char *to, const char *from, size_t size)
{
	size_t n = strnlen(from, size - 1);

	memcpy(to, from, n);
	to[n] = '\0';
}

/* The console. */
void printk(const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	host_log("%s", text);
}

void bug(const char *file, int line)
{
	host_fail(file, line, "BUG");
}

void panic(const char *fmt, ...)
{
	host_fail(__FILE__, __LINE__, "panic: %s", fmt);
}

bool console_room(void)
{
	return !me_console_full;
}

void console_key(u8 key)
{
	me_keys++;
}

bool console_break(void)
{
	return false;
}

void console_break_clear(void)
{
}

void console_print_by(void (*print)(const char *buf, size_t len))
{
}

void console_register(const struct console_device *dev)
{
}

/* Threads: a fiber for each, made when it runs first. */
void thread_start(void);
void thread_returned(void);
void cpu_switch(u64 *save_sp, u64 load_sp);

static u64 stacks[64];		/* the sp of a thread that never ran */
static struct fiber *fibers[64];
static u32 fiber_count;

void thread_start(void)
{
}

static void run_thread(void *arg)
{
	u64 *frame = arg;

	((void (*)(void *))frame[FRAME_X19])((void *)frame[FRAME_X20]);
	thread_returned();
}

static struct fiber *fiber_of(u64 sp)
{
	u64 *frame = (u64 *)sp;
	u32 i;

	for (i = 0; i < fiber_count; i++) {
		if ((u64)fibers[i] == sp || stacks[i] == sp)
			return fibers[i];
	}
	if (sp == (u64)fiber_main())
		return fiber_main();
	host_check(frame[FRAME_X30] == (u64)thread_start && fiber_count < 64, "a thread without a beginning");
	stacks[fiber_count] = sp;
	fibers[fiber_count] = fiber_new(run_thread, frame);
	return fibers[fiber_count++];
}

void cpu_switch(u64 *save_sp, u64 load_sp)
{
	*save_sp = (u64)fiber_current();
	fiber_switch(fiber_of(load_sp));
}

/* Of the main fiber, which is the idle thread. */
void me_wait_for_interrupt(void)
{
	longjmp(all_wait, 1);
}

void me_run(void)
{
	if (!setjmp(all_wait))
		thread_idle();
	me_irqs_off = false;
}

void me_run_for(u32 ms)
{
	u64 end = now + ms * NS_PER_MS;

	me_run();
	while (!stopped_at && thread_next_deadline() <= end) {
		now = thread_next_deadline() > now ? thread_next_deadline() : now;
		me_irqs_off = true;
		thread_expire(now);
		me_run();
	}
	now = end;
}

/* The way to the agency. */
int irq_bind(u32 irq, bool edge, void (*handler)(void *), void *arg)
{
	interrupt_handler = handler;
	return 0;
}

void me_interrupt(void)
{
	me_irqs_off = true;
	if (interrupt_handler)
		interrupt_handler(NULL);
	me_irqs_off = false;
	me_run();
}

void me_raise(u32 port)
{
	me_shared()->evtchn_to_me[port / 32 % EVTCHN_WORDS] |= 1u << port % 32;
	me_interrupt();
}

void me_make_pages(void)
{
	shared = host_alloc_aligned(2 * ABI_PAGE_SIZE, ABI_PAGE_SIZE);
	window = host_alloc_aligned(AVZ_WINDOW_SIZE, ABI_PAGE_SIZE);
}

u64 me_window(void)
{
	return (u64)window;
}

struct avz_shared *me_shared(void)
{
	return (struct avz_shared *)shared;
}

struct vbs_page *me_page(void)
{
	return (struct vbs_page *)(shared + ABI_PAGE_SIZE);
}

void *me_granted(u32 ref)
{
	return ref < GNTTAB_MAX ? granted[ref] : NULL;
}

void me_forget_grants(void)
{
	memset(granted, 0, sizeof(granted));
}

bool me_rang(void)
{
	bool was = rang;

	rang = false;
	return was;
}

static void grant(struct avz_shared *s)
{
	u64 ref;

	for (ref = 1; ref < GNTTAB_MAX && granted[ref]; ref++)
		;
	/* A wrong reference is what the ME will revoke. */
	ref = me_next_ret ? me_next_ret : ref;
	s->hypercall_err = ref < GNTTAB_MAX ? 0 : -28;
	s->hypercall_ret = ref;
	if (ref < GNTTAB_MAX && !me_next_err)
		granted[ref] = (void *)(s->hypercall_arg[0] << PAGE_SHIFT);
}

/* Its CPU goes no further. */
static void end_for_ever(void)
{
	static struct wait_queue nobody = WAIT_QUEUE_INIT(nobody);

	me_ended = true;
	wait_event(&nobody, false);
}

static void hypercall(u32 op)
{
	struct avz_shared *s = me_shared();

	if (op == AVZ_ME_STATE && !me_next_err)
		end_for_ever();
	s->hypercall_err = 0;
	switch (op) {
	case AVZ_EVTCHN_ALLOC_UNBOUND:
		s->hypercall_ret = 1 + ++ports_used % (EVTCHN_MAX - 1);
		break;
	case AVZ_GNTTAB_GRANT:
		grant(s);
		break;
	case AVZ_GNTTAB_REVOKE:
		if (s->hypercall_arg[0] < GNTTAB_MAX)
			granted[s->hypercall_arg[0]] = NULL;
		break;
	}
	if (me_next_err)
		s->hypercall_err = me_next_err;
	if (me_next_ret)
		s->hypercall_ret = me_next_ret;
	me_next_err = 0;
	me_next_ret = 0;
}

void me_window_write(u64 addr, u64 value)
{
	if (addr == (u64)window + AVZ_HYPERCALL)
		hypercall((u32)value);
	else if (addr == (u64)window + AVZ_DOORBELL)
		rang = true;
	else
		host_check(addr == (u64)window + AVZ_CONSOLE, "a store to 0x%lx", addr);
}

/* Programs: what the shell would do. */
static struct wait_queue program_wait = WAIT_QUEUE_INIT(program_wait);
static void (*program)(void *);
static void *program_arg;

void me_serve_programs(void)
{
	for (;;) {
		wait_event(&program_wait, program);
		program(program_arg);
		program = NULL;
	}
}

void me_program(void (*fn)(void *), void *arg)
{
	host_check(!program, "two programs at once");
	program = fn;
	program_arg = arg;
	wait_wake_all(&program_wait);
	me_run();
}

bool me_program_runs(void)
{
	return program;
}
