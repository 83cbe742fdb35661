/* SPDX-License-Identifier: GPL-2.0-only */
/* machine.h - an ME without a machine: its threads, its time, its interrupt, and what it asks the agency. */
#ifndef ME_MACHINE_H
#define ME_MACHINE_H

#include "abi/soo.h"
#include "abi/vbstore.h"

#include "types.h"

/* Give it a device tree and its drivers a start, as its kernel does; then soo_init() runs in a thread. */
void me_start(void);

/* Let its threads run until all wait; and the same while @ms pass. */
void me_run(void);
void me_run_for(u32 ms);

/* Its interrupt, then as me_run(). */
void me_interrupt(void);

/* Event @port for it. */
void me_raise(u32 port);

struct avz_shared *me_shared(void);
struct vbs_page *me_page(void);

/* The page that it granted last under @ref, or NULL. */
void *me_granted(u32 ref);

/* Its domain has ended, and its grants with it. */
void me_forget_grants(void);

/* Of the next hypercalls: 0 for what is right, else this result. */
extern s32 me_next_err;
extern u64 me_next_ret;

/* It has reported its end. */
extern bool me_ended;

/* Has it rung its doorbell? Asking takes note. */
bool me_rang(void);

/* One more thread, which runs @fn once me_program() said so. */
void me_program(void (*fn)(void *), void *arg);
bool me_program_runs(void);

/* Keys that were typed into its console, and whether there is room for more. */
extern u32 me_keys;
extern bool me_console_full;

/* Between machine.c and boot.c: the shared pages, the window's address, and a thread that runs programs. */
void me_make_pages(void);
u64 me_window(void);
void me_serve_programs(void);

#endif /* ME_MACHINE_H */
