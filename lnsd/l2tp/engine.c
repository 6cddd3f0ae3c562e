/* SPDX-License-Identifier: ISC */

/*
 * The engine: the inputs of include/lns.h, and the tables that find a tunnel.
 * Supported: RFC 2661, LNS side, incoming calls, over UDP.
 *
 *   engine   who a datagram is for; numbers, limits, deadlines; owns tunnels
 *   request  whether a new client gets a tunnel
 *   table limit   where tunnels are found; how often something may happen
 *   room     which tunnel makes room for a new one
 *   tunnel   one control connection: its machine; owns sessions and a chan
 *   session call  one call: its machine, and what PPP is told of it
 *   chan     sequence numbers, windows and retransmission of a tunnel
 *   msg avp hide hdr buf   bytes to structs and back; change no state
 *   trace names       codes and messages to text
 *   effect env        what goes out to whoever runs the engine
 *   timerq ids        a heap of deadlines; pools of numbers
 *
 * An input call finds the tunnel, steps its machine, then engine_settle()
 * brings the tables in line with what became of it.  A tunnel that has died is
 * freed when the input call ends.  A tunnel is in by_tid from birth to death,
 * in by_peer, by_client and in possession of a slot until it is finished; then
 * it lingers, found by its id only, until a retransmission cycle has passed or
 * its id is needed.
 */

#include "engine.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto.h"
#include "request.h"
#include "session.h"

struct lns *
lns_new(const struct lns_config *c, lns_random_fn random, void *arg)
{
	struct lns *e = calloc(1, sizeof(*e));
	size_t n = c->n_peers == 0 ? 1 : c->n_peers;

	if (e == NULL)
		return NULL;
	e->peers = calloc(n, sizeof(*e->peers));
	e->peer_tunnels = calloc(n, sizeof(*e->peer_tunnels));
	e->env.peer_sessions = calloc(n, sizeof(*e->env.peer_sessions));
	if (e->peers == NULL || e->peer_tunnels == NULL ||
	    e->env.peer_sessions == NULL) {
		lns_free(e);
		return NULL;
	}
	if (c->n_peers != 0)
		memcpy(e->peers, c->peers, c->n_peers * sizeof(*e->peers));
	e->env.config = *c;
	e->env.config.peers = e->peers;
	if (e->env.config.rws == 0)
		e->env.config.rws = CHAN_DEFAULT_RWS;
	e->env.random = random;
	e->env.random_arg = arg;
	e->hash_seed = env_random(&e->env);
	idpool_init(&e->tids);
	slots_init(&e->slots);
	return e;
}

void
lns_free(struct lns *e)
{
	size_t i;

	if (e == NULL)
		return;
	for (i = 0; i < 65536; i++)
		if (e->by_tid[i] != NULL)
			tunnel_free(e->by_tid[i]);
	hide_wipe(&e->env.key, sizeof(e->env.key));
	if (e->peers != NULL)
		hide_wipe(e->peers, e->env.config.n_peers * sizeof(*e->peers));
	timerq_fini(&e->timers);
	fx_fini(&e->env.fx);
	free(e->env.peer_sessions);
	free(e->peer_tunnels);
	free(e->peers);
	free(e);
}

/* A copy with room for n, the first n_old of which are known; NULL: no
 * memory. */
static uint32_t *
longer(const uint32_t *counts, size_t n_old, size_t n)
{
	uint32_t *list = calloc(n + 1, sizeof(*list));

	if (list != NULL && n_old != 0)
		memcpy(list, counts, n_old * sizeof(*list));
	return list;
}

/* The same peers, and more. */
static int
replace_peers(struct lns *e, const struct lns_config *c)
{
	const size_t n_old = e->env.config.n_peers, n = c->n_peers;
	struct lns_peer *peers = calloc(n + 1, sizeof(*peers));
	uint32_t *tunnels = longer(e->peer_tunnels, n_old, n);
	uint32_t *sessions = longer(e->env.peer_sessions, n_old, n);

	if (peers == NULL || tunnels == NULL || sessions == NULL) {
		free(peers);
		free(tunnels);
		free(sessions);
		return -1;
	}
	if (n != 0)
		memcpy(peers, c->peers, n * sizeof(*peers));
	hide_wipe(e->peers, n_old * sizeof(*e->peers));
	free(e->peers);
	free(e->peer_tunnels);
	free(e->env.peer_sessions);
	e->peers = peers;
	e->peer_tunnels = tunnels;
	e->env.peer_sessions = sessions;
	/* It has pointed into the old ones. */
	hide_wipe(&e->env.key, sizeof(e->env.key));
	return 0;
}

