/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * core.h - requests of /dev/soo/core, between the agency's programs and its core module.
 *
 * The host of an ME opens the device once per ME and keeps it open while the ME lives: closing it,
 * by whatever death, ends the domain. The other programs open it for one request.
 */
#ifndef ABI_CORE_H
#define ABI_CORE_H

#include "soo.h"

#define SOO_CORE_PATH	"/dev/soo/core"
#define SOO_IOC_TYPE	'S'

#define SOO_HYPERCALL_END	1

/* Name of a host's socket, without the NUL that begins it; "%d" is the process. */
#define SOO_HOST_SOCKET	"soo-me-host-%d"

/* Claim a domain for the ME whose memory is the caller's [ram, ram + ram_size). */
struct soo_domain_create {
	u64 ram;		/* in: address in the caller, page aligned */
	u64 ram_size;		/* in: bytes */
	u64 ram_base;		/* in: the same memory as the ME numbers it */
	u64 shared;		/* in: the same numbering, address of struct avz_shared; the vbstore page follows */
	u64 spid;		/* in: from the ME's device tree */
	s32 doorbell;		/* in: eventfd that AVZ_DOORBELL signals */
	s32 irq;		/* in: eventfd that raises the ME's interrupt */
	u32 slot;		/* in: 0 for any free one, or 2..6;  out: the domain's number */
	u32 incarnation;	/* in: 0 for a new ME, else one more than the snapshot's */
	char name[SOO_ME_NAME_SIZE];
	char shortdesc[SOO_ME_SHORTDESC_SIZE];
};
ABI_SIZE(struct soo_domain_create, 56 + 40 + 1024);

struct soo_me_desc {
	u32 slot;		/* 2..6 */
	s32 state;		/* enum soo_me_state, or -1: the slot is empty */
	u64 spid;
	s32 pid;		/* of its host, which answers at the abstract socket SOO_HOST_SOCKET */
	u32 incarnation;
	char name[SOO_ME_NAME_SIZE];
	char shortdesc[SOO_ME_SHORTDESC_SIZE];
};
ABI_SIZE(struct soo_me_desc, 24 + 40 + 1024);

struct soo_me_request {
	u32 slot;		/* 2..6 */
	u32 timeout_ms;		/* how long the ME may take for all of it */
};
ABI_SIZE(struct soo_me_request, 8);

#if defined(__KERNEL__) || defined(__linux__)
#ifdef __KERNEL__
#include <linux/ioctl.h>
#else
#include <sys/ioctl.h>
#endif
#define SOO_IOC_DOMAIN_CREATE	_IOWR(SOO_IOC_TYPE, 1, struct soo_domain_create)
#define SOO_IOC_DOMAIN_START	_IO(SOO_IOC_TYPE, 2)	/* the ME is about to run */
/* enum avz_op that the ME stored. Returns SOO_HYPERCALL_END if the ME is not to run any more. */
#define SOO_IOC_HYPERCALL	_IOW(SOO_IOC_TYPE, 3, u32)
#define SOO_IOC_ME_DESC		_IOWR(SOO_IOC_TYPE, 4, struct soo_me_desc)
#define SOO_IOC_ME_SHUTDOWN	_IOW(SOO_IOC_TYPE, 5, struct soo_me_request)
#define SOO_IOC_ME_KILL		_IOW(SOO_IOC_TYPE, 6, struct soo_me_request)
#define SOO_IOC_ME_SUSPEND	_IOW(SOO_IOC_TYPE, 7, struct soo_me_request)
#define SOO_IOC_ME_RESUME	_IOW(SOO_IOC_TYPE, 8, struct soo_me_request)
#define SOO_IOC_DOMAIN_SAVE	_IO(SOO_IOC_TYPE, 9)	/* the host is about to save its suspended ME */
#endif

#endif /* ABI_CORE_H */
