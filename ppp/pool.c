/* SPDX-License-Identifier: ISC */
/* Address pools; contract in pool.h. */

#include "pool.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <arpa/inet.h>

/* Addresses are in host order here. */
struct span {
	uint32_t first, last;
};

/* An address that has been given at least once. */
struct given {
	TAILQ_ENTRY(given) lru; /* if free */
	LIST_ENTRY(given) of_addr;
	LIST_ENTRY(given) of_user; /* if free */
	uint32_t addr;
	bool out;
	bool reserved; /* neither out nor free */
	char *user;    /* who had it last; NULL: no memory for that */
};

TAILQ_HEAD(given_queue, given);
LIST_HEAD(given_list, given);

struct pool {
	struct span *span; /* sorted, disjoint */
	size_t n_spans;
	uint32_t *never; /* sorted */
	size_t n_never;
	/* The first address never given: fresh, in span[at]; at == n_spans
	 * when all have been given once. */
	size_t at;
	uint32_t fresh;
	struct given_queue free;    /* that came back, the longest ago first */
	struct given_list *by_addr; /* buckets: of all that were given */
	struct given_list *by_user; /* of the free ones, the newest first */
	uint32_t buckets;
	size_t in_use;
};

/* For both tables: an address or so in each, in memory that is small. */
#define BUCKETS_MAX 16384u

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

static uint32_t
buckets_for(const struct pool *p)
{
	uint64_t n = 1;
	size_t i;

	for (i = 0; i < p->n_spans; i++)
		n += p->span[i].last - p->span[i].first;
	return n < BUCKETS_MAX ? (uint32_t)n : BUCKETS_MAX;
}

static bool
make_tables(struct pool *p)
{
	p->buckets = buckets_for(p);
	p->by_addr = calloc(p->buckets, sizeof(*p->by_addr));
	p->by_user = calloc(p->buckets, sizeof(*p->by_user));
	return p->by_addr != NULL && p->by_user != NULL;
}

static uint32_t *
sorted(const struct in_addr *a, size_t n)
{
	uint32_t *list = calloc(n + 1, sizeof(*list));
	size_t i;

	if (list == NULL)
		return NULL;
	for (i = 0; i < n; i++)
		list[i] = ntohl(a[i].s_addr);
	qsort(list, n, sizeof(*list), compare_u32);
	return list;
}

static struct span *
spans_of(const struct conf_range *range, size_t n, size_t *n_spans)
{
	struct span *s = calloc(n + 1, sizeof(*s));
	size_t i;

	if (s == NULL)
		return NULL;
	for (i = 0; i < n; i++)
		s[i] = (struct span){ ntohl(range[i].first.s_addr),
			ntohl(range[i].last.s_addr) };
	*n_spans = merge_spans(s, n);
	return s;
}

struct pool *
pool_new(const struct conf_range *range, size_t n, const struct in_addr *never,
    size_t n_never)
{
	struct pool *p;

	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return NULL;
	TAILQ_INIT(&p->free);
	p->span = spans_of(range, n, &p->n_spans);
	p->never = sorted(never, n_never);
	p->n_never = n_never;
	if (p->span == NULL || p->never == NULL) {
		pool_free(p);
		return NULL;
	}
	if (p->n_spans > 0)
		p->fresh = p->span[0].first;
	if (!make_tables(p)) {
		pool_free(p);
		return NULL;
	}
	return p;
}

void
pool_free(struct pool *p)
{
	struct given *g;
	uint32_t i;

	if (p == NULL)
		return;
	for (i = 0; p->by_addr != NULL && i < p->buckets; i++)
		while ((g = LIST_FIRST(&p->by_addr[i])) != NULL) {
			LIST_REMOVE(g, of_addr);
			free(g->user);
			free(g);
		}
	free(p->span);
	free(p->never);
	free(p->by_addr);
	free(p->by_user);
	free(p);
}

/* --- given addresses --- */

static struct given_list *
addr_bucket(struct pool *p, uint32_t addr)
{
	return &p->by_addr[addr % p->buckets];
}

/* Only users who were let in are in here, so a plain hash will do. */
static struct given_list *
user_bucket(struct pool *p, const char *user)
{
	uint32_t h = 2166136261u;

	for (; *user != '\0'; user++)
		h = (h ^ (uint8_t)*user) * 16777619u;
	h ^= h >> 15;
	return &p->by_user[h % p->buckets];
}

