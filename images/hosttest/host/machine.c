/* SPDX-License-Identifier: GPL-2.0-only */
/* machine.c - memory of MEs, and the process that hosts them. */
#include <linux/file.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "machine.h"

static struct mm_struct host_mm, other_mm;
static struct task_struct task = { &host_mm };
struct task_struct *current = &task;
void (*machine_on_kill)(int pid);

static u8 *rams[MACHINE_RAMS];
static struct page pages[MACHINE_RAMS][MACHINE_PAGES];

u8 *machine_ram(unsigned int index)
{
	if (!rams[index]) {
		host_want(0);
		rams[index] = host_alloc_aligned(MACHINE_PAGES * PAGE_SIZE, PAGE_SIZE);
	}
	return rams[index];
}

void machine_forget(void)
{
	unsigned int i;

	for (i = 0; i < MACHINE_RAMS; i++)
		host_free(rams[i]);
}

int machine_pins(unsigned int index)
{
	int pins = 0;
	unsigned int i;

	for (i = 0; i < MACHINE_PAGES; i++)
		pins += pages[index][i].pins;
	return pins;
}

void machine_be_host(bool yes)
{
	task.mm = yes ? &host_mm : &other_mm;
}

static struct page *find_page(unsigned long address)
{
	unsigned int i;

	for (i = 0; i < MACHINE_RAMS; i++) {
		unsigned long offset = address - (unsigned long)rams[i];

		if (rams[i] && offset < MACHINE_PAGES * PAGE_SIZE) {
			struct page *page = &pages[i][offset / PAGE_SIZE];

			page->address = rams[i] + offset / PAGE_SIZE * PAGE_SIZE;
			return page;
		}
	}
	return NULL;
}

struct page *virt_to_page(const void *address)
{
	struct page *page = find_page((unsigned long)address);

	host_check(page, "the page of an address that is no memory of an ME");
	return page;
}

void get_page(struct page *page)
{
	page->pins++;
}

int pin_user_pages_fast(unsigned long address, int count, unsigned int flags, struct page **ret)
{
	struct page *page = find_page(address);

	if (!page)
		return -EFAULT;
	page->pins++;
	*ret = page;
	return 1;
}

void unpin_user_page(struct page *page)
{
	host_check(page->pins > 0, "a page is unpinned that is not pinned");
	page->pins--;
}

void unpin_user_pages_dirty_lock(struct page **list, unsigned long count, bool dirty)
{
	while (count--)
		unpin_user_page(list[count]);
}

static struct pid the_pid = { 4711 };

struct pid *get_task_pid(struct task_struct *task, int type)
{
	return &the_pid;
}

void put_pid(struct pid *pid)
{
}

int pid_nr(const struct pid *pid)
{
	return pid->number;
}

int kill_pid(struct pid *pid, int signal, int private)
{
	if (machine_on_kill)
		machine_on_kill(pid->number);
	return 0;
}

static struct doorbell_file {
	struct file file;
	struct eventfd_ctx ctx;
	wait_queue_head_t head;
} doorbells[MACHINE_DOORBELLS];

struct fd fdget(int fd)
{
	return (struct fd){ fd >= 0 && fd < MACHINE_DOORBELLS ? &doorbells[fd].file : NULL };
}

unsigned int vfs_poll(struct file *file, poll_table *pt)
{
	pt->queue(file, &container_of(file, struct doorbell_file, file)->head, pt);
	return 0;
}

struct eventfd_ctx *eventfd_ctx_fileget(struct file *file)
{
	struct doorbell_file *db = container_of(file, struct doorbell_file, file);

	db->ctx.head = &db->head;
	return &db->ctx;
}

int eventfd_ctx_remove_wait_queue(struct eventfd_ctx *ctx, wait_queue_entry_t *entry, u64 *count)
{
	host_check(ctx->head->entry == entry, "a doorbell is silenced that was not to ring");
	ctx->head->entry = NULL;
	eventfd_ctx_do_read(ctx, count);
	return 0;
}

/* Who is told may not sleep. */
void machine_ring(int fd)
{
	struct doorbell_file *db = &doorbells[fd];
	static DEFINE_SPINLOCK(lock);

	db->ctx.count++;
	if (!db->head.entry)
		return;
	spin_lock(&lock);
	db->head.entry->func(db->head.entry, 0, 0, (void *)(unsigned long)EPOLLIN);
	spin_unlock(&lock);
}

struct eventfd_ctx *eventfd_ctx_fdget(int fd)
{
	struct eventfd_ctx *ctx = fd < 0 ? NULL : host_alloc(sizeof(*ctx));

	return ctx ? ctx : ERR_PTR(-EBADF);
}

void eventfd_ctx_put(struct eventfd_ctx *ctx)
{
	if (!ctx->head)
		host_free(ctx);
}
