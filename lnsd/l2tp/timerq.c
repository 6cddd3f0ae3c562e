/* SPDX-License-Identifier: ISC */

/* A binary heap of deadlines. */

#include "timerq.h"

#include <stdlib.h>
#include <string.h>

#include "proto.h"

void
timerq_fini(struct timerq *q)
{
	free(q->heap);
	*q = (struct timerq){ 0 };
}

int
timerq_reserve(struct timerq *q, size_t n)
{
	struct timer **heap;
	size_t cap = q->cap == 0 ? 64 : q->cap;

	if (n < q->cap)
		return 0;
	while (cap <= n)
		cap *= 2;
	heap = calloc(cap, sizeof(struct timer *));
	if (heap == NULL)
		return L2TP_E_MEMORY;
	if (q->n != 0)
		memcpy(heap + 1, q->heap + 1, q->n * sizeof(struct timer *));
	free(q->heap);
	q->heap = heap;
	q->cap = cap;
	return 0;
}

static void
place(struct timerq *q, size_t pos, struct timer *t)
{
	q->heap[pos] = t;
	t->pos = pos;
}

static void
sift_up(struct timerq *q, struct timer *t)
{
	size_t pos = t->pos;

	while (pos > 1 && mono_before(t->when, q->heap[pos / 2]->when)) {
		place(q, pos, q->heap[pos / 2]);
		pos /= 2;
	}
	place(q, pos, t);
}

static void
sift_down(struct timerq *q, struct timer *t)
{
	size_t pos = t->pos, child;

	while ((child = 2 * pos) <= q->n) {
		if (child < q->n &&
		    mono_before(q->heap[child + 1]->when, q->heap[child]->when))
			child++;
		if (!mono_before(q->heap[child]->when, t->when))
			break;
		place(q, pos, q->heap[child]);
		pos = child;
	}
	place(q, pos, t);
}

static void
take_out(struct timerq *q, struct timer *t)
{
	struct timer *last = q->heap[q->n--];

	if (last != t) {
		place(q, t->pos, last);
		sift_up(q, last);
		sift_down(q, last);
	}
	t->pos = 0;
}

void
timerq_set(struct timerq *q, struct timer *t, struct mono when)
{
	t->when = when;
	if (mono_is_never(when)) {
		if (t->pos != 0)
			take_out(q, t);
		return;
	}
	if (t->pos == 0)
		place(q, ++q->n, t);
	sift_up(q, t);
	sift_down(q, t);
}

struct timer *
timerq_first(const struct timerq *q)
{
	return q->n == 0 ? NULL : q->heap[1];
}
