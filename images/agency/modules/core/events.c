// SPDX-License-Identifier: GPL-2.0-only
/*
 * events.c - the event stream: a byte ring that a blocking debugfs file empties.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/kfifo.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>
#include <linux/wait.h>

#include <soo/events.h>

#define EVENTS_BYTES	(512 * 1024)
#define LOST_LINE_MAX	96
#define EVENT_MAX	2560	/* a value of 640 bytes, each encoded as three, and a path */

static DEFINE_SPINLOCK(events_lock);	/* guards everything below but the readers' side */
static struct kfifo events_fifo;
static void *events_memory;
static char event_line[EVENT_MAX];
static u64 events_seq;
static u64 events_lost;

static DECLARE_WAIT_QUEUE_HEAD(events_wait);
static DEFINE_MUTEX(events_reader);	/* one reader at a time takes bytes out */

size_t soo_encode(char *out, size_t size, const char *text)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;

	for (; *text; text++) {
		unsigned char c = *text;

		if (c > ' ' && c < 0x7f && c != '%') {
			if (n + 1 >= size)
				break;
			out[n++] = c;
			continue;
		}
		if (n + 3 >= size)
			break;
		out[n++] = '%';
		out[n++] = hex[c >> 4];
		out[n++] = hex[c & 15];
	}
	out[n] = '\0';
	return n;
}

/* With events_lock held. Lines go in whole or not at all. */
static bool put_line(size_t len)
{
	if (kfifo_avail(&events_fifo) < len)
		return false;
	kfifo_in(&events_fifo, event_line, len);
	return true;
}

static size_t begin_line(void)
{
	return scnprintf(event_line, EVENT_MAX, "%llu %llu ", events_seq++, ktime_get_ns());
}

static void report_lost(void)
{
	size_t len;

	if (!events_lost || kfifo_avail(&events_fifo) < LOST_LINE_MAX)
		return;
	len = begin_line();
	len += scnprintf(event_line + len, EVENT_MAX - len, "stream lost n=%llu\n", events_lost);
	put_line(len);
	events_lost = 0;
}

static void emit(const char *key, const char *text, const char *fmt, va_list args)
{
	unsigned long flags;
	size_t len;

	spin_lock_irqsave(&events_lock, flags);
	report_lost();
	len = begin_line();
	len += vscnprintf(event_line + len, EVENT_MAX - len - 1, fmt, args);
	if (key) {
		len += scnprintf(event_line + len, EVENT_MAX - len - 1, " %s=", key);
		len += soo_encode(event_line + len, EVENT_MAX - len - 1, text);
	}
	event_line[len++] = '\n';
	if (events_lost || !put_line(len))
		events_lost++;
	spin_unlock_irqrestore(&events_lock, flags);
	wake_up_interruptible(&events_wait);
}

void soo_event(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	emit(NULL, NULL, fmt, args);
	va_end(args);
}
EXPORT_SYMBOL_GPL(soo_event);

void soo_event_text(const char *key, const char *text, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	emit(key, text, fmt, args);
	va_end(args);
}
EXPORT_SYMBOL_GPL(soo_event_text);

static ssize_t events_read(struct file *file, char __user *buf, size_t size, loff_t *pos)
{
	unsigned int copied = 0;
	int err;

	err = mutex_lock_interruptible(&events_reader);
	if (err)
		return err;
	while (!copied) {
		if (kfifo_is_empty(&events_fifo) && (file->f_flags & O_NONBLOCK)) {
			err = -EAGAIN;
			break;
		}
		err = wait_event_interruptible(events_wait, !kfifo_is_empty(&events_fifo));
		if (err)
			break;
		/* One reader and one writer at a time: the fifo needs no lock between them. */
		err = kfifo_to_user(&events_fifo, buf, size, &copied);
		if (err)
			break;
	}
	mutex_unlock(&events_reader);
	return copied ? (ssize_t)copied : err;
}

static const struct file_operations events_fops = {
	.owner = THIS_MODULE,
	.open = nonseekable_open,
	.read = events_read,
	.llseek = no_llseek,
};

int soo_events_init(struct dentry *root)
{
	int err;

	events_memory = vmalloc(EVENTS_BYTES);
	if (!events_memory)
		return -ENOMEM;
	err = kfifo_init(&events_fifo, events_memory, EVENTS_BYTES);
	if (err)
		goto free_memory;
	soo_event("stream begin revision=1");
	debugfs_create_file("events", 0400, root, NULL, &events_fops);
	return 0;

free_memory:
	soo_events_exit();
	return err;
}

/* After the debugfs file, which is removed with its folder. */
void soo_events_exit(void)
{
	vfree(events_memory);
	events_memory = NULL;
}