static struct given *
find_user(struct pool *p, const char *user)
{
	struct given *g;

	LIST_FOREACH (g, user_bucket(p, user), of_user)
		if (strcmp(g->user, user) == 0)
			return g;
	return NULL;
}

static struct given *
find_addr(struct pool *p, uint32_t addr)
{
	struct given *g;

	LIST_FOREACH (g, addr_bucket(p, addr), of_addr)
		if (g->addr == addr)
			return g;
	return NULL;
}

static bool
is_never_given(const struct pool *p, uint32_t addr)
{
	return bsearch(&addr, p->never, p->n_never, sizeof(addr),
		   compare_u32) != NULL;
}

/* The next address never given; false when there is none. */
static bool
next_fresh(struct pool *p, uint32_t *addr)
{
	while (p->at < p->n_spans) {
		*addr = p->fresh;
		if (p->fresh != p->span[p->at].last)
			p->fresh++;
		else if (++p->at < p->n_spans)
			p->fresh = p->span[p->at].first;
		/* It may have been claimed. */
		if (!is_never_given(p, *addr) && find_addr(p, *addr) == NULL)
			return true;
	}
	return false;
}

/* Out of memory costs no address: the next one is the same. */
static struct given *
take_fresh(struct pool *p)
{
	struct given *g = calloc(1, sizeof(*g));

	if (g != NULL && next_fresh(p, &g->addr)) {
		LIST_INSERT_HEAD(addr_bucket(p, g->addr), g, of_addr);
		return g;
	}
	free(g);
	return NULL;
}

static struct given *
take_free(struct pool *p, struct given *g)
{
	if (g == NULL)
		return NULL;
	TAILQ_REMOVE(&p->free, g, lru);
	if (g->user != NULL)
		LIST_REMOVE(g, of_user);
	return g;
}

static void
go_out(struct pool *p, struct given *g, const char *user)
{
	if (g->user == NULL || strcmp(g->user, user) != 0) {
		free(g->user);
		g->user = strdup(user);
	}
	g->out = true;
	p->in_use++;
}

bool
pool_take(struct pool *p, const char *user, struct in_addr *addr)
{
	struct given *g = take_free(p, find_user(p, user));

	if (g == NULL)
		g = take_fresh(p);
	if (g == NULL)
		g = take_free(p, TAILQ_FIRST(&p->free));
	if (g == NULL)
		return false;
	go_out(p, g, user);
	addr->s_addr = htonl(g->addr);
	return true;
}

static bool
is_of_pool(const struct pool *p, uint32_t addr)
{
	size_t i;

	for (i = 0; i < p->n_spans; i++)
		if (addr >= p->span[i].first && addr <= p->span[i].last)
			return true;
	return false;
}

enum pool_claim
pool_claim(struct pool *p, const char *user, struct in_addr addr)
{
	const uint32_t a = ntohl(addr.s_addr);
	struct given *g = find_addr(p, a);

	if (is_never_given(p, a) || (g != NULL && g->out))
		return POOL_TAKEN;
	if (g != NULL) {
		(void)take_free(p, g);
	} else {
		g = is_of_pool(p, a) ? calloc(1, sizeof(*g)) : NULL;
		if (g == NULL)
			return POOL_FOREIGN;
		g->addr = a;
		LIST_INSERT_HEAD(addr_bucket(p, a), g, of_addr);
	}
	go_out(p, g, user);
	return POOL_CLAIMED;
}

void
pool_avoid(struct pool *p, struct in_addr addr)
{
	struct given *g = find_addr(p, ntohl(addr.s_addr));

	assert(g != NULL);
	free(g->user);
	g->user = NULL;
	pool_give(p, addr);
}

/* It is neither out nor free. */
static void
forget(struct given *g)
{
	LIST_REMOVE(g, of_addr);
	free(g->user);
	free(g);
}

static void
become_free(struct pool *p, struct given *g)
{
	if (!is_of_pool(p, g->addr)) {
		forget(g);
		return;
	}
	g->reserved = is_never_given(p, g->addr);
	if (g->reserved)
		return;
	TAILQ_INSERT_TAIL(&p->free, g, lru);
	if (g->user != NULL)
		LIST_INSERT_HEAD(user_bucket(p, g->user), g, of_user);
}

void
pool_give(struct pool *p, struct in_addr addr)
{
	struct given *g = find_addr(p, ntohl(addr.s_addr));

	assert(g != NULL && g->out && p->in_use > 0);
	g->out = false;
	p->in_use--;
	become_free(p, g);
}

