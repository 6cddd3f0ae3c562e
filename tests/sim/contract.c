/* SPDX-License-Identifier: ISC */
/*
 * The contract of lns.h's effects as a checker.  It keeps lists, not tables
 * by id: a run opens few tunnels, and there are thousands of runs.
 */
#include "contract.h"

#include <stdlib.h>
#include <string.h>

void
contract_init(struct contract *c, size_t n_peers)
{
	memset(c, 0, sizeof(*c));
	c->n_peers = n_peers;
}

void
contract_fini(struct contract *c)
{
	free(c->tunnels);
	free(c->sessions);
	memset(c, 0, sizeof(*c));
}

/* Room for one more element; a test without memory is over. */
static void *
grow(void *p, size_t n, size_t *max, size_t size)
{
	if (n < *max)
		return p;
	*max = *max == 0 ? 4 : *max * 2;
	p = reallocarray(p, *max, size);
	if (p == NULL)
		abort();
	return p;
}

struct contract_tunnel *
contract_tunnel(struct contract *c, uint16_t tid)
{
	for (size_t i = 0; i < c->n_tunnels; i++)
		if (c->tunnels[i].tid == tid)
			return &c->tunnels[i];
	return NULL;
}

struct contract_session *
contract_session(struct contract *c, uint16_t tid, uint16_t sid)
{
	for (size_t i = 0; i < c->n_sessions; i++)
		if (c->sessions[i].tid == tid && c->sessions[i].sid == sid)
			return &c->sessions[i];
	return NULL;
}

static bool
same_path(const struct lns_path *a, const struct lns_path *b)
{
	return memcmp(&a->local.ip, &b->local.ip, sizeof(a->local.ip)) == 0 &&
	       memcmp(&a->peer.ip, &b->peer.ip, sizeof(a->peer.ip)) == 0 &&
	       a->peer.port == b->peer.port && a->client == b->client;
}

uint16_t
contract_socket(const struct contract *c, const struct lns_path *path)
{
	for (size_t i = 0; i < c->n_tunnels; i++)
		if (!c->tunnels[i].failed &&
		    same_path(&c->tunnels[i].path, path))
			return c->tunnels[i].tid;
	return 0;
}

static void
drop_tunnel(struct contract *c, struct contract_tunnel *t)
{
	*t = c->tunnels[--c->n_tunnels];
}

static void
drop_session(struct contract *c, struct contract_session *s)
{
	*s = c->sessions[--c->n_sessions];
}

static const char *
on_tunnel_open(struct contract *c, const struct lns_effect *e)
{
	struct contract_tunnel *t;

	if (e->tid == 0)
		return "TUNNEL_OPEN of tunnel id 0";
	/* One that failed need not be closed. */
	t = contract_tunnel(c, e->tid);
	if (t != NULL && t->failed)
		drop_tunnel(c, t);
	else if (t != NULL)
		return "TUNNEL_OPEN of a tunnel id that is open";
	if (e->peer >= c->n_peers)
		return "TUNNEL_OPEN without a configured peer";
	for (size_t i = 0; i < c->n_tunnels; i++) {
		if (c->tunnels[i].failed)
			continue;
		if (c->tunnels[i].slot == e->slot)
			return "TUNNEL_OPEN in a slot that is taken";
		/* Two sockets connected to one peer: the kernel would give
		 * all datagrams to one of them. */
		if (same_path(&c->tunnels[i].path, &e->path))
			return "TUNNEL_OPEN on a path that has a tunnel";
	}
	c->tunnels = grow(
	    c->tunnels, c->n_tunnels, &c->max_tunnels, sizeof(*c->tunnels));
	t = &c->tunnels[c->n_tunnels++];
	memset(t, 0, sizeof(*t));
	t->tid = e->tid;
	t->slot = e->slot;
	t->path = e->path;
	c->opened++;
	return NULL;
}

