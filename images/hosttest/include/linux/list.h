/* SPDX-License-Identifier: GPL-2.0-only */
/* list.h - circular doubly linked lists. A node that is taken off points nowhere, so that its next use is a finding. */
#ifndef HOST_LINUX_LIST_H
#define HOST_LINUX_LIST_H

#include <linux/kernel.h>

struct list_head {
	struct list_head *next, *prev;
};

#define LIST_HEAD_INIT(name)	{ &(name), &(name) }
#define LIST_HEAD(name)		struct list_head name = LIST_HEAD_INIT(name)

static inline void INIT_LIST_HEAD(struct list_head *head)
{
	head->next = head;
	head->prev = head;
}

static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}

static inline void host_list_insert(struct list_head *node, struct list_head *before, struct list_head *after)
{
	node->prev = before;
	node->next = after;
	before->next = node;
	after->prev = node;
}

static inline void list_add(struct list_head *node, struct list_head *head)
{
	host_list_insert(node, head, head->next);
}

static inline void list_add_tail(struct list_head *node, struct list_head *head)
{
	host_list_insert(node, head->prev, head);
}

static inline void list_del(struct list_head *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	node->next = NULL;
	node->prev = NULL;
}

static inline void list_del_init(struct list_head *node)
{
	list_del(node);
	INIT_LIST_HEAD(node);
}

static inline void list_move_tail(struct list_head *node, struct list_head *head)
{
	list_del(node);
	list_add_tail(node, head);
}

#define list_entry(ptr, type, member)		container_of(ptr, type, member)
#define list_first_entry(head, type, member)	list_entry((head)->next, type, member)
#define list_first_entry_or_null(head, type, member) \
	(list_empty(head) ? NULL : list_first_entry(head, type, member))
#define host_entry(ptr, pos, member)		container_of(ptr, __typeof__(*(pos)), member)

#define list_for_each_entry(pos, head, member)						\
	for ((pos) = host_entry((head)->next, pos, member); &(pos)->member != (head);	\
	     (pos) = host_entry((pos)->member.next, pos, member))

#define list_for_each_entry_reverse(pos, head, member)					\
	for ((pos) = host_entry((head)->prev, pos, member); &(pos)->member != (head);	\
	     (pos) = host_entry((pos)->member.prev, pos, member))

#define list_for_each_entry_safe(pos, n, head, member)					\
	for ((pos) = host_entry((head)->next, pos, member),				\
	     (n) = host_entry((pos)->member.next, pos, member);				\
	     &(pos)->member != (head);							\
	     (pos) = (n), (n) = host_entry((n)->member.next, pos, member))

#endif /* HOST_LINUX_LIST_H */