/* For ranges that have grown.  Without memory it is only slower. */
static void
widen_tables(struct pool *p)
{
	struct pool wide = { .buckets = buckets_for(p) };
	struct given *g, *next;
	uint32_t i;

	if (wide.buckets <= p->buckets)
		return;
	wide.by_addr = calloc(wide.buckets, sizeof(*wide.by_addr));
	wide.by_user = calloc(wide.buckets, sizeof(*wide.by_user));
	if (wide.by_addr == NULL || wide.by_user == NULL) {
		free(wide.by_addr);
		free(wide.by_user);
		return;
	}
	for (i = 0; i < p->buckets; i++)
		for (g = LIST_FIRST(&p->by_addr[i]); g != NULL; g = next) {
			next = LIST_NEXT(g, of_addr);
			LIST_INSERT_HEAD(
			    addr_bucket(&wide, g->addr), g, of_addr);
			if (!g->out && !g->reserved && g->user != NULL)
				LIST_INSERT_HEAD(
				    user_bucket(&wide, g->user), g, of_user);
		}
	free(p->by_addr);
	free(p->by_user);
	p->by_addr = wide.by_addr;
	p->by_user = wide.by_user;
	p->buckets = wide.buckets;
}

bool
pool_resize(struct pool *p, const struct conf_range *range, size_t n)
{
	struct given *g, *next;
	struct span *span;
	size_t n_spans;

	span = spans_of(range, n, &n_spans);
	if (span == NULL)
		return false;
	free(p->span);
	p->span = span;
	p->n_spans = n_spans;
	/* From the beginning: those that were given are found, and left out. */
	p->at = 0;
	p->fresh = n_spans > 0 ? span[0].first : 0;
	for (g = TAILQ_FIRST(&p->free); g != NULL; g = next) {
		next = TAILQ_NEXT(g, lru);
		if (!is_of_pool(p, g->addr))
			forget(take_free(p, g));
	}
	widen_tables(p);
	return true;
}

/* --- those never given change --- */

/* Whether next_fresh() will still come to it. */
static bool
is_ahead(const struct pool *p, uint32_t addr)
{
	size_t i;

	for (i = p->at; i < p->n_spans; i++)
		if (addr >= (i == p->at ? p->fresh : p->span[i].first) &&
		    addr <= p->span[i].last)
			return true;
	return false;
}

static void
set_aside(struct pool *p, uint32_t addr)
{
	struct given *g = find_addr(p, addr);

	if (g == NULL || g->out || g->reserved)
		return;
	(void)take_free(p, g);
	g->reserved = true;
}

/* Without memory for one that was passed over, the pool does without it. */
static void
take_back(struct pool *p, uint32_t addr)
{
	struct given *g = find_addr(p, addr);

	if (g != NULL && !g->reserved)
		return; /* it is out */
	if (g == NULL) {
		if (!is_of_pool(p, addr) || is_ahead(p, addr))
			return;
		g = calloc(1, sizeof(*g));
		if (g == NULL)
			return;
		g->addr = addr;
		LIST_INSERT_HEAD(addr_bucket(p, addr), g, of_addr);
	}
	become_free(p, g);
}

bool
pool_reserve(struct pool *p, const struct in_addr *never, size_t n_never)
{
	uint32_t *old = p->never;
	const size_t n_old = p->n_never;
	uint32_t *list = sorted(never, n_never);
	size_t i;

	if (list == NULL)
		return false;
	p->never = list;
	p->n_never = n_never;
	for (i = 0; i < n_old; i++)
		if (!is_never_given(p, old[i]))
			take_back(p, old[i]);
	for (i = 0; i < n_never; i++)
		set_aside(p, list[i]);
	free(old);
	return true;
}

size_t
pool_in_use(const struct pool *p)
{
	return p->in_use;
}

uint64_t
pool_size(const struct pool *p)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < p->n_spans; i++)
		n += (uint64_t)p->span[i].last - p->span[i].first + 1;
	for (i = 0; i < p->n_never; i++)
		/* The same address may be there twice. */
		if ((i == 0 || p->never[i] != p->never[i - 1]) &&
		    is_of_pool(p, p->never[i]))
			n--;
	return n;
}

uint64_t
pool_left(const struct pool *p)
{
	uint64_t n = pool_size(p);
	const struct given *g;
	uint32_t i;

	for (i = 0; i < p->buckets; i++)
		LIST_FOREACH (g, &p->by_addr[i], of_addr)
			if (g->out && is_of_pool(p, g->addr) &&
			    !is_never_given(p, g->addr))
				n--;
	return n;
}