static const char *
on_tunnel_up(struct contract *c, const struct lns_effect *e)
{
	struct contract_tunnel *t = contract_tunnel(c, e->tid);

	if (t == NULL)
		return "TUNNEL_UP of a tunnel that is not open";
	if (t->up)
		return "TUNNEL_UP twice";
	if (e->peer_tid == 0)
		return "TUNNEL_UP without the peer's tunnel id";
	t->up = true;
	t->peer_tid = e->peer_tid;
	c->ups++;
	return NULL;
}

static const char *
on_tunnel_close(struct contract *c, const struct lns_effect *e)
{
	struct contract_tunnel *t = contract_tunnel(c, e->tid);

	if (t == NULL)
		return "TUNNEL_CLOSE of a tunnel that is not open";
	for (size_t i = c->n_sessions; i-- > 0;) {
		struct contract_session *s = &c->sessions[i];

		if (s->tid != e->tid)
			continue;
		if (!s->answered || s->ok)
			return "TUNNEL_CLOSE before SESSION_CLOSE";
		*s = c->sessions[--c->n_sessions];
	}
	drop_tunnel(c, t);
	return NULL;
}

static const char *
on_session_open(struct contract *c, const struct lns_effect *e)
{
	struct contract_tunnel *t = contract_tunnel(c, e->tid);
	struct contract_session *s;

	if (t == NULL || t->failed)
		return "SESSION_OPEN in a tunnel that is not open";
	if (!t->up)
		return "SESSION_OPEN before TUNNEL_UP";
	if (e->sid == 0 || e->peer_sid == 0)
		return "SESSION_OPEN with session id 0";
	if (e->peer_tid != t->peer_tid)
		return "SESSION_OPEN with another peer tunnel id";
	s = contract_session(c, e->tid, e->sid);
	if (s != NULL && s->answered && !s->ok)
		drop_session(c, s);
	else if (s != NULL)
		return "SESSION_OPEN of a session id that is open";
	c->sessions = grow(
	    c->sessions, c->n_sessions, &c->max_sessions, sizeof(*c->sessions));
	s = &c->sessions[c->n_sessions++];
	c->calls++;
	memset(s, 0, sizeof(*s));
	s->tid = e->tid;
	s->sid = e->sid;
	s->peer_sid = e->peer_sid;
	return NULL;
}

static const char *
on_session(struct contract *c, const struct lns_effect *e)
{
	struct contract_session *s = contract_session(c, e->tid, e->sid);

	if (s == NULL)
		return "effect on a session that is not open";
	if (e->type == LNS_SESSION_CLOSE) {
		if (s->ppp == PPP_RUNNING)
			return "SESSION_CLOSE before PPP has stopped";
		drop_session(c, s);
	} else if (e->type == LNS_PPP_START) {
		if (!s->answered || !s->ok)
			return "PPP_START on a session that was not made";
		if (s->ppp != PPP_NONE)
			return "PPP_START twice";
		if (e->call == NULL)
			return "PPP_START without the call's record";
		s->ppp = PPP_RUNNING;
		c->starts++;
	} else {
		if (s->ppp != PPP_RUNNING)
			return "PPP_STOP of a PPP that does not run";
		if (e->text == NULL || e->text[0] == '\0')
			return "PPP_STOP without a cause";
		s->ppp = PPP_ENDED;
	}
	return NULL;
}

static unsigned
get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* RFC 2661 5.8: Ns counts messages without a gap, a ZLB shows the next one;
 * Nr is that of now, in a repetition, too. */
static const char *
check_sequence(struct contract_tunnel *t, const struct lns_effect *e)
{
	uint16_t ns = (uint16_t)get16(e->data + 8);
	uint16_t nr = (uint16_t)get16(e->data + 10);

	if ((int16_t)(nr - t->nr) < 0)
		return "SEND with an outdated Nr";
	t->nr = nr;
	if ((int16_t)(ns - t->ns) > 0 || (e->len == 12 && ns != t->ns))
		return "SEND with an Ns out of turn";
	if (e->len > 12 && ns == t->ns)
		t->ns++;
	return NULL;
}

