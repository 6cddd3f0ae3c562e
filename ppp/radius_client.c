/* SPDX-License-Identifier: ISC */
/*
 * Requests on their way to RADIUS servers; contract in radius_client.h.
 *
 * A request is in one list, `requests`.  What has happened to it is said by its
 * flags, which radius_client_next() turns into effects; it is freed there when
 * its last one is told.
 */

#include "radius_client.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <openssl/crypto.h>

#define IDS 256
#define LANE_IDS_MAX (RADIUS_LANES_MAX * IDS)

struct rq {
	TAILQ_ENTRY(rq) entry;
	TAILQ_ENTRY(rq) pending; /* if there is an effect of it */
	bool is_pending, failed;
	uint64_t handle;
	struct radius_request *request;
	struct mono since, give_up_at, next_at;
	size_t server;	      /* where it is now */
	unsigned int tried;   /* bits of the servers that had it */
	unsigned int sends;   /* to this one */
	struct mono first_at; /* when it was first sent to this one */
	size_t slot;	      /* of ids[]: lane * IDS + id */
	uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN];
	uint8_t *octets; /* as sent; NULL: it is with no server */
	size_t len;
};

TAILQ_HEAD(rq_list, rq);

struct server {
	bool dead;
	bool tell; /* of dead, which has changed */
	bool discarded, tell_discarded;
	enum radius_check why;
	struct mono dead_until, heard_at;
	struct rq **ids; /* LANE_IDS_MAX */
	size_t n, last;	 /* used; slot given last */
	uint64_t resent, unanswered;
	struct radius_times times;
};

const int64_t radius_bucket_ms[RADIUS_BUCKETS] = { 5, 10, 25, 50, 100, 250, 500,
	1000, 2500, 5000, 10000 };

struct radius_client {
	struct radius_client_config config;
	struct server servers[RADIUS_SERVERS_MAX];
	struct rq_list requests, pending;
	size_t n;
	uint64_t last_handle;
	/* A reply, to be told next. */
	bool has_reply;
	struct radius_effect reply;
	struct radius_client_stats stats;
};

struct radius_client *
radius_client_new(const struct radius_client_config *config)
{
	struct radius_client *c;
	size_t i;

	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return NULL;
	c->config = *config;
	TAILQ_INIT(&c->requests);
	TAILQ_INIT(&c->pending);
	for (i = 0; i < config->n_servers; i++) {
		c->servers[i].heard_at = (struct mono){ INT64_MIN };
		c->servers[i].ids =
		    calloc(LANE_IDS_MAX, sizeof(*c->servers[i].ids));
		if (c->servers[i].ids == NULL) {
			radius_client_free(c);
			return NULL;
		}
	}
	return c;
}

static void
count_answer(struct radius_times *t, int64_t ms)
{
	size_t i;

	t->n++;
	t->sum_ms += (uint64_t)ms;
	for (i = 0; i < RADIUS_BUCKETS; i++)
		if (ms <= radius_bucket_ms[i]) {
			t->bucket[i]++;
			break;
		}
}

/* It gives up its id and what it has sent. */
static void
leave(struct radius_client *c, struct rq *r)
{
	struct server *s = &c->servers[r->server];

	if (r->octets == NULL)
		return;
	s->ids[r->slot] = NULL;
	s->n--;
	OPENSSL_cleanse(r->octets, r->len);
	free(r->octets);
	r->octets = NULL;
}

/* The server has had its time. */
static void
give_up(struct radius_client *c, struct rq *r)
{
	if (r->octets != NULL)
		c->servers[r->server].unanswered++;
	leave(c, r);
}

static void
rq_free(struct radius_client *c, struct rq *r)
{
	leave(c, r);
	TAILQ_REMOVE(&c->requests, r, entry);
	if (r->is_pending)
		TAILQ_REMOVE(&c->pending, r, pending);
	c->n--;
	OPENSSL_cleanse(r->request, sizeof(*r->request));
	free(r->request);
	free(r);
}

