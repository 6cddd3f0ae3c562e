/* SPDX-License-Identifier: ISC */
#include "swarm.h"

#include <stdlib.h>
#include <string.h>

static unsigned
get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* splitmix64. */
static void
swarm_random(void *arg, void *buf, size_t len)
{
	struct swarm *s = arg;
	uint8_t *p = buf;
	uint64_t z;

	while (len-- > 0) {
		z = s->rng += 0x9e3779b97f4a7c15U;
		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
		z = (z ^ z >> 27) * 0x94d049bb133111ebU;
		*p++ = (uint8_t)(z >> 33);
	}
}

void
swarm_init(struct swarm *s, size_t n, uint32_t keepalive_s)
{
	const struct lns_peer peer = { .name = "anyone",
		.any = true,
		.keepalive_interval_s = keepalive_s,
		.keepalive_count = 3 };
	const struct lns_config config = { .hostname = "vpn",
		.vendor = "lnsd",
		.firmware = 1,
		.rws = 4,
		.peers = &peer,
		.n_peers = 1 };

	memset(s, 0, sizeof(*s));
	s->now = (struct mono){ 1000000 };
	s->n = n;
	s->clients = calloc(n, sizeof(*s->clients));
	s->lns = lns_new(&config, swarm_random, s);
	if (s->clients == NULL || s->lns == NULL)
		abort();
	lac_init(&s->scratch, &lac_styles[LAC_XL2TPD], NULL, NULL);
}

void
swarm_fini(struct swarm *s)
{
	lns_free(s->lns);
	free(s->clients);
	free(s->owed);
	memset(s, 0, sizeof(*s));
}

/* Each client has an address of its own: 10.1.0.0 and up. */
static struct lns_path
path_of(size_t client)
{
	struct lns_path p = {
		.local = { 4, { 192, 0, 2, 1 }, 1701 },
		.peer = { 4, { 10, 1, 0, 0 }, 40000 },
		.client = (uint32_t)client + 1,
	};

	p.peer.ip[1] = (uint8_t)(1 + (client >> 16));
	p.peer.ip[2] = (uint8_t)(client >> 8);
	p.peer.ip[3] = (uint8_t)client;
	return p;
}

static size_t
client_at(const struct lns_path *p)
{
	return (size_t)(p->peer.ip[1] - 1) << 16 | (size_t)p->peer.ip[2] << 8 |
	       p->peer.ip[3];
}

void
swarm_make(struct swarm *s, size_t client, enum lac_message type,
    struct swarm_datagram *out)
{
	struct swarm_client *c = &s->clients[client];
	struct lac *l = &s->scratch;

	if (type == LAC_SCCRQ)
		*c = (struct swarm_client){ 0 };
	/* Its own ids are its number; 0 is no id. */
	l->tid = (uint16_t)(client % SWARM_MAX + 1);
	l->sid = l->tid;
	l->peer_tid = c->tid;
	l->peer_sid = c->sid;
	l->ns = c->ns;
	l->nr = c->nr;
	out->client = client;
	lac_encode(l, type == LAC_ZLB ? LAC_HELLO : type, &out->msg);
	if (type == LAC_ZLB) {
		out->msg.len = 12;
		out->msg.data[3] = 12;
	} else {
		c->ns++;
	}
}

static void
owe(struct swarm *s, uint32_t client)
{
	if (s->n_owed == s->max_owed) {
		s->max_owed = s->max_owed == 0 ? 64 : s->max_owed * 2;
		s->owed = reallocarray(s->owed, s->max_owed, sizeof(*s->owed));
		if (s->owed == NULL)
			abort();
	}
	s->owed[s->n_owed++] = client;
}

/* What the client reads in a datagram from the server. */
static void
client_receives(struct swarm *s, const struct lns_effect *e)
{
	size_t client = client_at(&e->path);
	struct swarm_client *c;
	unsigned type;

	if (client >= s->n || e->len < 20)
		return;
	c = &s->clients[client];
	c->nr = (uint16_t)(get16(e->data + 8) + 1);
	type = get16(e->data + 18);
	if (type == LAC_HELLO)
		s->hellos++;
	else if (type == LAC_STOPCCN)
		s->stopccns++;
	else if (type == LAC_SCCRP)
		c->tid = e->tid;
	else if (type == LAC_ICRP)
		c->sid = (uint16_t)get16(e->data + 26);
	if (type == LAC_HELLO || type == LAC_STOPCCN)
		owe(s, (uint32_t)client);
}

static void
count(struct swarm *s, const struct lns_effect *e)
{
	s->effects[e->type % SWARM_EFFECTS]++;
	if (e->type == LNS_SEND)
		client_receives(s, e);
	else if (e->type == LNS_TUNNEL_OPEN)
		s->of_tid[e->tid] = (uint32_t)client_at(&e->path) + 1;
	else if (e->type == LNS_TUNNEL_CLOSE)
		s->of_tid[e->tid] = 0;
}

static void
drain(struct swarm *s)
{
	struct lns_effect e;
	uint16_t tid = 0, sid = 0;

	while (lns_next_effect(s->lns, &e)) {
		count(s, &e);
		if (e.type == LNS_SESSION_OPEN) {
			tid = e.tid;
			sid = e.sid;
		}
	}
	if (tid == 0)
		return;
	lns_session_opened(s->lns, tid, sid, true, s->now);
	while (lns_next_effect(s->lns, &e))
		count(s, &e);
}

void
swarm_feed(struct swarm *s, const struct swarm_datagram *d)
{
	struct lns_path path = path_of(d->client);
	uint16_t tid = s->clients[d->client].tid;

	lns_packet(s->lns, tid != 0 && s->of_tid[tid] != 0 ? tid : 0, &path,
	    d->msg.data, d->msg.len, s->now);
	drain(s);
}

void
swarm_say(struct swarm *s, size_t client, enum lac_message type)
{
	struct swarm_datagram d;

	swarm_make(s, client, type, &d);
	swarm_feed(s, &d);
}

void
swarm_dial(struct swarm *s, size_t client)
{
	swarm_say(s, client, LAC_SCCRQ);
	swarm_say(s, client, LAC_SCCCN);
	swarm_say(s, client, LAC_ICRQ);
	swarm_say(s, client, LAC_ICCN);
}

void
swarm_hangup(struct swarm *s, size_t client)
{
	swarm_say(s, client, LAC_CDN);
	swarm_say(s, client, LAC_STOPCCN);
}

void
swarm_expire(struct swarm *s)
{
	lns_expire(s->lns, s->now);
	drain(s);
}

void
swarm_make_owed(struct swarm *s, struct swarm_datagram *d)
{
	swarm_make(s, s->owed[--s->n_owed], LAC_ZLB, d);
}

void
swarm_run(struct swarm *s, struct mono until)
{
	struct swarm_datagram d;
	struct mono t;

	while (!mono_before(until, t = lns_deadline(s->lns)) &&
	       !mono_is_never(t)) {
		if (mono_before(s->now, t))
			s->now = t;
		swarm_expire(s);
		while (s->n_owed > 0) {
			swarm_make_owed(s, &d);
			swarm_feed(s, &d);
		}
	}
	if (!mono_is_never(until))
		s->now = until;
}