/* The engine sends control messages only: RFC 2661 3.1. */
static const char *
on_send(struct contract *c, const struct lns_effect *e)
{
	struct contract_tunnel *t = contract_tunnel(c, e->tid);

	c->sends++;
	if (e->data == NULL || e->len < 12)
		return "SEND of less than a header";
	if (get16(e->data) != 0xc802 || get16(e->data + 2) != e->len)
		return "SEND with flags or length wrong";
	if (e->len > 12 && (e->len < 20 || get16(e->data + 12) != 0x8008))
		return "SEND without a Message Type";
	if (e->path.peer.port == 0)
		return "SEND to port 0";
	if (t == NULL || t->failed)
		return NULL;
	/* The socket of the tunnel is connected. */
	if (!same_path(&t->path, &e->path))
		return "SEND from a tunnel's socket to another peer";
	return check_sequence(t, e);
}

const char *
contract_effect(struct contract *c, const struct lns_effect *e)
{
	switch (e->type) {
	case LNS_SEND:
		return on_send(c, e);
	case LNS_TUNNEL_OPEN:
		return on_tunnel_open(c, e);
	case LNS_TUNNEL_UP:
		return on_tunnel_up(c, e);
	case LNS_TUNNEL_CLOSE:
		return on_tunnel_close(c, e);
	case LNS_SESSION_OPEN:
		return on_session_open(c, e);
	case LNS_PPP_START:
	case LNS_PPP_STOP:
	case LNS_SESSION_CLOSE:
		return on_session(c, e);
	case LNS_TRAFFIC:
		return contract_tunnel(c, e->tid) == NULL
			   ? "TRAFFIC of a tunnel that is not open"
			   : NULL;
	case LNS_MESSAGE:
		return e->message == 0 ? "MESSAGE of no type" : NULL;
	case LNS_LOG:
		return e->text == NULL || strchr(e->text, '\n') != NULL
			   ? "LOG is not one line"
			   : NULL;
	default:
		return "effect of an unknown type";
	}
}

void
contract_tunnel_failed(struct contract *c, uint16_t tid)
{
	struct contract_tunnel *t = contract_tunnel(c, tid);

	if (t != NULL)
		t->failed = true;
}

void
contract_session_opened(struct contract *c, uint16_t tid, uint16_t sid, bool ok)
{
	struct contract_session *s = contract_session(c, tid, sid);

	if (s == NULL || s->answered)
		return;
	s->answered = true;
	s->ok = ok;
}

void
contract_ppp_exited(struct contract *c, uint16_t tid, uint16_t sid)
{
	struct contract_session *s = contract_session(c, tid, sid);

	if (s != NULL)
		s->ppp = PPP_ENDED;
}

const char *
contract_finish(const struct contract *c)
{
	for (size_t i = 0; i < c->n_sessions; i++)
		if (!c->sessions[i].answered || c->sessions[i].ok)
			return "a session was never closed";
	for (size_t i = 0; i < c->n_tunnels; i++)
		if (!c->tunnels[i].failed)
			return "a tunnel was never closed";
	return NULL;
}

const char *
contract_stats(const struct contract *c, const struct lns *lns)
{
	struct lns_stats st;
	size_t tunnels = 0, sessions = 0;

	lns_stats(lns, &st);
	for (size_t i = 0; i < c->n_tunnels; i++)
		tunnels += !c->tunnels[i].failed;
	for (size_t i = 0; i < c->n_sessions; i++)
		sessions += !c->sessions[i].answered || c->sessions[i].ok;
	if (tunnels > st.tunnels + st.lingering)
		return "more tunnels are open than the engine knows";
	if (sessions > st.sessions)
		return "more sessions are open than the engine knows";
	if (st.tunnels_established > st.tunnels)
		return "more tunnels established than there are";
	return NULL;
}
