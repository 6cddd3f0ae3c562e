/* SPDX-License-Identifier: ISC */
/*
 * The virtual network.  Everything that happens later is an event in one
 * heap, ordered by time and then by age; timers are asked, not stored.
 */
#include "net.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net_event.h"
#include "pcap.h"

/* How often the engine may ask for its timer without time going on. */
#define SPIN_LIMIT 10000

/* splitmix64. */
static uint64_t
next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15U;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
	z = (z ^ z >> 27) * 0x94d049bb133111ebU;
	return z ^ z >> 31;
}

uint64_t
net_random(struct net *n, uint64_t below)
{
	return below == 0 ? 0 : next_random(&n->rng) % below;
}

static bool
chance(struct net *n, unsigned per_mille)
{
	return net_random(n, 1000) < per_mille;
}

static void
engine_random(void *arg, void *buf, size_t len)
{
	struct net *n = arg;
	uint8_t *p = buf;
	uint16_t mask = n->config.random_mask;
	uint64_t r;

	for (size_t i = 0; i < len; i++) {
		r = next_random(&n->engine_rng);
		p[i] = (uint8_t)r;
		if (mask != 0)
			p[i] &= (uint8_t)(i % 2 == 0 ? mask >> 8 : mask);
	}
}

void
net_error(struct net *n, const char *text)
{
	if (n->error[0] == '\0')
		snprintf(n->error, sizeof(n->error), "at %" PRId64 " ms: %s",
		    n->now.ms, text);
}

static void
schedule(struct net *n, enum event_kind kind, struct mono at,
    const struct lns_effect *ids, bool ok)
{
	struct net_event *e = net_alloc(sizeof(*e));

	e->kind = kind;
	e->at = at;
	e->tid = ids->tid;
	e->sid = ids->sid;
	e->ok = ok;
	net_push(n, e);
}

/* One copy of a datagram on its way. */
static void
fly(struct net *n, struct net_client *c, enum event_kind dir,
    const uint8_t *data, size_t len)
{
	const struct net_config *f = &n->config;
	struct net_event *e = net_alloc(sizeof(*e) + len);
	struct mono *fifo = &c->fifo[dir == EV_TO_SERVER];

	e->kind = dir;
	e->client = (size_t)(c - n->clients);
	e->path = c->path;
	e->len = len;
	memcpy(e->data, data, len);
	e->at = mono_add_ms(n->now, f->delay_ms);
	e->at.ms += (int64_t)net_random(n, (uint64_t)f->jitter_ms + 1);
	if (chance(n, f->reorder_pm)) {
		e->at.ms += (int64_t)net_random(n, (uint64_t)f->reorder_ms + 1);
	} else {
		if (mono_before(e->at, *fifo))
			e->at = *fifo;
		*fifo = e->at;
	}
	net_push(n, e);
}

static void
transmit(struct net *n, struct net_client *c, enum event_kind dir,
    const uint8_t *data, size_t len)
{
	unsigned copies = 1u + chance(n, n->config.dup_pm);

	while (copies-- > 0)
		if (!chance(n, n->config.loss_pm))
			fly(n, c, dir, data, len);
}

static void
client_sends(void *arg, const uint8_t *data, size_t len)
{
	struct net_client *c = arg;

	transmit(c->net, c, EV_TO_SERVER, data, len);
}

void
net_inject(struct net *n, size_t client, const uint8_t *data, size_t len)
{
	fly(n, &n->clients[client], EV_TO_SERVER, data, len);
}

/* Clients are 10.0.x.y; RFC 5737's server. */
static struct net_client *
client_of(struct net *n, const struct lns_path *path)
{
	const uint8_t *ip = path->peer.ip;
	size_t i = (size_t)ip[1] << 16 | (size_t)ip[2] << 8 | ip[3];

	/* RFC 2544: a stranger. */
	if (path->peer.family == 4 && ip[0] == 198 && (ip[1] & 0xfe) == 18)
		return NULL;
	if (path->peer.family != 4 || ip[0] != 10 || i >= n->n_clients) {
		net_error(n, "effect for an address that nobody has");
		return NULL;
	}
	return &n->clients[i];
}

