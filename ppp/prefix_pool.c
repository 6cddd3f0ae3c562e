/* SPDX-License-Identifier: ISC */
/*
 * Pools of IPv6 prefixes; contract in prefix_pool.h.  Below a /32 there are as
 * many /64 as there are IPv4 addresses: which of them is given is decided by an
 * address pool, over their numbers.
 */

#include "prefix_pool.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>

#include "pool.h"

struct prefix_pool {
	uint64_t base; /* the first 64 bits, in the machine's order */
	uint32_t last; /* number */
	struct pool *numbers;
};

static uint64_t
high_half(const struct in6_addr *a)
{
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < 8; i++)
		v = v << 8 | a->s6_addr[i];
	return v;
}

static void
from_high_half(struct in6_addr *a, uint64_t v)
{
	size_t i;

	memset(a, 0, sizeof(*a));
	for (i = 8; i > 0; i--, v >>= 8)
		a->s6_addr[i - 1] = (uint8_t)v;
}

/* False if it is not of this pool. */
static bool
number_of(const struct prefix_pool *p, const struct in6_addr *a, uint32_t *n)
{
	uint64_t high = high_half(a);

	if (high < p->base || high - p->base > p->last)
		return false;
	*n = (uint32_t)(high - p->base);
	return true;
}

static struct pool *
make_numbers(const struct prefix_pool *p)
{
	const struct conf_range all = { .first = { 0 },
		.last = { htonl(p->last) } };

	return pool_new(&all, 1, NULL, 0);
}

bool
prefix_pool_reserve(
    struct prefix_pool *p, const struct in6_addr *never, size_t n_never)
{
	struct in_addr *inside = calloc(n_never + 1, sizeof(*inside));
	size_t n = 0, i;
	uint32_t number;
	bool ok;

	if (inside == NULL)
		return false;
	for (i = 0; i < n_never; i++)
		if (number_of(p, &never[i], &number))
			inside[n++].s_addr = htonl(number);
	ok = pool_reserve(p->numbers, inside, n);
	free(inside);
	return ok;
}

struct prefix_pool *
prefix_pool_new(const struct conf_prefix *prefix, const struct in6_addr *never,
    size_t n_never)
{
	struct prefix_pool *p;

	assert(prefix->len >= 32 && prefix->len <= 64);
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return NULL;
	p->base = high_half(&prefix->address);
	p->last = (uint32_t)((UINT64_C(1) << (64 - prefix->len)) - 1);
	p->numbers = make_numbers(p);
	if (p->numbers != NULL && prefix_pool_reserve(p, never, n_never))
		return p;
	prefix_pool_free(p);
	return NULL;
}

void
prefix_pool_free(struct prefix_pool *p)
{
	if (p == NULL)
		return;
	pool_free(p->numbers);
	free(p);
}

bool
prefix_pool_take(struct prefix_pool *p, const char *user, struct in6_addr *a)
{
	struct in_addr number;

	if (!pool_take(p->numbers, user, &number))
		return false;
	from_high_half(a, p->base + ntohl(number.s_addr));
	return true;
}

void
prefix_pool_give(struct prefix_pool *p, const struct in6_addr *a)
{
	struct in_addr number;
	uint32_t n = 0;
	bool ours = number_of(p, a, &n);

	assert(ours);
	(void)ours;
	number.s_addr = htonl(n);
	pool_give(p->numbers, number);
}

size_t
prefix_pool_in_use(const struct prefix_pool *p)
{
	return pool_in_use(p->numbers);
}

uint64_t
prefix_pool_size(const struct prefix_pool *p)
{
	return pool_size(p->numbers);
}

uint64_t
prefix_pool_left(const struct prefix_pool *p)
{
	return pool_left(p->numbers);
}
