/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * avz.h - the way to the agency: shared page, hypercalls, event channels, grants.
 *
 * Nothing of it is touched unless the shared page carries the agency's signature.
 */
#ifndef SOO_AVZ_H
#define SOO_AVZ_H

#include "abi/soo.h"
#include "abi/vbstore.h"

#include "types.h"

/* Before drivers start: true if avz_print() works, as there is an agency. */
bool avz_early_init(const void *fdt);

/* False where the kernel runs without an agency. */
bool avz_present(void);
struct avz_shared *avz_shared(void);
struct vbs_page *avz_vbs_page(void);
u32 avz_domid(void);

/*
 * A restored ME finds new shared pages with another incarnation: domain number, channels, grants and
 * the connection to the store are those of a new domain. avz_join() takes that for known.
 * Return: false if the page is none of ours.
 */
bool avz_moved(void);
bool avz_join(void);
u32 avz_incarnation(void);

/* Synchronous. Return: 0 or the agency's -errno; @ret may be NULL. */
int avz_hypercall(enum avz_op op, u64 arg0, u64 arg1, u64 *ret);
void avz_doorbell(void);

/* Text for this ME's console in one piece: one exit, where the serial port costs one a character. */
void avz_print(const char *buf, size_t len);

/* Typed keys, at most CONSOLE_KEYS, by one exit, where the serial port costs two a key. Return: how many. */
u32 avz_keys(u8 *keys);

/* Handlers run in the interrupt. */
int evtchn_alloc_unbound(u32 remote, u32 *port);
int evtchn_bind(u32 port, void (*handler)(void *), void *arg);
void evtchn_unbind(u32 port);
int evtchn_close(u32 port);
void evtchn_notify(u32 port);
void evtchn_interrupt(void *arg);

/* All channels went with the domain: forgets the handlers. */
void evtchn_forget_all(void);

/* @page is page aligned. Revoking gives -EBUSY while the agency has it mapped. */
int gnttab_grant(const void *page, u32 remote, u32 *ref);
int gnttab_revoke(u32 ref);

#endif /* SOO_AVZ_H */