static void
begin(struct lns *e, struct mono now)
{
	fx_begin(&e->env.fx);
	e->env.now = now;
}

static void
end(struct lns *e)
{
	struct tunnel *t;

	while ((t = e->dead) != NULL) {
		e->dead = t->peer_next;
		tunnel_free(t);
	}
}

/* The configured peer that a client belongs to: fixed ones first. */
static uint32_t
find_peer(const struct lns *e, const struct lns_addr *a)
{
	const struct lns_config *c = &e->env.config;
	uint32_t i;

	for (i = 0; i < c->n_peers; i++)
		if (!c->peers[i].any && !c->peers[i].gone &&
		    lns_same_ip(&c->peers[i].address, a))
			return i;
	for (i = 0; i < c->n_peers; i++)
		if (c->peers[i].any && !c->peers[i].gone)
			return i;
	return NO_PEER;
}

/* Tunnel id 0: from a peer that has not been told ours. */
static void
receive_unassigned(struct lns *e, struct request *r)
{
	struct msg_key *key = NULL;
	struct tunnel *t;
	int err;

	if (rbuf_left(&r->body) == 0) {
		e->env.stats.rx_unknown++;
		return;
	}
	r->peer = find_peer(e, &r->path->peer);
	if (r->peer != NO_PEER)
		key = env_key(&e->env, r->peer);
	err = msg_decode_hidden(r->body, key, &r->msg);
	r->peer_tid = (uint16_t)msg_num(&r->msg, AVP_ASSIGNED_TID, 0);
	if (r->msg.type == L2TP_SCCRQ) {
		engine_request(e, r, err);
		return;
	}
	/* 4.4.3: it may give up before it has heard from us. */
	t = r->msg.type == L2TP_STOPCCN ? engine_find(e, r->path) : NULL;
	if (t == NULL || t->peer_tid != r->peer_tid) {
		e->env.stats.rx_unknown++;
		return;
	}
	tunnel_receive(t, &r->hdr, r->data, r->body, r->now);
	engine_settle(e, t);
}

static void
receive(struct lns *e, struct request *r)
{
	struct tunnel *t;

	if (hdr_decode(r->data.p, rbuf_left(&r->data), &r->hdr, &r->body) !=
	    0) {
		e->env.stats.rx_malformed++;
		return;
	}
	/* The kernel takes data messages, once it knows the session. */
	if (!r->hdr.control) {
		e->env.stats.rx_unknown++;
		return;
	}
	if (r->hdr.tid == 0) {
		receive_unassigned(e, r);
		return;
	}
	t = e->by_tid[r->hdr.tid];
	if (t == NULL || !engine_same_peer(&t->path, r->path)) {
		e->env.stats.rx_unknown++;
		return;
	}
	tunnel_receive(t, &r->hdr, r->data, r->body, r->now);
	engine_settle(e, t);
}

void
lns_packet(struct lns *e, uint16_t tid, const struct lns_path *path,
    const uint8_t *data, size_t len, struct mono now)
{
	struct lns_path full = *path;
	struct request r = {
		.path = &full, .data = rbuf_of(data, len), .now = now
	};
	const struct tunnel *t = e->by_tid[tid];

	begin(e, now);
	/* A tunnel's own socket is tied to its client. */
	if (full.client == 0 && t != NULL) {
		full.client = t->path.client;
		if (!engine_same_peer(&full, &t->path))
			full.client = 0;
	}
	receive(e, &r);
	end(e);
}

void
lns_expire(struct lns *e, struct mono now)
{
	struct timer *first;
	struct tunnel *t;

	begin(e, now);
	while ((first = timerq_first(&e->timers)) != NULL &&
	       !mono_before(now, first->when)) {
		t = (struct tunnel *)(void *)((char *)first -
					      offsetof(struct tunnel, timer));
		tunnel_expire(t, now);
		engine_settle(e, t);
	}
	end(e);
}

void
lns_tunnel_failed(struct lns *e, uint16_t tid, struct mono now)
{
	const struct tun_input in = { .now = now };
	struct tunnel *t = e->by_tid[tid];

	begin(e, now);
	if (t != NULL) {
		/* Else its SA has gone meanwhile. */
		if (t->path.client == 0 && t->cause == CAUSE_NONE) {
			t->cause = CAUSE_KERNEL;
			t->cause_text = "no socket for the tunnel";
		}
		tunnel_step(t, TUN_OPEN_FAILED, &in);
		engine_settle(e, t);
	}
	end(e);
}