void
radius_client_free(struct radius_client *c)
{
	struct rq *r;
	size_t i;

	if (c == NULL)
		return;
	while ((r = TAILQ_FIRST(&c->requests)) != NULL)
		rq_free(c, r);
	for (i = 0; i < c->config.n_servers; i++)
		free(c->servers[i].ids);
	free(c);
}

static void
set_pending(struct radius_client *c, struct rq *r)
{
	if (r->is_pending)
		return;
	r->is_pending = true;
	TAILQ_INSERT_TAIL(&c->pending, r, pending);
}

static void
fail(struct radius_client *c, struct rq *r)
{
	give_up(c, r);
	r->failed = true;
	r->next_at = MONO_NEVER;
	c->stats.failed++;
	set_pending(c, r);
}

/* --- servers --- */

static bool
is_usable(struct radius_client *c, size_t i, struct mono now)
{
	const struct server *s = &c->servers[i];

	return s->n < LANE_IDS_MAX &&
	       (!s->dead || !mono_before(now, s->dead_until));
}

/* The server whose turn it is: the first that lives and has not had the request
 * yet, or else, for nothing is better, the first that has not; n_servers if
 * there is none. */
static size_t
choose(struct radius_client *c, const struct rq *r, struct mono now)
{
	size_t i, any = c->config.n_servers;

	for (i = c->config.n_servers; i-- > 0;)
		if ((r->tried & 1u << i) == 0 && c->servers[i].n < LANE_IDS_MAX)
			any = i;
	for (i = 0; i < c->config.n_servers; i++)
		if ((r->tried & 1u << i) == 0 && is_usable(c, i, now))
			return i;
	return any;
}

static void
set_dead(struct radius_client *c, size_t i, bool dead, struct mono now)
{
	struct server *s = &c->servers[i];

	if (dead)
		s->dead_until = mono_add_ms(now, c->config.dead_ms);
	if (s->dead == dead)
		return;
	s->dead = dead;
	s->tell = !s->tell;
}

/* The next id in turn: one that was just given back may have a late reply on
 * its way. */
static size_t
take_slot(struct server *s)
{
	/* As few lanes as can be: the number in use, rounded up. */
	const size_t span = (s->n / IDS + 1) * IDS;
	size_t at = s->last;

	do
		at = (at + 1) % span;
	while (s->ids[at] != NULL);
	s->last = at;
	return at;
}

/* --- requests --- */

static void
send_now(struct radius_client *c, struct rq *r, struct mono now)
{
	r->sends++;
	r->next_at =
	    mono_min(mono_add_ms(now, c->config.timeout_ms), r->give_up_at);
	set_pending(c, r);
	c->stats.sent++;
	if (r->sends > 1) {
		c->stats.resent++;
		c->servers[r->server].resent++;
	}
}

static bool
encode(struct radius_client *c, struct rq *r, size_t server, struct mono now)
{
	struct radius_seal seal = { .secret = c->config.secrets[server],
		.id = (uint8_t)(r->slot % IDS),
		.delay_s = (uint32_t)(mono_diff_ms(now, r->since) / 1000) };
	struct radius_packet p;
	bool ok;

	c->config.random(
	    c->config.arg, seal.authenticator, sizeof(seal.authenticator));
	ok = radius_encode(&p, r->request, &seal);
	if (ok)
		r->octets = malloc(p.len);
	ok = ok && r->octets != NULL;
	if (ok) {
		memcpy(r->octets, p.octets, p.len);
		r->len = p.len;
		memcpy(
		    r->authenticator, p.octets + 4, sizeof(r->authenticator));
	}
	OPENSSL_cleanse(&p, sizeof(p));
	return ok;
}