static struct net_client *
client_of_tunnel(struct net *n, uint16_t tid)
{
	struct contract_tunnel *t = contract_tunnel(&n->contract, tid);

	return t == NULL ? NULL : client_of(n, &t->path);
}

static void
server_sends(struct net *n, const struct lns_effect *e)
{
	struct net_client *c = client_of(n, &e->path);

	if (!n->config.no_capture)
		pcap_record(
		    &n->frames, n->now, &e->path, false, e->data, e->len);
	if (c == NULL) {
		n->strays++;
		n->stray_tid = e->tid;
		return;
	}
	/* A port that the client has left. */
	if (c->path.peer.port == e->path.peer.port)
		transmit(n, c, EV_TO_CLIENT, e->data, e->len);
}

static void
on_ppp_start(struct net *n, const struct lns_effect *e)
{
	struct net_client *c = client_of_tunnel(n, e->tid);

	if (c == NULL)
		return;
	c->tid = e->tid;
	c->sid = e->sid;
	c->ppp_at = n->now;
}

/* The shell's part of an effect. */
static void
carry_out(struct net *n, const struct lns_effect *e)
{
	struct net_client *c;
	int64_t later = (int64_t)net_random(n, (uint64_t)n->config.open_ms + 1);
	bool ok;

	if (e->type == LNS_SEND) {
		server_sends(n, e);
	} else if (e->type == LNS_TUNNEL_OPEN) {
		c = client_of(n, &e->path);
		if (c != NULL)
			c->tunnels++;
	} else if (e->type == LNS_SESSION_OPEN) {
		ok = !chance(n, n->config.open_fail_pm);
		schedule(n, EV_OPENED, mono_add_ms(n->now, later), e, ok);
	} else if (e->type == LNS_PPP_START) {
		on_ppp_start(n, e);
	} else if (e->type == LNS_TRAFFIC) {
		later = (int64_t)net_random(n, LNS_TRAFFIC_MS);
		schedule(n, EV_TRAFFIC, mono_add_ms(n->now, later), e, true);
	} else if (e->type == LNS_PPP_STOP && chance(n, 500)) {
		/* "need not follow": half of the time it does. */
		schedule(n, EV_EXITED, mono_add_ms(n->now, later), e, true);
	}
}

static void
count_line(struct net *n)
{
	int64_t second = n->now.ms / 1000;

	if (second != n->logs_s)
		n->logs_now = 0;
	n->logs_s = second;
	n->logs++;
	if (++n->logs_now > n->logs_max)
		n->logs_max = n->logs_now;
}

/* Takes the effects of the input just made; how many there were. */
static unsigned
drain(struct net *n)
{
	struct lns_effect e;
	struct net_client *c;
	const char *error;
	unsigned count = 0;

	while (lns_next_effect(n->lns, &e)) {
		count++;
		if (e.type == LNS_LOG)
			count_line(n);
		c = e.type == LNS_TUNNEL_CLOSE ? client_of_tunnel(n, e.tid)
					       : NULL;
		if (c != NULL)
			c->closed_at = n->now;
		if ((error = contract_effect(&n->contract, &e)) != NULL)
			net_error(n, error);
		carry_out(n, &e);
	}
	if ((error = contract_stats(&n->contract, n->lns)) != NULL)
		net_error(n, error);
	return count;
}

static void
deliver_to_server(
    struct net *n, const struct lns_path *path, const uint8_t *data, size_t len)
{
	uint16_t tid = contract_socket(&n->contract, path);
	bool no_tunnel = len >= 6 && data[4] == 0 && data[5] == 0;

	/* The kernel may hand a datagram for tunnel 0 to either socket, see
	 * DESIGN.md section 4. */
	if (no_tunnel && chance(n, 500))
		tid = 0;
	if (!n->config.no_capture)
		pcap_record(&n->frames, n->now, path, true, data, len);
	lns_packet(n->lns, tid, path, data, len, n->now);
}

void
net_attack(
    struct net *n, const struct lns_path *path, const uint8_t *data, size_t len)
{
	deliver_to_server(n, path, data, len);
	drain(n);
}

