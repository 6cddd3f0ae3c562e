/* SPDX-License-Identifier: ISC */
/* SAs and the clients they belong to; contract in sadb.h. */

#include "sadb.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 16384u

LIST_HEAD(sa_bucket, sa);
LIST_HEAD(client_bucket, client);

struct sadb {
	struct sa_bucket sas[BUCKETS];
	struct client_bucket by_addr[BUCKETS];
	struct client *by_n[SADB_CLIENTS_MAX + 1];
	uint32_t last; /* number given */
	uint32_t used;
};

/* Only clients that have passed IKE are in here, so a plain hash will do. */
static uint32_t
hash_of(const struct lns_addr *a, uint32_t more)
{
	uint32_t h = 2166136261u ^ more;
	size_t i;

	for (i = 0; i < sizeof(a->ip); i++)
		h = (h ^ a->ip[i]) * 16777619u;
	h ^= h >> 15;
	return h % BUCKETS;
}

static struct sa_bucket *
sa_bucket(struct sadb *t, const struct lns_addr *dst, uint32_t spi)
{
	return &t->sas[hash_of(dst, spi)];
}

static struct client_bucket *
client_bucket(struct sadb *t, const struct lns_addr *addr)
{
	return &t->by_addr[hash_of(addr, addr->port)];
}

struct sadb *
sadb_new(void)
{
	return calloc(1, sizeof(struct sadb));
}

static void
free_list(struct sa_list *list)
{
	struct sa *sa;

	while ((sa = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, sa, entry);
		free(sa);
	}
}

void
sadb_free(struct sadb *t)
{
	uint32_t n;

	if (t == NULL)
		return;
	for (n = 1; n <= SADB_CLIENTS_MAX; n++) {
		if (t->by_n[n] == NULL)
			continue;
		free_list(&t->by_n[n]->in);
		free_list(&t->by_n[n]->out);
		free(t->by_n[n]);
	}
	free(t);
}

/* The next number after the last one given, so that one that was given back
 * rests for as long as possible. */
static uint32_t
take_number(struct sadb *t)
{
	if (t->used == SADB_CLIENTS_MAX)
		return 0;
	do
		t->last = t->last == SADB_CLIENTS_MAX ? 1 : t->last + 1;
	while (t->by_n[t->last] != NULL);
	t->used++;
	return t->last;
}

static struct client *
find_or_make(
    struct sadb *t, const struct lns_addr *addr, const struct lns_addr *local)
{
	struct client_bucket *b = client_bucket(t, addr);
	struct client *c;

	LIST_FOREACH (c, b, hash)
		if (lns_same_ip(&c->addr, addr) && c->addr.port == addr->port &&
		    lns_same_ip(&c->local, local))
			return c;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return NULL;
	c->n = (uint16_t)take_number(t);
	if (c->n == 0) {
		free(c);
		return NULL;
	}
	c->addr = *addr;
	c->local = *local;
	c->leaves = MONO_NEVER;
	TAILQ_INIT(&c->in);
	TAILQ_INIT(&c->out);
	LIST_INIT(&c->sockets);
	LIST_INSERT_HEAD(b, c, hash);
	t->by_n[c->n] = c;
	return c;
}

static struct lns_addr
client_addr(const struct sa_info *info, bool inbound)
{
	struct lns_addr a = inbound ? info->src : info->dst;

	a.port = inbound ? info->encap_sport : info->encap_dport;
	return a;
}

struct sa *
sadb_add(struct sadb *t, const struct sa_info *info, bool inbound)
{
	struct lns_addr addr = client_addr(info, inbound);
	struct sa *sa = sadb_find_sa(t, &info->dst, info->spi);
	struct client *c;

	if (sa != NULL) {
		sa->info.encap_sport = info->encap_sport;
		sa->info.encap_dport = info->encap_dport;
		return sa;
	}
	sa = calloc(1, sizeof(*sa));
	c = sa == NULL
		? NULL
		: find_or_make(t, &addr, inbound ? &info->dst : &info->src);
	if (c == NULL) {
		free(sa);
		return NULL;
	}
	sa->client = c;
	sa->info = *info;
	sa->inbound = inbound;
	LIST_INSERT_HEAD(sa_bucket(t, &info->dst, info->spi), sa, hash);
	TAILQ_INSERT_HEAD(inbound ? &c->in : &c->out, sa, entry);
	return sa;
}

struct sa *
sadb_find_sa(const struct sadb *t, const struct lns_addr *dst, uint32_t spi)
{
	struct sa *sa;

	LIST_FOREACH (sa, &t->sas[hash_of(dst, spi)], hash)
		if (sa->info.spi == spi && lns_same_ip(&sa->info.dst, dst))
			return sa;
	return NULL;
}

void
sadb_remove(struct sadb *t, struct sa *sa)
{
	(void)t;
	LIST_REMOVE(sa, hash);
	TAILQ_REMOVE(
	    sa->inbound ? &sa->client->in : &sa->client->out, sa, entry);
	free(sa);
}

struct client *
sadb_find(const struct sadb *t, uint32_t n)
{
	return n == 0 || n > SADB_CLIENTS_MAX ? NULL : t->by_n[n];
}

void
sadb_drop(struct sadb *t, struct client *c)
{
	assert(TAILQ_EMPTY(&c->in) && TAILQ_EMPTY(&c->out));
	assert(LIST_EMPTY(&c->sockets));
	LIST_REMOVE(c, hash);
	t->by_n[c->n] = NULL;
	t->used--;
	free(c);
}

void
sadb_move(struct sadb *t, struct client *c, uint16_t port)
{
	struct sa *sa;

	LIST_REMOVE(c, hash);
	c->addr.port = port;
	/* In front of one that had the port before. */
	LIST_INSERT_HEAD(client_bucket(t, &c->addr), c, hash);
	TAILQ_FOREACH (sa, &c->in, entry)
		sa->info.encap_sport = port;
	TAILQ_FOREACH (sa, &c->out, entry)
		sa->info.encap_dport = port;
}

void
sadb_each(struct sadb *t, sadb_fn fn, void *arg)
{
	struct sa *sa, *next;
	uint32_t i;

	for (i = 0; i < BUCKETS; i++)
		for (sa = LIST_FIRST(&t->sas[i]); sa != NULL; sa = next) {
			next = LIST_NEXT(sa, hash);
			fn(sa, arg);
		}
}

const struct sa *
client_out(const struct client *c, uint16_t port)
{
	const struct sa *sa;

	TAILQ_FOREACH (sa, &c->out, entry)
		if (sa->info.sel_dport == 0 || sa->info.sel_dport == port)
			return sa;
	return NULL;
}

const struct sa *
client_in(const struct client *c, const struct sa *behind, uint16_t port)
{
	const struct sa *sa =
	    behind == NULL ? TAILQ_FIRST(&c->in) : TAILQ_NEXT(behind, entry);

	while (
	    sa != NULL && sa->info.sel_sport != 0 && sa->info.sel_sport != port)
		sa = TAILQ_NEXT(sa, entry);
	return sa;
}

bool
client_is_protected(const struct client *c)
{
	return !TAILQ_EMPTY(&c->in) || !TAILQ_EMPTY(&c->out);
}