static void
session_input(struct lns *e, uint16_t tid, uint16_t sid, enum ses_event ev,
    const struct ses_input *in)
{
	struct tunnel *t = e->by_tid[tid];
	struct session *s = t == NULL ? NULL : session_find(t, sid);

	begin(e, in->now);
	/* An answer may come when the session is gone. */
	if (s != NULL) {
		session_step(t, s, ev, in);
		engine_settle(e, t);
	}
	end(e);
}

void
lns_session_opened(
    struct lns *e, uint16_t tid, uint16_t sid, bool ok, struct mono now)
{
	const struct ses_input in = { .now = now };

	session_input(e, tid, sid, ok ? SES_OPENED : SES_OPEN_FAILED, &in);
}

void
lns_ppp_exited(struct lns *e, uint16_t tid, uint16_t sid, enum lns_ppp_end why,
    struct mono now)
{
	const struct ses_input in = { .end = why, .now = now };

	session_input(e, tid, sid, SES_PPP_EXITED, &in);
}

void
lns_traffic(struct lns *e, uint16_t tid, uint64_t rx_packets,
    uint64_t user_packets, struct mono now)
{
	struct tunnel *t = e->by_tid[tid];

	begin(e, now);
	if (t != NULL) {
		tunnel_traffic(t, rx_packets, user_packets, now);
		engine_settle(e, t);
	}
	end(e);
}

void
lns_client_gone(struct lns *e, const struct lns_addr *peer_ip, uint32_t client,
    struct mono now)
{
	const struct lns_path path = { .peer = *peer_ip, .client = client };

	begin(e, now);
	engine_client_gone(e, &path, now);
	end(e);
}

bool
lns_close_tunnel(struct lns *e, uint16_t tid, struct mono now)
{
	struct tunnel *t = e->by_tid[tid];

	if (t == NULL || t->finished)
		return false;
	begin(e, now);
	tunnel_close(t,
	    (struct msg_reason){
		STOPCCN_CLEAR, 0, "closed by the administrator", CAUSE_ADMIN },
	    now);
	engine_settle(e, t);
	end(e);
	return true;
}

void
lns_drain(struct lns *e)
{
	e->env.draining = true;
}

bool
lns_trace(struct lns *e, const struct lns_addr *peer, bool on)
{
	return env_set_trace(&e->env, peer, on);
}

void
lns_shutdown(struct lns *e, struct mono now)
{
	size_t i;

	begin(e, now);
	e->stopping = true;
	for (i = 0; i < 65536; i++)
		if (e->by_tid[i] != NULL) {
			tunnel_shutdown(e->by_tid[i], now);
			engine_settle(e, e->by_tid[i]);
		}
	end(e);
}

int
lns_reconfigure(struct lns *e, const struct lns_config *c, struct mono now)
{
	const uint16_t rws = c->rws != 0 ? c->rws : CHAN_DEFAULT_RWS;
	struct tunnel *t;
	size_t i;

	assert(c->n_peers >= e->env.config.n_peers);
	if (replace_peers(e, c) == -1)
		return -1;
	e->env.config = *c;
	e->env.config.peers = e->peers;
	e->env.config.rws = rws;
	begin(e, now);
	for (i = 0; i < 65536; i++) {
		t = e->by_tid[i];
		if (t == NULL || !e->peers[t->peer].gone)
			continue;
		tunnel_close(t,
		    (struct msg_reason){ STOPCCN_SHUTDOWN, 0,
			"the peer is no longer configured", CAUSE_ADMIN },
		    now);
		engine_settle(e, t);
	}
	end(e);
	return 0;
}

bool
lns_next_effect(struct lns *e, struct lns_effect *fx)
{
	return fx_next(&e->env.fx, fx);
}

struct mono
lns_deadline(const struct lns *e)
{
	const struct timer *t = timerq_first(&e->timers);

	return t == NULL ? MONO_NEVER : t->when;
}

bool
lns_idle(const struct lns *e)
{
	return e->env.stats.tunnels == 0;
}

void
lns_stats(const struct lns *e, struct lns_stats *stats)
{
	*stats = e->env.stats;
}
