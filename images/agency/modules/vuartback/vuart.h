/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vuart.h - the console backend: links on one side, character devices on the other.
 *
 * There is one character device for each slot, and it stays while MEs come and go. What an ME prints
 * goes into the slot's fifo; when that is full the ring fills, and the ME waits. What is typed goes
 * into the ring of the ME that is Connected; when that is full, or there is none, the writer waits.
 */
#ifndef VUART_H
#define VUART_H

#include <linux/kfifo.h>
#include <linux/miscdevice.h>

#include <soo/vbus_ring.h>

#define VUART_FIFO_SIZE	4096

/* One link. */
struct vuart {
	struct vbus_device *vdev;
	struct vbus_ring ring;
	struct vuart_slot *slot;
	struct work_struct pump_work;	/* the fifo has room again */
	u64 requests;
	u64 responses;
	u64 notifications;
	u64 errors;
};

/*
 * struct vuart_slot - one character device
 * @lock: over @link
 * @link: of the ME in this slot; NULL if it has none, or not yet
 * @changed: counts whatever may let a waiting writer go on
 * @readers: open files that may read; without any, what is printed goes nowhere
 */
struct vuart_slot {
	struct mutex lock;
	struct vuart *link;
	wait_queue_head_t wait;
	unsigned int changed;
	atomic_t readers;
	struct mutex read_lock;
	struct mutex write_lock;
	DECLARE_KFIFO(fifo, u8, VUART_FIFO_SIZE);	/* filled with upcall_lock held, by one link */
	struct miscdevice misc;
	char name[16];
	char nodename[16];
};

int vuart_slots_init(void);
void vuart_slots_exit(void);
struct vuart_slot *vuart_slot(u32 domid);

/* The slot's link is @vu from now on, or NULL. */
void vuart_slot_attach(struct vuart_slot *slot, struct vuart *vu);

/* A waiting writer is to look again. */
void vuart_slot_wake(struct vuart_slot *slot);

/*
 * Put characters into the ring of the slot's ME, in a section; waits until both ends are Connected.
 * Return: how many, 0 if there is no room or no ME, or -ERESTARTSYS.
 */
int vuart_type(struct vuart_slot *slot, const u8 *text, size_t len);

#endif /* VUART_H */
