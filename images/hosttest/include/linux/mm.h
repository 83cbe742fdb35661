/* SPDX-License-Identifier: GPL-2.0-only */
/* mm.h - pages of the memory of MEs, which ../../host/machine.c provides. A page's address is its number here. */
#ifndef HOST_LINUX_MM_H
#define HOST_LINUX_MM_H

#include <linux/kernel.h>

struct page {
	void *address;
	int pins;
};

struct mm_struct {
	int unused;
};

#define FOLL_WRITE	1u
#define FOLL_LONGTERM	2u

#define page_address(page)	((page)->address)
#define page_to_phys(page)	((phys_addr_t)(unsigned long)(page)->address)
#define virt_to_phys(p)		((phys_addr_t)(unsigned long)(p))
#define clear_page(p)		memset(p, 0, PAGE_SIZE)

struct page *virt_to_page(const void *address);
void get_page(struct page *page);

/* Return: 1, or -EFAULT where there is no memory. */
int pin_user_pages_fast(unsigned long address, int count, unsigned int flags, struct page **pages);
void unpin_user_page(struct page *page);
void unpin_user_pages_dirty_lock(struct page **pages, unsigned long count, bool dirty);

#endif /* HOST_LINUX_MM_H */
