/* SPDX-License-Identifier: GPL-2.0-only */
/* evtchn.c - event channels: this ME's ends. */
#include "abi/evtchn.h"

#include "asm/irqflags.h"
#include "soo/avz.h"
#include "soo/dc.h"

static struct {
	void (*handler)(void *);
	void *arg;
} ports[EVTCHN_MAX];

int evtchn_alloc_unbound(u32 remote, u32 *port)
{
	u64 ret;
	int err;

	err = avz_hypercall(AVZ_EVTCHN_ALLOC_UNBOUND, remote, 0, &ret);
	if (err)
		return err;
	if (!ret || ret >= EVTCHN_MAX)
		return -EPROTO;
	*port = (u32)ret;
	return 0;
}

int evtchn_bind(u32 port, void (*handler)(void *), void *arg)
{
	u64 flags;

	if (!port || port >= EVTCHN_MAX)
		return -EINVAL;
	if (ports[port].handler)
		return -EBUSY;
	flags = irq_save();
	ports[port].handler = handler;
	ports[port].arg = arg;
	irq_restore(flags);
	return 0;
}

void evtchn_unbind(u32 port)
{
	ports[port].handler = NULL;
}

int evtchn_close(u32 port)
{
	return avz_hypercall(AVZ_EVTCHN_CLOSE, port, 0, NULL);
}

void evtchn_notify(u32 port)
{
	/* Pairs with the agency's exchange: what was written before the bit is seen after it. */
	__atomic_fetch_or(&avz_shared()->evtchn_to_agency[port / 32], 1u << port % 32, __ATOMIC_RELEASE);
	avz_doorbell();
}

void evtchn_forget_all(void)
{
	u32 port;

	for (port = 0; port < EVTCHN_MAX; port++)
		evtchn_unbind(port);
}

/* A bit of a port that is not bound is dropped: its channel is being closed. */
void evtchn_interrupt(void *arg __unused)
{
	bool found;
	u32 word;

	/* The numbers mean other channels now. Who waits to be resumed looks by itself. */
	if (avz_moved()) {
		dc_wake();
		return;
	}
	do {
		found = false;
		for (word = 0; word < EVTCHN_WORDS; word++) {
			u32 bits = __atomic_exchange_n(&avz_shared()->evtchn_to_me[word], 0, __ATOMIC_ACQUIRE);

			for (; bits; bits &= bits - 1) {
				u32 port = word * 32 + (u32)__builtin_ctz(bits);

				found = true;
				if (ports[port].handler)
					ports[port].handler(ports[port].arg);
			}
		}
	} while (found);
}
