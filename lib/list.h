/*
 * Doubly linked lists whose links are members of what is listed: nothing is allocated, and
 * whoever is in a list can leave it at once. A zeroed struct list is empty.
 *
 * Where every member waits equally long, whoever entered first is due first, so such a list is
 * all the timers that are needed: nobody scans, nobody sorts.
 */
#ifndef TENK_LIST_H
#define TENK_LIST_H

#include <stddef.h>

struct list_node {
	struct list_node *previous, *next;
};

struct list {
	struct list_node *first, *last;
	size_t count;
};

/* The struct of that type whose member `member` is the node. */
#define LIST_ENTRY(node, type, member) ((type *)((char *)(node)-offsetof(type, member)))

static inline void list_append(struct list *list, struct list_node *node)
{
	node->previous = list->last;
	node->next = NULL;
	if (list->last)
		list->last->next = node;
	else
		list->first = node;
	list->last = node;
	list->count++;
}

static inline void list_prepend(struct list *list, struct list_node *node)
{
	node->previous = NULL;
	node->next = list->first;
	if (list->first)
		list->first->previous = node;
	else
		list->last = node;
	list->first = node;
	list->count++;
}

static inline void list_remove(struct list *list, struct list_node *node)
{
	if (node->previous)
		node->previous->next = node->next;
	else
		list->first = node->next;
	if (node->next)
		node->next->previous = node->previous;
	else
		list->last = node->previous;
	list->count--;
}

#endif
