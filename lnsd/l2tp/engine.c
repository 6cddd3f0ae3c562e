/* SPDX-License-Identifier: ISC */

/*
 * The engine: the inputs of include/lns.h, and the tables that find a tunnel.
 * Supported: RFC 2661, LNS side, incoming calls, over UDP.
 *
 *   engine   who a datagram is for; numbers, limits, deadlines; owns tunnels
 *   tunnel   one control connection: its machine; owns sessions and a chan
 *   session  one call: its machine
 *   chan     sequence numbers, windows and retransmission of a tunnel
 *   msg avp hdr buf   bytes to structs and back; change no state
 *   trace names       codes and messages to text
 *   effect env        what goes out to whoever runs the engine
 *   timerq ids        a heap of deadlines; pools of numbers
 *
 * An input call finds the tunnel, steps its machine, then settle() brings the
 * tables in line with what became of it.  A tunnel that has died is freed when
 * the input call ends.  A tunnel is in by_tid from birth to death, in by_peer
 * and in possession of a slot until it is finished; then it lingers, found by
 * its id only, until a retransmission cycle has passed or its id is needed.
 */

#include "engine.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "proto.h"
#include "session.h"
#include "trace.h"

static bool
same_ip(const struct lns_addr *a, const struct lns_addr *b)
{
	return a->family == b->family &&
	       memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

/* From the same client: nobody else can send on its behalf. */
static bool
same_peer(const struct lns_path *a, const struct lns_path *b)
{
	return same_ip(&a->peer, &b->peer) && a->peer.port == b->peer.port &&
	       a->client == b->client;
}

struct lns *
lns_new(const struct lns_config *c, lns_random_fn random, void *arg)
{
	struct lns *e = calloc(1, sizeof(*e));
	size_t n = c->n_peers == 0 ? 1 : c->n_peers;

	if (e == NULL)
		return NULL;
	e->peers = calloc(n, sizeof(*e->peers));
	e->peer_tunnels = calloc(n, sizeof(*e->peer_tunnels));
	if (e->peers == NULL || e->peer_tunnels == NULL) {
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
	timerq_fini(&e->timers);
	fx_fini(&e->env.fx);
	free(e->peer_tunnels);
	free(e->peers);
	free(e);
}

/* FNV-1a from a random start. */
static struct tunnel **
bucket_of(struct lns *e, const struct lns_path *p)
{
	uint8_t key[sizeof(p->peer.ip) + 6];
	uint32_t h = e->hash_seed ^ 2166136261u;
	size_t i, n = sizeof(p->peer.ip);

	memcpy(key, p->peer.ip, n);
	memcpy(key + n, &p->peer.port, 2);
	memcpy(key + n + 2, &p->client, 4);
	for (i = 0; i < sizeof(key); i++)
		h = (h ^ key[i]) * 16777619u;
	return &e->by_peer[(h ^ h >> 16) % PEER_BUCKETS];
}

static struct tunnel *
find_by_peer(struct lns *e, const struct lns_path *p)
{
	struct tunnel *t;

	for (t = *bucket_of(e, p); t != NULL; t = t->peer_next)
		if (same_peer(&t->path, p))
			return t;
	return NULL;
}

static void
index_tunnel(struct lns *e, struct tunnel *t)
{
	struct tunnel **b = bucket_of(e, &t->path);

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

	while (*at != t)
		at = &(*at)->peer_next;
	*at = t->peer_next;
	t->indexed = false;
	e->peer_tunnels[t->peer]--;
	slots_put(&e->slots, t->slot);
}

static void
linger_add(struct lns *e, struct tunnel *t)
{
	t->linger_prev = e->linger_last;
	if (e->linger_last != NULL)
		e->linger_last->linger_next = t;
	else
		e->linger_first = t;
	e->linger_last = t;
}

static void
linger_remove(struct lns *e, struct tunnel *t)
{
	if (t->linger_prev != NULL)
		t->linger_prev->linger_next = t->linger_next;
	else if (e->linger_first == t)
		e->linger_first = t->linger_next;
	else
		return; /* it never did */
	if (t->linger_next != NULL)
		t->linger_next->linger_prev = t->linger_prev;
	else
		e->linger_last = t->linger_prev;
	t->linger_prev = t->linger_next = NULL;
}

/* After each step of a tunnel: brings the tables in line with it. */
static void
settle(struct lns *e, struct tunnel *t)
{
	tunnel_reap(t);
	if (t->finished && t->indexed) {
		unindex_tunnel(e, t);
		if (t->state == TUN_LINGER)
			linger_add(e, t);
	}
	if (t->state != TUN_DEAD) {
		timerq_set(&e->timers, &t->timer, tunnel_deadline(t));
		return;
	}
	linger_remove(e, t);
	timerq_set(&e->timers, &t->timer, MONO_NEVER);
	e->by_tid[t->tid] = NULL;
	e->n_tunnels--;
	idpool_put(&e->tids, t->tid);
	t->peer_next = e->dead;
	e->dead = t;
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
static bool
find_peer(const struct lns *e, const struct lns_addr *a, uint32_t *peer)
{
	const struct lns_config *c = &e->env.config;
	size_t i;

	for (i = 0; i < c->n_peers; i++)
		if (!c->peers[i].any && same_ip(&c->peers[i].address, a)) {
			*peer = (uint32_t)i;
			return true;
		}
	for (i = 0; i < c->n_peers; i++)
		if (c->peers[i].any) {
			*peer = (uint32_t)i;
			return true;
		}
	return false;
}

/* The beginning of a control connection that has no tunnel (yet). */
struct request {
	const struct lns_path *path;
	struct l2tp_hdr hdr;
	struct rbuf data, body;
	struct l2tp_msg msg;
	uint16_t peer_tid;
	struct mono now;
};

/* Refuses a SCCRQ without keeping anything of it. */
static void
refuse(struct lns *e, const struct request *r, struct msg_reason why)
{
	const struct lns_effect fx = {
		.type = LNS_SEND, .peer_tid = r->peer_tid, .path = *r->path
	};
	const struct l2tp_hdr h = {
		.tid = r->peer_tid, .ns = 0, .nr = (uint16_t)(r->hdr.ns + 1)
	};
	uint16_t tid = (uint16_t)(env_random(&e->env) % ID_N + 1);
	char ip[LNS_ADDR_TEXT];
	uint8_t buf[MSG_MAX];
	struct wbuf w;

	/* 4.4.3 wants an id of ours; it will never be used. */
	wbuf_init(&w, buf, sizeof(buf));
	msg_put_stopccn(&w, &h, tid, why);
	env_push(&e->env, &fx, w.p, w.len);
	if (!e->env.config.trace)
		return;
	trace_message(&e->env, TRACE_SEND,
	    rbuf_of(w.p + L2TP_CTL_HDR_LEN, w.len - L2TP_CTL_HDR_LEN), true);
	env_log(&e->env, LOG_DEBUG, " send StopCCN to %s",
	    lns_addr_text(&r->path->peer, ip));
}

static void
trace_refused(struct lns *e, const struct request *r)
{
	char ip[LNS_ADDR_TEXT];

	if (!e->env.config.trace)
		return;
	trace_message(&e->env, TRACE_RECV, r->body, false);
	env_log(&e->env, LOG_DEBUG, " recv SCCRQ in idle from %s",
	    lns_addr_text(&r->path->peer, ip));
}

static void
refuse_no_tunnel(struct lns *e, const struct request *r, struct msg_reason why)
{
	trace_refused(e, r);
	env_log(&e->env, LOG_DEBUG, "can't find tunnel number");
	refuse(e, r, why);
}

/* Numbers for a new tunnel; the oldest that only lingers gives up its id. */
static bool
take_numbers(struct lns *e, struct tunnel *t, struct mono now)
{
	const struct tun_input in = { .now = now };
	struct tunnel *old = e->linger_first;

	if (e->tids.n_free == 0 && old != NULL) {
		tunnel_step(old, TUN_YIELD, &in);
		settle(e, old);
	}
	t->tid = idpool_take(&e->tids, env_random(&e->env));
	if (t->tid == 0)
		return false;
	t->slot = slots_take(&e->slots);
	if (t->slot != 0)
		return true;
	idpool_put(&e->tids, t->tid);
	return false;
}

static struct tunnel *
new_tunnel(struct lns *e, const struct request *r, uint32_t peer)
{
	struct tunnel *t;

	if (timerq_reserve(&e->timers, e->n_tunnels + 1) != 0)
		goto fail;
	t = tunnel_new(&e->env);
	if (t == NULL)
		goto fail;
	if (!take_numbers(e, t, r->now)) {
		e->env.stats.tunnels--;
		tunnel_free(t);
		return NULL;
	}
	t->peer_tid = r->peer_tid;
	t->peer = peer;
	t->path = *r->path;
	t->born = r->now;
	index_tunnel(e, t);
	return t;
fail:
	e->env.stats.out_of_memory++;
	return NULL;
}

/*
 * Is a SCCRQ from where t comes from a retransmission of the one that made t?
 * Windows numbers its tunnels from 1 after a restart, so that the same id
 * means the same tunnel only while it can still be underway.
 */
static bool
is_retransmission(const struct tunnel *t, const struct request *r)
{
	return t->peer_tid == r->peer_tid &&
	       (t->state == TUN_WAIT_CTL_CONN ||
		   mono_diff_ms(r->now, t->born) < CHAN_CYCLE_MS);
}

static void
accept_request(struct lns *e, const struct request *r, struct tunnel *old)
{
	const struct tun_input in = { .now = r->now };
	struct tunnel *t;
	uint32_t peer;

	if (!find_peer(e, &r->path->peer, &peer)) {
		refuse_no_tunnel(
		    e, r, (struct msg_reason){ STOPCCN_UNAUTHORIZED, 0 });
		return;
	}
	/* The peer has dialled again: the dead tunnel yields, before the new
	 * one opens a socket between the same two ends. */
	if (old != NULL) {
		tunnel_step(old, TUN_YIELD, &in);
		settle(e, old);
	}
	if (e->peers[peer].max_tunnels != 0 &&
	    e->peer_tunnels[peer] >= e->peers[peer].max_tunnels)
		t = NULL;
	else
		t = new_tunnel(e, r, peer);
	if (t == NULL) {
		refuse_no_tunnel(e, r,
		    (struct msg_reason){ STOPCCN_ERROR, ERROR_RESOURCES });
		return;
	}
	tunnel_receive(t, &r->hdr, r->data, r->body, r->now);
	settle(e, t);
}

/* One that is malformed, or (err 0) of a version that we do not speak. */
static void
refuse_bad(struct lns *e, const struct request *r, int err)
{
	struct msg_reason why = { STOPCCN_ERROR, l2tp_err_code(err) };
	char ip[LNS_ADDR_TEXT];

	if (err == 0)
		why = (struct msg_reason){ STOPCCN_VERSION,
			L2TP_PROTOCOL_VERSION };
	trace_refused(e, r);
	env_log(&e->env, LOG_DEBUG, " error in SCCRQ from %s: %s",
	    lns_addr_text(&r->path->peer, ip),
	    err == 0 ? "unknown protocol version" : l2tp_err_text(err));
	refuse(e, r, why);
}

static void
receive_sccrq(struct lns *e, struct request *r, int err)
{
	struct tunnel *t = find_by_peer(e, r->path);
	uint32_t version =
	    msg_num(&r->msg, AVP_PROTOCOL_VERSION, L2TP_PROTOCOL_VERSION);

	if (t != NULL && is_retransmission(t, r)) {
		tunnel_receive(t, &r->hdr, r->data, r->body, r->now);
		settle(e, t);
		return;
	}
	/* 5.8: a control connection begins with Ns 0. */
	if (e->stopping || r->hdr.ns != 0 || r->peer_tid == 0) {
		e->env.stats.rx_unknown++;
		return;
	}
	if (err == 0 && version >> 8 == L2TP_PROTOCOL_VERSION >> 8) {
		accept_request(e, r, t);
		return;
	}
	refuse_bad(e, r, err);
}

/* Tunnel id 0: from a peer that has not been told ours. */
static void
receive_unassigned(struct lns *e, struct request *r)
{
	struct tunnel *t;
	int err;

	if (rbuf_left(&r->body) == 0) {
		e->env.stats.rx_unknown++;
		return;
	}
	err = msg_decode(r->body, &r->msg);
	r->peer_tid = (uint16_t)msg_num(&r->msg, AVP_ASSIGNED_TID, 0);
	if (r->msg.type == L2TP_SCCRQ) {
		receive_sccrq(e, r, err);
		return;
	}
	/* 4.4.3: it may give up before it has heard from us. */
	t = r->msg.type == L2TP_STOPCCN ? find_by_peer(e, r->path) : NULL;
	if (t == NULL || t->peer_tid != r->peer_tid) {
		e->env.stats.rx_unknown++;
		return;
	}
	tunnel_receive(t, &r->hdr, r->data, r->body, r->now);
	settle(e, t);
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
	if (t == NULL || !same_peer(&t->path, r->path)) {
		e->env.stats.rx_unknown++;
		return;
	}
	tunnel_receive(t, &r->hdr, r->data, r->body, r->now);
	settle(e, t);
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

	fx_begin(&e->env.fx);
	/* A tunnel's own socket is tied to its client. */
	if (full.client == 0 && t != NULL) {
		full.client = t->path.client;
		if (!same_peer(&full, &t->path))
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

	fx_begin(&e->env.fx);
	while ((first = timerq_first(&e->timers)) != NULL &&
	       !mono_before(now, first->when)) {
		t = (struct tunnel *)(void *)((char *)first -
					      offsetof(struct tunnel, timer));
		tunnel_expire(t, now);
		settle(e, t);
	}
	end(e);
}

void
lns_tunnel_failed(struct lns *e, uint16_t tid, struct mono now)
{
	const struct tun_input in = { .now = now };
	struct tunnel *t = e->by_tid[tid];

	fx_begin(&e->env.fx);
	if (t != NULL) {
		tunnel_step(t, TUN_OPEN_FAILED, &in);
		settle(e, t);
	}
	end(e);
}

static void
session_input(struct lns *e, uint16_t tid, uint16_t sid, enum ses_event ev,
    const struct ses_input *in)
{
	struct tunnel *t = e->by_tid[tid];
	struct session *s = t == NULL ? NULL : session_find(t, sid);

	fx_begin(&e->env.fx);
	/* An answer may come when the session is gone. */
	if (s != NULL) {
		session_step(t, s, ev, in);
		settle(e, t);
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
lns_shutdown(struct lns *e, struct mono now)
{
	size_t i;

	fx_begin(&e->env.fx);
	e->stopping = true;
	for (i = 0; i < 65536; i++)
		if (e->by_tid[i] != NULL) {
			tunnel_shutdown(e->by_tid[i], now);
			settle(e, e->by_tid[i]);
		}
	end(e);
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
