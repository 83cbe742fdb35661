// SPDX-License-Identifier: GPL-2.0-only
/*
 * doorbell.c - an ME's store to AVZ_DOORBELL arrives as a signal of an eventfd; here it becomes
 * calls of the handlers of the channels whose bits are set.
 */
#include <linux/bitops.h>
#include <linux/file.h>
#include <linux/jiffies.h>

#include <abi/limits.h>
#include <soo/domain.h>
#include <soo/evtchn.h>

static void doorbell_work(struct work_struct *work)
{
	struct soo_domain *dom = container_of(to_delayed_work(work), struct soo_domain, doorbell.work);
	unsigned int wait = soo_rate_take(&dom->doorbell.rate, SOO_RATE_DOORBELLS);
	unsigned int word;

	/* Who rings all the time is looked after again in the next window. */
	WRITE_ONCE(dom->doorbell.pause, wait ? msecs_to_jiffies(wait) + 1 : 0);
	if (READ_ONCE(dom->cut_off))
		return;
	mutex_lock(&dom->upcall_lock);
	for (word = 0; word < EVTCHN_WORDS; word++) {
		/* Pairs with the ME's release: what it wrote before the bit is seen after it. */
		unsigned long bits = xchg(&dom->shared->evtchn_to_agency[word], 0);
		unsigned int bit;

		for_each_set_bit(bit, &bits, 32)
			evtchn_upcall(dom, word * 32 + bit);
	}
	mutex_unlock(&dom->upcall_lock);
}

/* With the eventfd's lock held and interrupts off: nothing but queueing is done here. */
static int doorbell_wake(wait_queue_entry_t *wait, unsigned int mode, int sync, void *key)
{
	struct doorbell *db = container_of(wait, struct doorbell, wait);
	u64 count;

	if (key_to_poll(key) & EPOLLIN) {
		eventfd_ctx_do_read(db->ctx, &count);
		queue_delayed_work(soo_wq, &db->work, READ_ONCE(db->pause));
	}
	return 0;
}

static void doorbell_queue(struct file *file, wait_queue_head_t *head, poll_table *pt)
{
	struct doorbell *db = container_of(pt, struct doorbell, poll);

	db->head = head;
	add_wait_queue(head, &db->wait);
}

int soo_doorbell_init(struct soo_domain *dom, int fd)
{
	struct doorbell *db = &dom->doorbell;
	struct fd f = fdget(fd);
	int err = 0;

	if (!f.file)
		return -EBADF;
	db->ctx = eventfd_ctx_fileget(f.file);
	if (IS_ERR(db->ctx)) {
		err = PTR_ERR(db->ctx);
		goto put_file;
	}
	INIT_DELAYED_WORK(&db->work, doorbell_work);
	init_waitqueue_func_entry(&db->wait, doorbell_wake);
	init_poll_funcptr(&db->poll, doorbell_queue);
	vfs_poll(f.file, &db->poll);

put_file:
	fdput(f);
	return err;
}

void soo_doorbell_exit(struct soo_domain *dom)
{
	struct doorbell *db = &dom->doorbell;
	u64 count;

	eventfd_ctx_remove_wait_queue(db->ctx, &db->wait, &count);
	cancel_delayed_work_sync(&db->work);
	eventfd_ctx_put(db->ctx);
}
