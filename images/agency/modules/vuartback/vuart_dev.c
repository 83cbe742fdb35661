// SPDX-License-Identifier: GPL-2.0-only
/*
 * vuart_dev.c - /dev/soo/vuart<d>: what the ME in slot d prints is read, what is to be typed is written.
 */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "vuart.h"

#define WRITE_CHUNK	256

static struct vuart_slot *slots;	/* of domains DOMID_ME_FIRST and up */

struct vuart_slot *vuart_slot(u32 domid)
{
	return &slots[domid - DOMID_ME_FIRST];
}

void vuart_slot_wake(struct vuart_slot *slot)
{
	mutex_lock(&slot->lock);
	WRITE_ONCE(slot->changed, slot->changed + 1);
	mutex_unlock(&slot->lock);
	wake_up_interruptible(&slot->wait);
}

void vuart_slot_attach(struct vuart_slot *slot, struct vuart *vu)
{
	mutex_lock(&slot->lock);
	slot->link = vu;
	mutex_unlock(&slot->lock);
	vuart_slot_wake(slot);
}

static struct vuart_slot *slot_of(struct file *file)
{
	return container_of(file->private_data, struct vuart_slot, misc);
}

/* The ME may have waited for room in the fifo. */
static void let_pump(struct vuart_slot *slot)
{
	mutex_lock(&slot->lock);
	if (slot->link)
		queue_work(soo_wq, &slot->link->pump_work);
	mutex_unlock(&slot->lock);
}

static ssize_t vuart_read(struct file *file, char __user *buf, size_t size, loff_t *pos)
{
	struct vuart_slot *slot = slot_of(file);
	unsigned int copied = 0;
	int err;

	err = mutex_lock_interruptible(&slot->read_lock);
	if (err)
		return err;
	if (kfifo_is_empty(&slot->fifo) && (file->f_flags & O_NONBLOCK))
		err = -EAGAIN;
	else
		err = wait_event_interruptible(slot->wait, !kfifo_is_empty(&slot->fifo));
	if (!err)
		err = kfifo_to_user(&slot->fifo, buf, size, &copied);
	mutex_unlock(&slot->read_lock);
	if (copied)
		let_pump(slot);
	return err ? err : (ssize_t)copied;
}

/* Return: 0 when all is in a ring, or -ERESTARTSYS with *@done characters gone before. */
static int type_all(struct vuart_slot *slot, const u8 *text, size_t len, size_t *done)
{
	size_t at = 0;
	int err = 0;

	while (!err && at < len) {
		unsigned int seen = READ_ONCE(slot->changed);
		int n = vuart_type(slot, text + at, len - at);

		if (n < 0)
			err = n;
		else if (n == 0)
			err = wait_event_interruptible(slot->wait, READ_ONCE(slot->changed) != seen);
		else
			at += n;
	}
	*done += at;
	return err;
}

static ssize_t vuart_write(struct file *file, const char __user *buf, size_t size, loff_t *pos)
{
	struct vuart_slot *slot = slot_of(file);
	u8 text[WRITE_CHUNK];
	size_t done = 0;
	int err;

	err = mutex_lock_interruptible(&slot->write_lock);
	if (err)
		return err;
	while (!err && done < size) {
		size_t len = min_t(size_t, size - done, sizeof(text));

		if (copy_from_user(text, buf + done, len))
			err = -EFAULT;
		else
			err = type_all(slot, text, len, &done);
	}
	mutex_unlock(&slot->write_lock);
	return done ? done : err;
}

static int vuart_open(struct inode *inode, struct file *file)
{
	struct vuart_slot *slot = slot_of(file);

	if (file->f_mode & FMODE_READ)
		atomic_inc(&slot->readers);
	return nonseekable_open(inode, file);
}

static int vuart_release(struct inode *inode, struct file *file)
{
	struct vuart_slot *slot = slot_of(file);

	/* Who printed into a full fifo is not to wait for a reader that is gone. */
	if ((file->f_mode & FMODE_READ) && atomic_dec_and_test(&slot->readers))
		let_pump(slot);
	return 0;
}

static const struct file_operations vuart_fops = {
	.owner = THIS_MODULE,
	.open = vuart_open,
	.release = vuart_release,
	.read = vuart_read,
	.write = vuart_write,
	.llseek = no_llseek,
};

static int slot_init(struct vuart_slot *slot, u32 domid)
{
	mutex_init(&slot->lock);
	mutex_init(&slot->read_lock);
	mutex_init(&slot->write_lock);
	init_waitqueue_head(&slot->wait);
	INIT_KFIFO(slot->fifo);
	snprintf(slot->name, sizeof(slot->name), "soo!vuart%u", domid);
	snprintf(slot->nodename, sizeof(slot->nodename), "soo/vuart%u", domid);
	slot->misc.minor = MISC_DYNAMIC_MINOR;
	slot->misc.name = slot->name;
	slot->misc.nodename = slot->nodename;
	slot->misc.fops = &vuart_fops;
	slot->misc.mode = 0600;
	return misc_register(&slot->misc);
}

int vuart_slots_init(void)
{
	u32 d;
	int err = 0;

	slots = kcalloc(SOO_MAX_ME, sizeof(*slots), GFP_KERNEL);
	if (!slots)
		return -ENOMEM;
	for (d = DOMID_ME_FIRST; d <= DOMID_ME_LAST; d++) {
		err = slot_init(vuart_slot(d), d);
		if (err)
			goto deregister;
	}
	return 0;

deregister:
	while (d-- > DOMID_ME_FIRST)
		misc_deregister(&vuart_slot(d)->misc);
	kfree(slots);
	return err;
}

/* No file is open: each holds the module. */
void vuart_slots_exit(void)
{
	u32 d;

	for (d = DOMID_ME_FIRST; d <= DOMID_ME_LAST; d++)
		misc_deregister(&vuart_slot(d)->misc);
	kfree(slots);
}
