/* SPDX-License-Identifier: GPL-2.0-only */
/* pump.c - characters between the console and the ring. */
#include "asm/irqflags.h"
#include "console.h"
#include "fault.h"
#include "soo/avz.h"
#include "soo/vuart.h"

#define RESERVE		4096u	/* of the output buffer, for those who cannot wait */
#define DRAIN_MS	10000ul

/* A request or a response, in a buffer as large and aligned as ring.h may copy it. */
union character {
	u8 c;
	u64 word;
};

static u32 out_room(const vuart_priv_t *priv, u32 reserve)
{
	u32 used = priv->head - priv->tail;

	return used + reserve < VUART_OUT_SIZE ? VUART_OUT_SIZE - reserve - used : 0;
}

/* With interrupts off: the log may write from one. Return: how many went in. */
static size_t put(vuart_priv_t *priv, const char *buf, size_t len, u32 reserve)
{
	u64 flags = irq_save();
	size_t n = out_room(priv, reserve);
	size_t i;

	n = n < len ? n : len;
	for (i = 0; i < n; i++)
		priv->out[priv->head++ % VUART_OUT_SIZE] = (u8)buf[i];
	irq_restore(flags);
	return n;
}

void vuart_output(vuart_priv_t *priv, const char *buf, size_t len)
{
	/* Where there is no backend, after a move, nobody will make room. */
	bool may_wait = irq_enabled() && !priv->vdev->over;
	u32 reserve = may_wait ? RESERVE : 0;
	size_t n;

	while (len && priv->recording) {
		n = put(priv, buf, len, reserve);
		buf += n;
		len -= n;
		wait_wake_all(&priv->wait);
		if (!len)
			return;
		if (may_wait && !priv->stuck)
			priv->stuck = !wait_event_until(&priv->room, out_room(priv, reserve) || !priv->recording,
							time_in_ms(DRAIN_MS));
		if (!may_wait || priv->stuck) {
			priv->stats.dropped += len;
			return;
		}
	}
}

static bool typed_waits(const vuart_priv_t *priv)
{
	const struct ring *r = &priv->link.ring;

	return priv->carried_in != priv->carried_out ||
	       __atomic_load_n(&r->page->rsp_prod, __ATOMIC_ACQUIRE) != r->rsp;
}

bool vuart_has_work(const vuart_priv_t *priv)
{
	const struct ring *r = &priv->link.ring;

	/* Without a ring: it could not be made in a new place. */
	if (!priv->active || !r->page)
		return false;
	if (__atomic_load_n(&r->page->req_cons, __ATOMIC_ACQUIRE) != priv->seen_cons)
		return true;
	if (priv->next != priv->head && ring_front_room(r) != RING_FULL)
		return true;
	return typed_waits(priv) && console_room();
}

int vuart_settle(vuart_priv_t *priv)
{
	u32 taken = __atomic_load_n(&priv->link.ring.page->req_cons, __ATOMIC_ACQUIRE) - priv->seen_cons;

	if (taken > priv->next - priv->tail)
		return RING_BROKEN;
	if (!taken)
		return 0;
	priv->seen_cons += taken;
	priv->tail += taken;
	priv->stats.sent += taken;
	priv->stuck = false;
	wait_wake_all(&priv->room);
	return 0;
}

/* Return: 1 if some went, 0, RING_BROKEN. */
static int pump_out(vuart_priv_t *priv)
{
	union character req;
	u32 first = priv->next;
	int err;

	err = vuart_settle(priv);
	while (!err && priv->next != priv->head) {
		req.c = priv->out[priv->next % VUART_OUT_SIZE];
		err = ring_front_send(&priv->link.ring, &req);
		if (!err)
			priv->next++;
	}
	return err == RING_BROKEN ? err : priv->next != first;
}

/* What was typed elsewhere comes before what is typed here. */
static int take(vuart_priv_t *priv, union character *rsp)
{
	if (priv->carried_in == priv->carried_out)
		return ring_front_take(&priv->link.ring, rsp);
	rsp->c = priv->carried[priv->carried_out++ % VUART_CARRIED_SIZE];
	return 1;
}

static int pump_in(vuart_priv_t *priv)
{
	union character rsp;
	int got = 0;
	int any = 0;

	while (console_room() && (got = take(priv, &rsp)) > 0) {
		priv->stats.received++;
		/* The planted defect: of what comes at once only the first character is seen. */
		if (!any || !fault_active("fe-vuart-takes-one"))
			console_key(rsp.c);
		any = 1;
	}
	return got < 0 ? got : any;
}

int vuart_pump(vuart_priv_t *priv)
{
	int out = pump_out(priv);
	int in = pump_in(priv);

	if (out < 0 || in < 0)
		return RING_BROKEN;
	/* Also for what was taken: the backend may wait for that room. */
	if (out || in) {
		priv->stats.notified++;
		evtchn_notify(priv->link.evtchn);
	}
	return 0;
}

int vuart_pack(vuart_priv_t *priv)
{
	union character rsp;
	int got;

	got = vuart_settle(priv);
	if (got)
		return got;
	while ((got = ring_front_take(&priv->link.ring, &rsp)) > 0) {
		if (priv->carried_in - priv->carried_out < VUART_CARRIED_SIZE)
			priv->carried[priv->carried_in++ % VUART_CARRIED_SIZE] = rsp.c;
		else
			priv->stats.dropped++;
	}
	priv->next = priv->tail;
	priv->seen_cons = 0;
	return got;
}
