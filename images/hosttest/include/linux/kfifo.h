/* SPDX-License-Identifier: GPL-2.0-only */
/* kfifo.h - byte queues of a size that is a power of two. */
#ifndef HOST_LINUX_KFIFO_H
#define HOST_LINUX_KFIFO_H

#include <linux/fs.h>

struct kfifo {
	u8 *data;
	unsigned int size;
	unsigned int in, out;
};

/* A queue within a structure brings its own bytes. */
#define DECLARE_KFIFO(name, type, count) \
	struct { struct kfifo base; type bytes[count]; } name
#define INIT_KFIFO(fifo) \
	((fifo).base = (struct kfifo){ .data = (fifo).bytes, .size = sizeof((fifo).bytes) })

static inline int kfifo_init(struct kfifo *fifo, void *memory, unsigned int size)
{
	*fifo = (struct kfifo){ .data = memory, .size = size };
	return 0;
}

#define host_fifo(fifo)		((struct kfifo *)(fifo))
#define kfifo_len(fifo)		(host_fifo(fifo)->in - host_fifo(fifo)->out)
#define kfifo_avail(fifo)	(host_fifo(fifo)->size - kfifo_len(fifo))
#define kfifo_is_empty(fifo)	(!kfifo_len(fifo))
#define kfifo_is_full(fifo)	(!kfifo_avail(fifo))

static inline unsigned int host_fifo_in(struct kfifo *fifo, const void *from, unsigned int n)
{
	unsigned int at = fifo->in % fifo->size;
	unsigned int first;

	n = min(n, kfifo_avail(fifo));
	first = min(n, fifo->size - at);
	memcpy(fifo->data + at, from, first);
	memcpy(fifo->data, (const u8 *)from + first, n - first);
	fifo->in += n;
	return n;
}

static inline int host_fifo_put(struct kfifo *fifo, u8 c)
{
	return host_fifo_in(fifo, &c, 1);
}

static inline int host_fifo_out(struct kfifo *fifo, char *to, unsigned int size, unsigned int *copied)
{
	unsigned int n = min(size, kfifo_len(fifo));

	for (*copied = 0; *copied < n; (*copied)++)
		to[*copied] = fifo->data[fifo->out++ % fifo->size];
	return 0;
}

#define kfifo_in(fifo, from, n)			host_fifo_in(host_fifo(fifo), from, n)
#define kfifo_put(fifo, c)			host_fifo_put(host_fifo(fifo), c)
#define kfifo_to_user(fifo, to, size, copied)	host_fifo_out(host_fifo(fifo), to, size, copied)

#endif /* HOST_LINUX_KFIFO_H */
