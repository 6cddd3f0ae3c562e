/* SPDX-License-Identifier: ISC */

/* The tables of the engine: who a tunnel is found by, and which list it is
 * in. */

#include "engine.h"

#include <string.h>

/* From the same client: nobody else can send on its behalf. */
bool
engine_same_peer(const struct lns_path *a, const struct lns_path *b)
{
	return lns_same_ip(&a->peer, &b->peer) &&
	       a->peer.port == b->peer.port && a->client == b->client;
}

/* FNV-1a from a random start; port: 0 for that of all. */
static uint32_t
hash_of(const struct lns *e, const struct lns_path *p, uint16_t port)
{
	uint8_t key[sizeof(p->peer.ip) + 6];
	uint32_t h = e->hash_seed ^ 2166136261u;
	size_t i, n = sizeof(p->peer.ip);

	memcpy(key, p->peer.ip, n);
	memcpy(key + n, &port, 2);
	memcpy(key + n + 2, &p->client, 4);
	for (i = 0; i < sizeof(key); i++)
		h = (h ^ key[i]) * 16777619u;
	return h ^ h >> 16;
}

static struct tunnel **
bucket_of(struct lns *e, const struct lns_path *p)
{
	return &e->by_peer[hash_of(e, p, p->peer.port) % PEER_BUCKETS];
}

struct tunnel *
engine_find(struct lns *e, const struct lns_path *p)
{
	struct tunnel *t;

	for (t = *bucket_of(e, p); t != NULL; t = t->peer_next)
		if (engine_same_peer(&t->path, p))
			return t;
	return NULL;
}

static struct tunnel **
client_bucket(struct lns *e, const struct lns_path *p)
{
	return &e->by_client[hash_of(e, p, 0) % PEER_BUCKETS];
}

/* t, or the first of its bucket behind it, that is the client's. */
static struct tunnel *
of_client(struct tunnel *t, const struct lns_path *p)
{
	while (t != NULL && (t->path.client != p->client ||
				!lns_same_ip(&t->path.peer, &p->peer)))
		t = t->client_next;
	return t;
}

struct tunnel *
engine_first_of_client(struct lns *e, const struct lns_path *p)
{
	return p->client == 0 ? NULL : of_client(*client_bucket(e, p), p);
}

struct tunnel *
engine_next_of_client(const struct tunnel *t, const struct lns_path *p)
{
	return of_client(t->client_next, p);
}

static void
index_client(struct lns *e, struct tunnel *t)
{
	struct tunnel **b = client_bucket(e, &t->path);

	if (t->path.client == 0)
		return;
	t->client_next = *b;
	if (*b != NULL)
		(*b)->client_prev = t;
	*b = t;
}

static void
unindex_client(struct lns *e, struct tunnel *t)
{
	if (t->path.client == 0)
		return;
	if (t->client_next != NULL)
		t->client_next->client_prev = t->client_prev;
	*(t->client_prev != NULL ? &t->client_prev->client_next
				 : client_bucket(e, &t->path)) = t->client_next;
	t->client_next = t->client_prev = NULL;
}

void
engine_add(struct lns *e, struct tunnel *t)
{
	struct tunnel **b = bucket_of(e, &t->path);

	index_client(e, t);
	t->peer_next = *b;
	*b = t;
	t->indexed = true;
	e->by_tid[t->tid] = t;
	e->n_tunnels++;
	e->peer_tunnels[t->peer]++;
}

static void
unindex_tunnel(struct lns *e, struct tunnel *t)
{
	struct tunnel **at = bucket_of(e, &t->path);

	unindex_client(e, t);
	while (*at != t)
		at = &(*at)->peer_next;
	*at = t->peer_next;
	t->indexed = false;
	e->peer_tunnels[t->peer]--;
	slots_put(&e->slots, t->slot);
}

/* Puts a tunnel at the end of a list; NULL: of none. */
static void
enlist(struct tunnel *t, struct tunnel_list *to)
{
	struct tunnel_list *from = t->list;

	if (from == to)
		return;
	if (from != NULL) {
		*(t->prev != NULL ? &t->prev->next : &from->first) = t->next;
		*(t->next != NULL ? &t->next->prev : &from->last) = t->prev;
		from->n--;
	}
	t->list = to;
	t->prev = t->next = NULL;
	if (to == NULL)
		return;
	t->prev = to->last;
	*(to->last != NULL ? &to->last->next : &to->first) = t;
	to->last = t;
	to->n++;
}

struct limit *
engine_host_limit(struct lns *e, const struct lns_path *p)
{
	return limit_of_host(&e->hosts, p, hash_of(e, p, 0));
}

/* Which list a tunnel belongs to.  One that was never established, or used,
 * counts as such until the last memory of it has gone. */
static struct tunnel_list *
list_of(struct lns *e, const struct tunnel *t)
{
	if (t->state == TUN_DEAD)
		return NULL;
	if (!t->was_up)
		return &e->half_open;
	if (!t->served)
		return &e->unused;
	return t->state == TUN_LINGER ? &e->linger : NULL;
}

/* After each step of a tunnel: brings the tables in line with it. */
void
engine_settle(struct lns *e, struct tunnel *t)
{
	struct tunnel_list *list = list_of(e, t);

	tunnel_reap(t);
	if (t->finished && t->indexed)
		unindex_tunnel(e, t);
	if (t->list == &e->half_open && t->was_up)
		limit_refund(engine_host_limit(e, &t->path), HOST_EVERY_MS);
	enlist(t, list);
	if (t->state != TUN_DEAD) {
		timerq_set(&e->timers, &t->timer, tunnel_deadline(t));
		return;
	}
	timerq_set(&e->timers, &t->timer, MONO_NEVER);
	e->by_tid[t->tid] = NULL;
	e->n_tunnels--;
	idpool_put(&e->tids, t->tid);
	t->peer_next = e->dead;
	e->dead = t;
}