/* To the next server; false if there is none or it does not fit. */
static bool
go_on(struct radius_client *c, struct rq *r, struct mono now)
{
	size_t server = choose(c, r, now);
	struct server *s = &c->servers[server];

	give_up(c, r);
	if (server == c->config.n_servers)
		return false;
	r->slot = take_slot(s);
	if (!encode(c, r, server, now))
		return false;
	/* One is enough to see whether it lives again. */
	if (s->dead)
		s->dead_until = mono_add_ms(now, c->config.dead_ms);
	r->server = server;
	r->tried |= 1u << server;
	r->sends = 0;
	r->first_at = now;
	s->ids[r->slot] = r;
	s->n++;
	send_now(c, r, now);
	return true;
}

uint64_t
radius_client_submit(struct radius_client *c, const struct radius_request *rq,
    struct mono since, struct mono now)
{
	struct rq *r;

	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return 0;
	r->request = malloc(sizeof(*r->request));
	if (r->request == NULL) {
		free(r);
		return 0;
	}
	*r->request = *rq;
	r->handle = ++c->last_handle;
	r->since = since;
	r->give_up_at = mono_add_ms(now, c->config.patience_ms);
	TAILQ_INSERT_TAIL(&c->requests, r, entry);
	c->n++;
	if (go_on(c, r, now))
		return r->handle;
	rq_free(c, r);
	return 0;
}

void
radius_client_cancel(struct radius_client *c, uint64_t handle)
{
	struct rq *r;

	TAILQ_FOREACH (r, &c->requests, entry) {
		if (r->handle != handle)
			continue;
		rq_free(c, r);
		return;
	}
}

static bool
answers(uint8_t reply, enum radius_code request)
{
	if (request == RADIUS_ACCOUNTING_REQUEST)
		return reply == RADIUS_ACCOUNTING_RESPONSE;
	return reply == RADIUS_ACCESS_ACCEPT || reply == RADIUS_ACCESS_REJECT ||
	       reply == RADIUS_ACCESS_CHALLENGE;
}

static void
discard(struct radius_client *c, struct server *s, enum radius_check why)
{
	if (why == RADIUS_FORGED)
		c->stats.forged++;
	else
		c->stats.unsealed++;
	if (!s->discarded)
		s->tell_discarded = true;
	s->discarded = true;
	s->why = why;
}

/* Accounting has no Message-Authenticator, and needs none: who can forge a
 * response gains nothing. */
static bool
is_genuine(
    struct radius_client *c, const struct rq *r, const struct radius_view *v)
{
	const bool acct = r->request->code == RADIUS_ACCOUNTING_REQUEST;
	enum radius_check why = radius_check_reply(v, r->authenticator,
	    c->config.secrets[r->server], c->config.require_ma && !acct);

	if (why != RADIUS_GOOD)
		discard(c, &c->servers[r->server], why);
	return why == RADIUS_GOOD;
}

void
radius_client_packet(struct radius_client *c, size_t server, size_t lane,
    const uint8_t *data, size_t len, struct mono now)
{
	struct radius_view v;
	struct rq *r;

	if (server >= c->config.n_servers || lane >= RADIUS_LANES_MAX ||
	    !radius_view(&v, data, len)) {
		c->stats.malformed++;
		return;
	}
	r = c->servers[server].ids[lane * IDS + v.id];
	if (r == NULL || !answers(v.code, r->request->code)) {
		c->stats.unexpected++;
		return;
	}
	if (!is_genuine(c, r, &v))
		return;
	c->servers[server].heard_at = now;
	c->servers[server].discarded = false;
	count_answer(&c->servers[server].times, mono_diff_ms(now, r->first_at));
	set_dead(c, server, false, now);
	c->has_reply = true;
	c->reply = (struct radius_effect){ .type = RADIUS_REPLY,
		.server = server,
		.handle = r->handle,
		.packet = v };
	rq_free(c, r);
}

/* All that wait for a server that has died go on, if there is where to. */
static void
abandon(struct radius_client *c, size_t server, struct mono now)
{
	struct rq *r;

	TAILQ_FOREACH (r, &c->requests, entry) {
		size_t to;

		if (r->octets == NULL || r->server != server)
			continue;
		to = choose(c, r, now);
		if (to == c->config.n_servers || !is_usable(c, to, now))
			continue;
		if (!go_on(c, r, now))
			fail(c, r);
	}
}

