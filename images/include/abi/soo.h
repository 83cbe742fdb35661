/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * soo.h - what an ME and the agency's core share: domains, states, events, the shared page.
 *
 * The node "soo,avz" of an ME's device tree names both:
 *
 *   reg            the AVZ window of device memory: a store of any 32-bit value to AVZ_DOORBELL
 *                  raises the agency's interrupt (no exit to user space); a store to AVZ_HYPERCALL
 *                  or AVZ_CONSOLE is synchronous.
 *   memory-region  struct avz_shared, followed by the vbstore page.
 *   interrupts     raised for events to the ME.
 *
 * Events to the agency: the ME sets its port's bit in evtchn_to_agency (release), then rings the
 * doorbell. Events to the ME: the agency sets the bit in evtchn_to_me (release), then raises the
 * interrupt of the node. The receiver clears the bits that it takes (acquire).
 */
#ifndef ABI_SOO_H
#define ABI_SOO_H

#include "types.h"

#define SOO_SIGNATURE		0x5a6f6f53u	/* "SooZ", in memory order */
#define SOO_ABI_REVISION	1u

#define DOMID_AGENCY		0u
#define DOMID_AGENCY_RT		1u
#define DOMID_ME_FIRST		2u
#define DOMID_ME_LAST		6u
#define SOO_MAX_DOMAINS		7u
#define SOO_MAX_ME		5u

#define SOO_SPID_LEN		16u	/* hexadecimal digits of a 64-bit SPID */
#define SOO_ME_NAME_SIZE	40u	/* with the final NUL */
#define SOO_ME_SHORTDESC_SIZE	1024u	/* with the final NUL */

enum soo_me_state {
	ME_STATE_BOOTING = 0,
	ME_STATE_LIVING = 1,
	ME_STATE_SUSPENDED = 2,
	ME_STATE_HIBERNATE = 3,
	ME_STATE_RESUMING = 4,
	ME_STATE_AWAKENED = 5,
	ME_STATE_KILLED = 6,
	ME_STATE_TERMINATED = 7,
	ME_STATE_DEAD = 8,
};

/*
 * Direct-communication events. Synchronous: the receiver clears the word when it has acted. All but
 * TRIGGER_DEV_PROBE go from the agency to the ME.
 *
 *   PRE_SUSPEND      may be refused
 *   SUSPEND          all devices are Suspended: from its answer to RESUME the ME makes no requests
 *   RESUME           before the devices resume. With a new `incarnation` in the shared page the ME
 *                    was restored: it makes its entries again, with device states Suspended, and
 *                    sends TRIGGER_DEV_PROBE before it answers
 *   FORCE_TERMINATE  may be refused; reaching ME_STATE_TERMINATED is the answer
 */
enum soo_dc_event {
	DC_NO_EVENT = 0,
	DC_PRE_SUSPEND = 1,
	DC_SUSPEND = 2,
	DC_RESUME = 3,
	DC_FORCE_TERMINATE = 4,
	DC_POST_ACTIVATE = 5,
	DC_TRIGGER_DEV_PROBE = 6,
	DC_TRIGGER_LOCAL_COOPERATION = 7,
};

/* The AVZ window: offset, name, access. */
#define AVZ_DOORBELL		0x000u	/* W: any value; events wait in evtchn_to_agency */
#define AVZ_HYPERCALL		0x008u	/* W: an enum avz_op; arguments and result in the page */
#define AVZ_CONSOLE		0x010u	/* W, 64 bits: text of the ME's memory for its console, as by AVZ_TEXT() */
					/* R, 64 bits: typed keys, as by AVZ_KEY(); they are taken */
#define AVZ_WINDOW_SIZE		0x1000u

/* Address of a text, and its length below 64 KB. What is not in the ME's memory is not printed. */
#define AVZ_TEXT(addr, len)	((u64)(addr) | (u64)(len) << AVZ_TEXT_LEN_SHIFT)
#define AVZ_TEXT_LEN_SHIFT	48
#define AVZ_TEXT_MAX		0xffffu

/* What a read of AVZ_CONSOLE gives: how many keys, at most AVZ_KEYS_MAX, and each of them. */
#define AVZ_KEYS_MAX		7u
#define AVZ_KEYS_COUNT(keys)	((u32)((u64)(keys) >> 56))
#define AVZ_KEY(keys, i)	((u8)((u64)(keys) >> (8 * (i))))

enum avz_op {
	AVZ_EVTCHN_ALLOC_UNBOUND = 1,	/* arg0 remote domain -> ret0 port */
	AVZ_EVTCHN_CLOSE = 2,		/* arg0 port */
	AVZ_GNTTAB_GRANT = 3,		/* arg0 frame number, arg1 remote domain -> ret0 reference */
	AVZ_GNTTAB_REVOKE = 4,		/* arg0 reference; -EBUSY while it is mapped */
	AVZ_ME_STATE = 5,		/* arg0 ME_STATE_TERMINATED: does not return, the domain ends */
};

#define EVTCHN_WORDS		4u	/* 128 channels */

/*
 * struct avz_shared - the first page that the ME and the agency share
 *
 * Filled by the agency before the ME starts, unless the line says otherwise.
 */
struct avz_shared {
	u32 signature;			/* SOO_SIGNATURE */
	u32 revision;			/* SOO_ABI_REVISION */
	u32 domid;			/* number of this ME's domain */
	u32 vbstore_evtchn;		/* the ME's port of the vbstore connection */
	u32 vbstore_revmask;		/* bit n: message header revision n is spoken */
	u32 pad0[3];
	u32 evtchn_to_agency[EVTCHN_WORDS];	/* set by the ME, cleared by the agency */
	u32 evtchn_to_me[EVTCHN_WORDS];	/* set by the agency, cleared by the ME */
	u32 dc_to_agency;		/* enum soo_dc_event: set by the ME, cleared by the agency */
	u32 dc_to_me;			/* set by the agency, cleared by the ME */
	u32 hypercall_op;		/* set by the ME, as are the arguments */
	s32 hypercall_err;		/* 0 or -errno, set by the agency */
	u64 hypercall_arg[2];
	u64 hypercall_ret;
	u32 dc_refused;			/* set by the ME before it clears dc_to_me: it will not do it */
	u32 incarnation;		/* 0 at injection, one more with each restore */
};
ABI_SIZE(struct avz_shared, 112);
ABI_OFFSET(struct avz_shared, evtchn_to_agency, 32);
ABI_OFFSET(struct avz_shared, evtchn_to_me, 48);
ABI_OFFSET(struct avz_shared, dc_to_agency, 64);
ABI_OFFSET(struct avz_shared, hypercall_arg, 80);
ABI_OFFSET(struct avz_shared, hypercall_ret, 96);
ABI_OFFSET(struct avz_shared, incarnation, 108);

#endif /* ABI_SOO_H */
