/* SPDX-License-Identifier: ISC */

/* The ordered queue of effects between the engine and whoever runs it. */

#include "effect.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* Of what is copied: a struct lns_call may be among it. */
	ALIGN = 8,
	ITEMS_MIN = 64,
	BLOCK_MIN = 4096,
	/* A burst may need more; it is given back afterwards. */
	BLOCK_KEPT = 64 * 1024,
	ITEMS_KEPT = 256,
};

void
fx_fini(struct fx_queue *q)
{
	free(q->items);
	free(q->block);
	*q = (struct fx_queue){ 0 };
}

/* Gives back what a burst, or tunnels that have gone, needed.  The queue is
 * empty. */
static void
shrink_items(struct fx_queue *q)
{
	struct fx_item *items;
	size_t cap = q->cap / 4;

	if (q->cap <= ITEMS_KEPT || q->reserved >= cap / 2)
		return;
	items = calloc(cap, sizeof(*items));
	if (items == NULL)
		return;
	free(q->items);
	q->items = items;
	q->cap = cap;
}

void
fx_begin(struct fx_queue *q)
{
	/* Whoever has not taken all effects yet keeps them. */
	if (q->head != q->n)
		return;
	q->head = q->n = q->used = 0;
	shrink_items(q);
	if (q->size > BLOCK_KEPT) {
		free(q->block);
		q->block = NULL;
		q->size = 0;
	}
}

/* Room for `need` items in all. */
static bool
grow_items(struct fx_queue *q, size_t need)
{
	struct fx_item *items;
	size_t cap = q->cap == 0 ? ITEMS_MIN : q->cap;

	if (need <= q->cap)
		return true;
	while (cap < need)
		cap *= 2;
	items = calloc(cap, sizeof(*items));
	if (items == NULL)
		return false;
	if (q->n != 0)
		memcpy(items, q->items, q->n * sizeof(*items));
	free(q->items);
	q->items = items;
	q->cap = cap;
	return true;
}

static bool
grow_block(struct fx_queue *q, size_t need)
{
	uint8_t *block;
	size_t size = q->size == 0 ? BLOCK_MIN : q->size;

	if (need <= q->size)
		return true;
	while (size < need)
		size *= 2;
	block = calloc(1, size);
	if (block == NULL)
		return false;
	if (q->used != 0)
		memcpy(block, q->block, q->used);
	free(q->block);
	q->block = block;
	q->size = size;
	return true;
}

bool
fx_reserve(struct fx_queue *q, size_t endings)
{
	if (!grow_items(q, q->n + q->reserved + endings))
		return false;
	q->reserved += endings;
	return true;
}

void
fx_release(struct fx_queue *q, size_t endings)
{
	q->reserved -= endings;
}

bool
fx_push(struct fx_queue *q, const struct lns_effect *e, const void *data,
    size_t len)
{
	size_t at = (q->used + ALIGN - 1) / ALIGN * ALIGN;

	if (!grow_items(q, q->n + q->reserved + 1) || !grow_block(q, at + len))
		return false;
	if (len != 0)
		memcpy(q->block + at, data, len);
	q->items[q->n] = (struct fx_item){ .e = *e, .at = at };
	q->items[q->n].e.len = len;
	q->n++;
	q->used = at + len;
	return true;
}

void
fx_push_ending(struct fx_queue *q, const struct lns_effect *e)
{
	/* The room was reserved: cannot fail. */
	assert(q->reserved > 0);
	q->reserved--;
	q->items[q->n++] = (struct fx_item){ .e = *e, .at = q->used };
}

bool
fx_next(struct fx_queue *q, struct lns_effect *e)
{
	const struct fx_item *i;

	if (q->head == q->n)
		return false;
	i = &q->items[q->head++];
	*e = i->e;
	if (e->type == LNS_SEND)
		e->data = q->block + i->at;
	else if (e->type == LNS_PPP_START)
		e->call = (const void *)(q->block + i->at);
	else if (e->type == LNS_LOG || (e->type == LNS_MESSAGE && e->len != 0))
		e->text = (const char *)q->block + i->at;
	return true;
}