void
radius_client_refused(struct radius_client *c, size_t server, struct mono now)
{
	if (server >= c->config.n_servers)
		return;
	set_dead(c, server, true, now);
	abandon(c, server, now);
}

/* Who sees whether a dead server lives again does not wait for long. */
static unsigned int
tries_of(struct radius_client *c, const struct rq *r, struct mono now)
{
	size_t to;

	if (!c->servers[r->server].dead)
		return c->config.tries;
	to = choose(c, r, now);
	return to < c->config.n_servers && is_usable(c, to, now)
		   ? 1
		   : c->config.tries;
}

static void
expire_one(struct radius_client *c, struct rq *r, struct mono now)
{
	const size_t server = r->server;

	if (!mono_before(now, r->give_up_at)) {
		fail(c, r);
		return;
	}
	if (r->sends < tries_of(c, r, now)) {
		send_now(c, r, now);
		return;
	}
	/* Others may have had answers meanwhile: only this one was lost. */
	if (mono_before(c->servers[server].heard_at, r->first_at)) {
		set_dead(c, server, true, now);
		abandon(c, server, now);
	}
	if (!mono_before(now, r->next_at) && !go_on(c, r, now))
		fail(c, r);
}

void
radius_client_expire(struct radius_client *c, struct mono now)
{
	struct rq *r;

	TAILQ_FOREACH (r, &c->requests, entry)
		if (!r->failed && !mono_before(now, r->next_at))
			expire_one(c, r, now);
}

/* --- outputs --- */

static bool
tell_server(struct radius_client *c, struct radius_effect *e)
{
	size_t i;

	for (i = 0; i < c->config.n_servers; i++) {
		if (c->servers[i].tell_discarded) {
			c->servers[i].tell_discarded = false;
			*e = (struct radius_effect){ .type = RADIUS_DISCARDED,
				.server = i,
				.why = c->servers[i].why };
			return true;
		}
		if (!c->servers[i].tell)
			continue;
		c->servers[i].tell = false;
		*e = (struct radius_effect){
			.type = c->servers[i].dead ? RADIUS_DEAD : RADIUS_ALIVE,
			.server = i,
		};
		return true;
	}
	return false;
}

bool
radius_client_next(struct radius_client *c, struct radius_effect *e)
{
	struct rq *r;

	if (tell_server(c, e))
		return true;
	if (c->has_reply) {
		c->has_reply = false;
		*e = c->reply;
		return true;
	}
	r = TAILQ_FIRST(&c->pending);
	if (r == NULL)
		return false;
	TAILQ_REMOVE(&c->pending, r, pending);
	r->is_pending = false;
	if (r->failed) {
		*e = (struct radius_effect){ .type = RADIUS_FAILED,
			.handle = r->handle };
		rq_free(c, r);
		return true;
	}
	*e = (struct radius_effect){ .type = RADIUS_SEND,
		.server = r->server,
		.lane = r->slot / IDS,
		.data = r->octets,
		.len = r->len };
	return true;
}

struct mono
radius_client_deadline(const struct radius_client *c)
{
	struct mono at = MONO_NEVER;
	const struct rq *r;

	TAILQ_FOREACH (r, &c->requests, entry)
		at = mono_min(at, r->next_at);
	return at;
}

size_t
radius_client_pending(const struct radius_client *c)
{
	return c->n;
}

const struct radius_client_stats *
radius_client_stats(const struct radius_client *c)
{
	return &c->stats;
}

void
radius_client_view_server(
    const struct radius_client *c, size_t server, struct radius_server_view *v)
{
	const struct server *s = &c->servers[server];

	*v = (struct radius_server_view){ .dead = s->dead,
		.resent = s->resent,
		.unanswered = s->unanswered,
		.times = s->times };
}