static void
happen(struct net *n, const struct net_event *e)
{
	struct net_client *c;

	switch (e->kind) {
	case EV_TO_SERVER:
		/* Nothing comes out of an SA that has gone. */
		if (n->clients[e->client].path.client != e->path.client)
			break;
		deliver_to_server(n, &e->path, e->data, e->len);
		break;
	case EV_TO_CLIENT:
		c = &n->clients[e->client];
		if (c->path.peer.port == e->path.peer.port)
			lac_receive(&c->lac, e->data, e->len, n->now);
		if (c->lac.complaint != NULL)
			net_error(n, c->lac.complaint);
		break;
	case EV_OPENED:
		contract_session_opened(&n->contract, e->tid, e->sid, e->ok);
		lns_session_opened(n->lns, e->tid, e->sid, e->ok, n->now);
		break;
	case EV_EXITED:
		contract_ppp_exited(&n->contract, e->tid, e->sid);
		lns_ppp_exited(n->lns, e->tid, e->sid, LNS_PPP_ADMIN, n->now);
		break;
	case EV_TRAFFIC:
		c = client_of_tunnel(n, e->tid);
		if (c != NULL)
			lns_traffic(n->lns, e->tid, c->rx_packets,
			    c->user_packets, n->now);
		break;
	}
	drain(n);
}

static struct mono
next_time(const struct net *n)
{
	struct mono t = lns_deadline(n->lns);

	if (n->n_events > 0)
		t = mono_min(t, n->heap[0]->at);
	for (size_t i = 0; i < n->n_clients; i++)
		t = mono_min(t, lac_deadline(&n->clients[i].lac));
	return t;
}

/* All that is due now. */
static void
step(struct net *n)
{
	struct net_event *e;

	if (!mono_before(n->now, lns_deadline(n->lns))) {
		lns_expire(n->lns, n->now);
		drain(n);
		if (++n->spins > SPIN_LIMIT)
			net_error(n, "the engine's deadline does not move");
	} else if (chance(n, 60)) {
		/* lns.h: "Calling it early does nothing." */
		lns_expire(n->lns, n->now);
		if (drain(n) != 0)
			net_error(n, "effects of an early lns_expire()");
	}
	for (size_t i = 0; i < n->n_clients; i++)
		lac_expire(&n->clients[i].lac, n->now);
	while (n->n_events > 0 && !mono_before(n->now, n->heap[0]->at)) {
		e = net_pop(n);
		happen(n, e);
		free(e);
	}
}

bool
net_run_until(struct net *n, bool (*done)(struct net *, void *), void *arg,
    struct mono limit)
{
	struct mono t;

	for (;;) {
		if (n->error[0] != '\0')
			return false;
		if (done != NULL && done(n, arg))
			return true;
		t = next_time(n);
		if (mono_is_never(t) || mono_before(limit, t))
			break;
		/* A deadline may lie in the past. */
		if (mono_before(n->now, t)) {
			n->now = t;
			n->spins = 0;
		}
		step(n);
	}
	if (!mono_is_never(limit) && mono_before(n->now, limit))
		n->now = limit;
	return done == NULL && n->error[0] == '\0';
}

bool
net_run(struct net *n, struct mono until)
{
	return net_run_until(n, NULL, NULL, until);
}

bool
net_run_dry(struct net *n, struct mono limit)
{
	struct lns_stats st;
	const char *error;

	/* The clock stays where the last thing happened. */
	while (n->error[0] == '\0' && !mono_before(limit, next_time(n)) &&
	       !mono_is_never(next_time(n)))
		net_run(n, next_time(n));
	lns_stats(n->lns, &st);
	if ((error = contract_finish(&n->contract)) != NULL)
		net_error(n, error);
	if (st.tunnels != 0 || st.tunnels_established != 0)
		net_error(n, "a tunnel is left");
	if (st.sessions != 0)
		net_error(n, "a session is left");
	if (st.lingering != 0)
		net_error(n, "a closed tunnel lingers for ever");
	if (!lns_idle(n->lns))
		net_error(n, "nothing is left, and lns_idle() denies it");
	if (!mono_is_never(lns_deadline(n->lns)))
		net_error(n, "idle, and a deadline is pending");
	if (st.out_of_memory != 0)
		net_error(n, "out of memory");
	return n->error[0] == '\0';
}

