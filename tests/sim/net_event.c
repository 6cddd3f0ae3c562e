/* SPDX-License-Identifier: ISC */
#include "net_event.h"

#include <stdlib.h>

void *
net_alloc(size_t size)
{
	void *p = calloc(1, size);

	if (p == NULL)
		abort();
	return p;
}

static bool
earlier(const struct net_event *a, const struct net_event *b)
{
	if (a->at.ms != b->at.ms)
		return a->at.ms < b->at.ms;
	return a->serial < b->serial;
}

void
net_push(struct net *n, struct net_event *e)
{
	size_t i = n->n_events++, up;

	e->serial = n->serial++;
	if (n->n_events > n->max_events) {
		n->max_events = n->max_events == 0 ? 64 : n->max_events * 2;
		n->heap = reallocarray(
		    n->heap, n->max_events, sizeof(struct net_event *));
		if (n->heap == NULL)
			abort();
	}
	for (; i > 0; i = up) {
		up = (i - 1) / 2;
		if (!earlier(e, n->heap[up]))
			break;
		n->heap[i] = n->heap[up];
	}
	n->heap[i] = e;
}

struct net_event *
net_pop(struct net *n)
{
	struct net_event *top = n->heap[0], *last = n->heap[--n->n_events];
	size_t i = 0, down;

	while ((down = 2 * i + 1) < n->n_events) {
		if (down + 1 < n->n_events &&
		    earlier(n->heap[down + 1], n->heap[down]))
			down++;
		if (!earlier(n->heap[down], last))
			break;
		n->heap[i] = n->heap[down];
		i = down;
	}
	n->heap[i] = last;
	return top;
}

bool
net_overtake(struct net *n, size_t client)
{
	struct net_event *first = NULL, *second = NULL, *e, swap;

	for (size_t i = 0; i < n->n_events; i++) {
		e = n->heap[i];
		if (e->kind != EV_TO_SERVER || e->client != client)
			continue;
		if (first == NULL || earlier(e, first)) {
			second = first;
			first = e;
		} else if (second == NULL || earlier(e, second)) {
			second = e;
		}
	}
	if (second == NULL)
		return false;
	swap = *first;
	first->at = second->at;
	first->serial = second->serial;
	second->at = swap.at;
	second->serial = swap.serial;
	for (size_t i = 0; i < n->n_events; i++) {
		if (n->heap[i] == first)
			n->heap[i] = second;
		else if (n->heap[i] == second)
			n->heap[i] = first;
	}
	return true;
}
