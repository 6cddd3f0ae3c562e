/* SPDX-License-Identifier: ISC */

/* Room for a new tunnel: which others yield to it, and who has to prove that
 * he still lives. */

#include "engine.h"

void
engine_yield(struct lns *e, struct tunnel *t, struct mono now)
{
	const struct tun_input in = { .now = now };

	tunnel_step(t, TUN_YIELD, &in);
	engine_settle(e, t);
}

static void
yield_half_open(struct lns *e, struct tunnel *t, struct mono now)
{
	e->env.stats.half_open_lost++;
	engine_yield(e, t, now);
}

/* To others, who are not its client. */
static void
evict(struct lns *e, struct tunnel *t, struct mono now)
{
	if (t->cause == CAUSE_NONE) {
		t->cause = CAUSE_MAX_TUNNELS;
		t->cause_text = "too many tunnels: it yields to others";
	}
	yield_half_open(e, t, now);
}

bool
engine_take_numbers(struct lns *e, struct tunnel *t, struct mono now)
{
	if (e->tids.n_free == 0 && e->linger.first != NULL)
		engine_yield(e, e->linger.first, now);
	if (e->tids.n_free == 0 && e->half_open.first != NULL)
		evict(e, e->half_open.first, now);
	if (e->tids.n_free == 0 && e->unused.first != NULL)
		evict(e, e->unused.first, now);
	t->tid = idpool_take(&e->tids, env_random(&e->env));
	if (t->tid == 0)
		return false;
	t->slot = slots_take(&e->slots);
	if (t->slot != 0)
		return true;
	idpool_put(&e->tids, t->tid);
	return false;
}

static bool
is_at_limit(const struct lns *e, uint32_t peer)
{
	const struct lns_config *c = &e->env.config;
	const struct lns_peer *p = &e->peers[peer];

	return (p->max_tunnels != 0 &&
		   e->peer_tunnels[peer] >= p->max_tunnels) ||
	       (c->max_tunnels != 0 && e->env.stats.tunnels >= c->max_tunnels);
}

/* The new tunnel would get no session. */
static bool
is_at_session_limit(const struct lns *e, uint32_t peer)
{
	const struct lns_peer *p = &e->peers[peer];

	return p->max_sessions != 0 &&
	       e->env.peer_sessions[peer] >= p->max_sessions;
}

/* At a limit: a half-open tunnel that is dead yields to the same client.  It
 * is among the oldest, or it is not worth a longer search. */
static void
yield_dead_half_open(
    struct lns *e, const struct lns_path *path, struct mono now)
{
	struct tunnel *t = e->half_open.first;
	unsigned n;

	for (n = 0; n < HOST_BURST && t != NULL; n++, t = t->next) {
		if (mono_diff_ms(now, t->born) < HALF_OPEN_DEAD_MS)
			return;
		if (!t->finished && lns_same_ip(&t->path.peer, &path->peer) &&
		    t->path.client == path->client) {
			yield_half_open(e, t, now);
			return;
		}
	}
}

/* Half-open and unused tunnels are bounded, and the oldest is the likeliest to
 * be nobody's: whoever is in earnest goes on before its turn comes. */
static void
bound_half_open(struct lns *e, struct mono now)
{
	uint32_t max = e->env.config.max_half_open;

	if (max == 0)
		max = HALF_OPEN_MAX;
	if (e->half_open.n >= max)
		evict(e, e->half_open.first, now);
	if (e->unused.n / UNUSED_TIMES >= max)
		evict(e, e->unused.first, now);
}

/*
 * A client dials, and has other tunnels already: from another port, since the
 * one between the same two ends has yielded.  RFC 2661 3.1 allows several, and
 * a PC may run two L2TP programs; but a phone that has lost its link, or whose
 * program was started anew, dials like this, too, and its old tunnel is dead.
 * They are asked to prove that they live.
 */
static void
probe_others(struct lns *e, const struct lns_path *path, struct mono now)
{
	struct tunnel *t = engine_first_of_client(e, path), *next;
	unsigned n;

	for (n = 0; n < PROBES_MAX && t != NULL; n++, t = next) {
		next = engine_next_of_client(t, path);
		tunnel_probe(t, now);
		engine_settle(e, t);
	}
}

/* At a limit there is no time for that: the one that has been silent for
 * longest, of those that are in the way, yields at once. */
static void
yield_other(struct lns *e, const struct lns_path *path, bool for_session,
    struct mono now)
{
	struct tunnel *t = engine_first_of_client(e, path), *oldest = NULL;
	unsigned n;

	for (n = 0; n < PROBES_MAX && t != NULL; n++) {
		if ((!for_session || tunnel_is_used(t)) &&
		    (oldest == NULL || mono_before(t->heard, oldest->heard)))
			oldest = t;
		t = engine_next_of_client(t, path);
	}
	if (oldest != NULL)
		engine_yield(e, oldest, now);
}

bool
engine_make_room(
    struct lns *e, const struct lns_path *path, uint32_t peer, struct mono now)
{
	if (is_at_limit(e, peer))
		yield_dead_half_open(e, path, now);
	if (is_at_limit(e, peer))
		yield_other(e, path, false, now);
	if (is_at_session_limit(e, peer))
		yield_other(e, path, true, now);
	bound_half_open(e, now);
	probe_others(e, path, now);
	return !is_at_limit(e, peer);
}

void
engine_client_gone(struct lns *e, const struct lns_path *path, struct mono now)
{
	struct tunnel *t = engine_first_of_client(e, path), *next;

	for (; t != NULL; t = next) {
		next = engine_next_of_client(t, path);
		t->cause = CAUSE_KEYS_LOST;
		t->cause_text = "the client's IPsec SA is gone";
		engine_yield(e, t, now);
	}
}