static void
new_engine(struct net *n)
{
	const struct lns_peer peer = { .name = "anyone",
		.any = true,
		.keepalive_interval_s = n->config.keepalive_interval_s,
		.keepalive_count = n->config.keepalive_count };
	const struct lns_config lc = { .hostname = "vpn",
		.vendor = "lnsd",
		.firmware = 1,
		.rws = 4,
		.peers = &peer,
		.n_peers = 1 };

	contract_init(&n->contract, 1);
	n->lns = lns_new(&lc, engine_random, n);
	if (n->lns == NULL)
		abort();
}

void
net_init(struct net *n, const struct net_config *config, size_t n_clients,
    enum lac_kind kind)
{
	memset(n, 0, sizeof(*n));
	n->config = *config;
	n->rng = config->seed * 2;
	n->engine_rng = config->seed * 2 + 1;
	/* Time does not begin with 0. */
	n->now = (struct mono){ 1000000 };
	new_engine(n);
	n->n_clients = n_clients;
	n->clients = net_alloc(n_clients * sizeof(*n->clients));
	for (size_t i = 0; i < n_clients; i++)
		net_set_style(n, i, kind);
}

void
net_restart(struct net *n)
{
	contract_fini(&n->contract);
	lns_free(n->lns);
	new_engine(n);
	for (size_t i = 0; i < n->n_clients; i++)
		n->clients[i].ppp_at = MONO_NEVER;
}

void
net_set_style(struct net *n, size_t client, enum lac_kind kind)
{
	struct net_client *c = &n->clients[client];
	uint8_t peer[4] = { 10, (uint8_t)(client >> 16), (uint8_t)(client >> 8),
		(uint8_t)client };

	memset(c, 0, sizeof(*c));
	c->net = n;
	c->ppp_at = c->closed_at = MONO_NEVER;
	c->path.local.family = c->path.peer.family = 4;
	c->path.local.port = 1701;
	memcpy(c->path.local.ip, "\xc0\x00\x02\x01", 4);
	memcpy(c->path.peer.ip, peer, sizeof(peer));
	c->path.client = (uint32_t)client + 1;
	lac_init(&c->lac, &lac_styles[kind], client_sends, c);
}

void
net_fini(struct net *n)
{
	while (n->n_events > 0)
		free(net_pop(n));
	free(n->heap);
	free(n->clients);
	pcap_free(&n->frames);
	contract_fini(&n->contract);
	lns_free(n->lns);
	memset(n, 0, sizeof(*n));
}

void
net_dial(struct net *n, size_t client, bool same_port)
{
	struct net_client *c = &n->clients[client];
	uint16_t *port = &c->path.peer.port, tid = c->lac.tid;

	if (*port == 0 || (!same_port && c->lac.style->port == 0))
		*port = (uint16_t)(c->lac.style->port != 0
				       ? c->lac.style->port
				       : 32768 + net_random(n, 28000));
	while (tid == c->lac.tid || tid == 0)
		tid = (uint16_t)next_random(&n->rng);
	c->ppp_at = MONO_NEVER;
	c->dialled = n->now;
	c->dials++;
	lac_dial(&c->lac, tid, (uint16_t)(1 + net_random(n, 65535)), n->now);
}

void
net_hangup(struct net *n, size_t client)
{
	lac_hangup(&n->clients[client].lac, n->now);
}

void
net_ppp_exit(struct net *n, size_t client, enum lns_ppp_end why)
{
	struct net_client *c = &n->clients[client];

	contract_ppp_exited(&n->contract, c->tid, c->sid);
	lns_ppp_exited(n->lns, c->tid, c->sid, why, n->now);
	drain(n);
}

void
net_shutdown(struct net *n)
{
	lns_shutdown(n->lns, n->now);
	drain(n);
}

void
net_client_gone(struct net *n, size_t client)
{
	struct lns_path *p = &n->clients[client].path;

	lns_client_gone(n->lns, &p->peer, p->client, n->now);
	drain(n);
	p->client += (uint32_t)n->n_clients;
}

bool
net_client_up(const struct net *n, size_t client)
{
	const struct net_client *c = &n->clients[client];

	return c->lac.state == LAC_UP && !mono_is_never(c->ppp_at);
}

bool
net_write_pcap(const struct net *n, const char *path)
{
	return pcap_write(n->frames, path);
}
