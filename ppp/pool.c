/* SPDX-License-Identifier: ISC */
/* Address pools; contract in pool.h. */

#include "pool.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>

/* Addresses are in host order here. */
struct span {
	uint32_t first, last;
};

struct pool {
	struct span *span; /* sorted, disjoint */
	size_t n_spans;
	uint32_t *never; /* sorted */
	size_t n_never;
	/* The first address never given: fresh, in span[at]; at == n_spans
	 * when all have been given once. */
	size_t at;
	uint32_t fresh;
	/* Ring of addresses that came back.  Room is made when an address is
	 * taken, so that giving back never needs memory. */
	uint32_t *ring;
	size_t size, head, n_free;
	size_t in_use;
};

static int
compare_u32(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Both begin with the address they are sorted by. */
static int
compare_spans(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return compare_u32(&x->first, &y->first);
}

static size_t
merge_spans(struct span *s, size_t n)
{
	size_t i, out = 0;

	if (n > 1)
		qsort(s, n, sizeof(*s), compare_spans);
	for (i = 0; i < n; i++) {
		if (out > 0 && s[i].first <= s[out - 1].last) {
			if (s[i].last > s[out - 1].last)
				s[out - 1].last = s[i].last;
			continue;
		}
		s[out++] = s[i];
	}
	return out;
}

struct pool *
pool_new(const struct conf_range *range, size_t n, const struct in_addr *never,
    size_t n_never)
{
	struct pool *p;
	size_t i;

	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return NULL;
	p->span = calloc(n > 0 ? n : 1, sizeof(*p->span));
	p->never = calloc(n_never > 0 ? n_never : 1, sizeof(*p->never));
	if (p->span == NULL || p->never == NULL) {
		pool_free(p);
		return NULL;
	}
	for (i = 0; i < n; i++)
		p->span[i] = (struct span){ ntohl(range[i].first.s_addr),
			ntohl(range[i].last.s_addr) };
	p->n_spans = merge_spans(p->span, n);
	for (i = 0; i < n_never; i++)
		p->never[i] = ntohl(never[i].s_addr);
	p->n_never = n_never;
	if (n_never > 1)
		qsort(p->never, n_never, sizeof(*p->never), compare_u32);
	if (p->n_spans > 0)
		p->fresh = p->span[0].first;
	return p;
}

void
pool_free(struct pool *p)
{
	if (p == NULL)
		return;
	free(p->span);
	free(p->never);
	free(p->ring);
	free(p);
}

/* The next address never given; false when there is none. */
static bool
take_fresh(struct pool *p, uint32_t *addr)
{
	while (p->at < p->n_spans) {
		*addr = p->fresh;
		if (p->fresh != p->span[p->at].last)
			p->fresh++;
		else if (++p->at < p->n_spans)
			p->fresh = p->span[p->at].first;
		if (bsearch(addr, p->never, p->n_never, sizeof(*addr),
			compare_u32) == NULL)
			return true;
	}
	return false;
}

static bool
make_room(struct pool *p)
{
	size_t size = p->size > 0 ? 2 * p->size : 16, i;
	uint32_t *ring;

	if (p->in_use + p->n_free < p->size)
		return true;
	ring = calloc(size, sizeof(*ring));
	if (ring == NULL)
		return false;
	assert(p->n_free <= p->size);
	for (i = 0; i < p->n_free && p->size > 0; i++)
		ring[i] = p->ring[(p->head + i) % p->size];
	free(p->ring);
	p->ring = ring;
	p->size = size;
	p->head = 0;
	return true;
}

bool
pool_take(struct pool *p, struct in_addr *addr)
{
	uint32_t a;

	if (p->at < p->n_spans && !make_room(p))
		return false;
	if (!take_fresh(p, &a)) {
		if (p->n_free == 0)
			return false;
		a = p->ring[p->head];
		p->head = (p->head + 1) % p->size;
		p->n_free--;
	}
	p->in_use++;
	addr->s_addr = htonl(a);
	return true;
}

void
pool_give(struct pool *p, struct in_addr addr)
{
	assert(p->in_use > 0);
	p->ring[(p->head + p->n_free) % p->size] = ntohl(addr.s_addr);
	p->n_free++;
	p->in_use--;
}

size_t
pool_in_use(const struct pool *p)
{
	return p->in_use;
}
