/* SPDX-License-Identifier: GPL-2.0-only */
/* list.h - circular doubly linked list; the head is a node of its own. */
#ifndef LIST_H
#define LIST_H

#include "types.h"

struct list {
	struct list *prev;
	struct list *next;
};

#define LIST_INIT(name)	{ &(name), &(name) }

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - __builtin_offsetof(type, member)))

#define list_for_each(pos, head) \
	for ((pos) = (head)->next; (pos) != (head); (pos) = (pos)->next)

static inline void list_init(struct list *head)
{
	head->prev = head;
	head->next = head;
}

static inline bool list_empty(const struct list *head)
{
	return head->next == head;
}

static inline void list_add_tail(struct list *node, struct list *head)
{
	node->prev = head->prev;
	node->next = head;
	head->prev->next = node;
	head->prev = node;
}

static inline void list_del(struct list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	list_init(node);
}

#endif /* LIST_H */
