/* SPDX-License-Identifier: ISC */
/*
 * The input is a script: clients dial, datagrams arrive, are lost, mangled or
 * made up, the time jumps, the kernel and PPP answer this way or that.  The
 * scripted clients of the simulation keep ids and sequence numbers right, so
 * that what the script makes up reaches tunnels and sessions in all states.
 * After the script all is shut down; then nothing may be left.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../lnsd/l2tp/avp.h"
#include "../../lnsd/l2tp/hdr.h"
#include "../../lnsd/l2tp/hide.h"
#include "../sim/contract.h"
#include "../sim/lac.h"
#include "lns.h"
#include "replay.h"

#define CLIENTS 5
/* This one shares a secret with the server, and is asked for it. */
#define KNOWN 4
#define SECRET "secret"
#define QUEUE 16
#define DATAGRAM_MAX 512
#define OPS_MAX 400
#define STEPS_MAX 5000

/* The first octet of each step, modulo OP_N; the numbers are the format of
 * the corpus: append only.  What follows: c client, n number. */
enum op {
	OP_DIAL,	   /* c */
	OP_PUMP,	   /* all datagrams and answers, until it is quiet */
	OP_DELIVER,	   /* the oldest datagram to the server */
	OP_LOSE,	   /* that one is lost */
	OP_REPEAT,	   /* deliver it, and keep it */
	OP_MANGLE,	   /* deliver it with octet n set to n */
	OP_TRUNCATE,	   /* deliver its first n octets */
	OP_AVPS,	   /* c n sid?: n octets behind a right header */
	OP_RAW,		   /* c n: n octets as they are */
	OP_MESSAGE,	   /* c n: the client's message of type n */
	OP_DEADLINE,	   /* wait for the engine's timer */
	OP_WAIT,	   /* n tenths of a second */
	OP_OPENED,	   /* n: oldest SESSION_OPEN succeeds if odd */
	OP_EXITED,	   /* n n: PPP of open session n, reason n */
	OP_EXITED_UNKNOWN, /* n n */
	OP_TUNNEL_FAILED,  /* n: of half-open tunnel n */
	OP_SHUTDOWN,
	OP_HANGUP,	   /* c */
	OP_VANISH,	   /* c */
	OP_CLIENT_TIMER,   /* c: wait for it */
	OP_OPENED_UNKNOWN, /* n n */
	OP_PORT,	   /* c: its NAT gives it another port */
	OP_DIAL_SAME,	   /* c: as after a reboot, with the same ids */
	OP_SKEW,	   /* c n n: its Ns and Nr are wrong by so much */
	OP_TRAFFIC,	   /* n n n: open tunnel n has carried n, n packets */
	OP_GONE,	   /* c: its SA is gone */
	OP_N
};

struct datagram {
	uint8_t data[DATAGRAM_MAX];
	size_t len, client;
};

struct world {
	const uint8_t *p; /* the script */
	size_t left;
	struct lns *lns;
	struct contract contract;
	struct mono now;
	struct lac lacs[CLIENTS];
	struct lns_path paths[CLIENTS];
	struct client_ref {
		struct world *w;
		size_t i;
	} refs[CLIENTS];
	struct datagram to_server[QUEUE], to_client[QUEUE];
	size_t n_server, n_client;
	struct {
		uint16_t tid, sid;
	} opening[QUEUE];
	size_t n_opening;
	uint32_t random;
	uint16_t next_id;
	uint8_t challenge[HIDE_VECTOR_LEN]; /* of the KNOWN client's SCCRP */
};

static void
require(const char *error)
{
	if (error == NULL)
		return;
	fprintf(stderr, "fuzz_engine: %s\n", error);
	abort();
}

static uint8_t
take(struct world *w)
{
	if (w->left == 0)
		return 0;
	w->left--;
	return *w->p++;
}

static size_t
take_client(struct world *w)
{
	return take(w) % CLIENTS;
}

/* Not random: a run must be the same each time. */
static void
fill(void *arg, void *buf, size_t len)
{
	struct world *w = arg;
	uint8_t *p = buf;

	while (len-- > 0) {
		w->random = w->random * 1103515245 + 12345;
		*p++ = (uint8_t)(w->random >> 16);
	}
}

static void
enqueue(struct datagram *q, size_t *n, size_t client, const uint8_t *data,
    size_t len)
{
	struct datagram *d = &q[*n];

	if (*n == QUEUE || len > sizeof(d->data))
		return; /* lost */
	(*n)++;
	memcpy(d->data, data, len);
	d->len = len;
	d->client = client;
}

static struct datagram
dequeue(struct datagram *q, size_t *n)
{
	struct datagram d = q[0];

	memmove(q, q + 1, --*n * sizeof(*q));
	return d;
}

/* The SCCCN of the client that knows the secret proves it. */
static size_t
answer_challenge(struct world *w, uint8_t *data, size_t len)
{
	uint8_t response[HIDE_MD5_LEN];
	struct wbuf b;

	if (hide_response(LAC_SCCCN, SECRET,
		rbuf_of(w->challenge, sizeof(w->challenge)), response) != 0)
		abort();
	wbuf_init(&b, data + len, DATAGRAM_MAX - len);
	avp_put(&b, AVP_CHALLENGE_RESPONSE, response, sizeof(response));
	len += b.len;
	data[2] = (uint8_t)(len >> 8);
	data[3] = (uint8_t)len;
	return len;
}

static void
client_sends(void *arg, const uint8_t *data, size_t len)
{
	struct client_ref *r = arg;
	uint8_t buf[DATAGRAM_MAX];

	if (r->i == KNOWN && len == 20 && data[19] == LAC_SCCCN) {
		memcpy(buf, data, len);
		len = answer_challenge(r->w, buf, len);
		data = buf;
	}
	enqueue(r->w->to_server, &r->w->n_server, r->i, data, len);
}

static void
learn_challenge(struct world *w, const struct lns_effect *e)
{
	struct l2tp_hdr h;
	struct rbuf body;
	struct avp a;

	if (hdr_decode(e->data, e->len, &h, &body) != 0)
		abort();
	while (rbuf_left(&body) != 0) {
		if (avp_next(&body, &a) != 0)
			abort();
		if (a.type == AVP_CHALLENGE &&
		    rbuf_left(&a.value) == sizeof(w->challenge))
			memcpy(w->challenge, a.value.p, sizeof(w->challenge));
	}
}

static void
on_send(struct world *w, const struct lns_effect *e)
{
	learn_challenge(w, e);
	for (size_t i = 0; i < CLIENTS; i++)
		if (memcmp(&w->paths[i].peer, &e->path.peer,
			sizeof(e->path.peer)) == 0)
			enqueue(w->to_client, &w->n_client, i, e->data, e->len);
}

static void
drain(struct world *w)
{
	struct lns_effect e;

	while (lns_next_effect(w->lns, &e)) {
		require(contract_effect(&w->contract, &e));
		if (e.type == LNS_SEND)
			on_send(w, &e);
		if (e.type != LNS_SESSION_OPEN)
			continue;
		if (w->n_opening == QUEUE) {
			/* The oldest waits no longer. */
			memmove(w->opening, w->opening + 1,
			    --w->n_opening * sizeof(w->opening[0]));
		}
		w->opening[w->n_opening].tid = e.tid;
		w->opening[w->n_opening++].sid = e.sid;
	}
	require(contract_stats(&w->contract, w->lns));
}

static void
packet(struct world *w, size_t client, const uint8_t *data, size_t len)
{
	const struct lns_path *path = &w->paths[client];
	uint8_t *exact = malloc(len == 0 ? 1 : len);

	/* The sanitizers see a byte read too far. */
	if (exact == NULL)
		abort();
	memcpy(exact, data, len);
	lns_packet(w->lns, contract_socket(&w->contract, path), path, exact,
	    len, w->now);
	free(exact);
	drain(w);
}

static void
opened(struct world *w, bool ok)
{
	uint16_t tid, sid;

	if (w->n_opening == 0)
		return;
	tid = w->opening[0].tid;
	sid = w->opening[0].sid;
	memmove(
	    w->opening, w->opening + 1, --w->n_opening * sizeof(w->opening[0]));
	contract_session_opened(&w->contract, tid, sid, ok);
	lns_session_opened(w->lns, tid, sid, ok, w->now);
	drain(w);
}

static void
pump(struct world *w)
{
	struct datagram d;

	for (unsigned i = 0; i < 64; i++) {
		if (w->n_opening > 0) {
			opened(w, true);
		} else if (w->n_client > 0) {
			d = dequeue(w->to_client, &w->n_client);
			lac_receive(&w->lacs[d.client], d.data, d.len, w->now);
		} else if (w->n_server > 0) {
			d = dequeue(w->to_server, &w->n_server);
			packet(w, d.client, d.data, d.len);
		} else {
			return;
		}
	}
}

static void
expire(struct world *w, struct mono t)
{
	if (mono_is_never(t))
		return;
	if (mono_before(w->now, t))
		w->now = t;
	lns_expire(w->lns, w->now);
	drain(w);
	if (!mono_before(w->now, lns_deadline(w->lns)))
		require("the deadline stays in the past");
}

/* A datagram of the script's own: AVPs behind a header that fits. */
static void
avps(struct world *w)
{
	size_t c = take_client(w), n = take(w);
	bool session = take(w) & 1;
	const struct lac *l = &w->lacs[c];
	struct lac_msg m;
	uint8_t buf[DATAGRAM_MAX];

	lac_encode(l, LAC_HELLO, &m);
	memcpy(buf, m.data, 12);
	if (n > w->left)
		n = w->left;
	memcpy(buf + 12, w->p, n);
	w->p += n;
	w->left -= n;
	buf[2] = (uint8_t)((12 + n) >> 8);
	buf[3] = (uint8_t)(12 + n);
	if (session) {
		buf[6] = (uint8_t)(l->peer_sid >> 8);
		buf[7] = (uint8_t)l->peer_sid;
	}
	if (n > 0)
		w->lacs[c].ns++;
	packet(w, c, buf, 12 + n);
}

static void
raw(struct world *w)
{
	size_t c = take_client(w), n = take(w);

	if (n > w->left)
		n = w->left;
	packet(w, c, w->p, n);
	w->p += n;
	w->left -= n;
}

static void
message(struct world *w)
{
	size_t c = take_client(w);
	struct lac_msg m;

	lac_encode(&w->lacs[c], (enum lac_message)take(w), &m);
	w->lacs[c].ns++;
	packet(w, c, m.data, m.len);
}

/* The oldest datagram that a client has sent, and what becomes of it. */
static void
deliver(struct world *w, enum op op)
{
	struct datagram d;
	size_t at;

	if (w->n_server == 0)
		return;
	d = w->to_server[0];
	if (op != OP_REPEAT)
		d = dequeue(w->to_server, &w->n_server);
	if (op == OP_MANGLE) {
		at = take(w) % d.len;
		d.data[at] = take(w);
	}
	if (op == OP_TRUNCATE)
		d.len = take(w) % d.len;
	if (op != OP_LOSE)
		packet(w, d.client, d.data, d.len);
}

static void
dial(struct world *w, bool same)
{
	size_t c = take_client(w);
	struct lac *l = &w->lacs[c];

	if (same && l->tid != 0) {
		lac_dial(l, l->tid, l->sid, w->now);
	} else {
		w->next_id++;
		lac_dial(l, w->next_id, w->next_id, w->now);
	}
	l->reborn = true;
}

static void
exited(struct world *w, bool known)
{
	uint16_t tid = take(w), sid = take(w);
	enum lns_ppp_end why = (enum lns_ppp_end)(sid % (LNS_PPP_FAILED + 1));
	const struct contract_session *s;

	if (known) {
		if (w->contract.n_sessions == 0)
			return;
		s = &w->contract.sessions[tid % w->contract.n_sessions];
		/* Only a PPP that was started can end. */
		if (s->ppp == PPP_NONE)
			return;
		tid = s->tid;
		sid = s->sid;
	}
	contract_ppp_exited(&w->contract, tid, sid);
	lns_ppp_exited(w->lns, tid, sid, why, w->now);
	drain(w);
}

static void
tunnel_failed(struct world *w)
{
	size_t n = take(w);
	const struct contract_tunnel *t;

	if (w->contract.n_tunnels == 0)
		return;
	t = &w->contract.tunnels[n % w->contract.n_tunnels];
	if (t->up || t->failed)
		return;
	n = t->tid;
	contract_tunnel_failed(&w->contract, (uint16_t)n);
	lns_tunnel_failed(w->lns, (uint16_t)n, w->now);
	drain(w);
}

static void
opened_unknown(struct world *w)
{
	uint16_t tid = take(w), sid = take(w);

	/* One that is open is answered once only. */
	if (contract_session(&w->contract, tid, sid) == NULL)
		lns_session_opened(w->lns, tid, sid, true, w->now);
	drain(w);
}

static void
traffic(struct world *w)
{
	size_t n = take(w);
	uint64_t rx = take(w), user = take(w);
	uint16_t tid = (uint16_t)n;

	if (w->contract.n_tunnels > 0)
		tid = w->contract.tunnels[n % w->contract.n_tunnels].tid;
	lns_traffic(w->lns, tid, rx, user, w->now);
	drain(w);
}

static void
skew(struct world *w)
{
	struct lac *l = &w->lacs[take_client(w)];

	l->ns = (uint16_t)(l->ns + (int8_t)take(w));
	l->nr = (uint16_t)(l->nr + (int8_t)take(w));
}

static void
gone(struct world *w)
{
	const struct lns_path *p = &w->paths[take_client(w)];

	lns_client_gone(w->lns, &p->peer, p->client, w->now);
	drain(w);
	/* One whose socket could not be opened has no end to tell of. */
	for (size_t i = 0; i < w->contract.n_tunnels; i++)
		if (p->client != 0 && !w->contract.tunnels[i].failed &&
		    w->contract.tunnels[i].path.client == p->client)
			require("a tunnel of a client that is gone");
}

static void
client_op(struct world *w, enum op op)
{
	size_t c = take_client(w);
	struct lac *l = &w->lacs[c];

	if (op == OP_HANGUP) {
		lac_hangup(l, w->now);
	} else if (op == OP_VANISH) {
		lac_vanish(l);
	} else if (op == OP_PORT) {
		w->paths[c].peer.port++;
		if (w->paths[c].peer.port == 0)
			w->paths[c].peer.port = 1024;
	} else if (!mono_is_never(lac_deadline(l))) {
		expire(w, mono_min(lac_deadline(l), lns_deadline(w->lns)));
		lac_expire(l, w->now);
	}
}

static void
step(struct world *w)
{
	enum op op = (enum op)(take(w) % OP_N);

	switch (op) {
	case OP_DIAL:
	case OP_DIAL_SAME:
		dial(w, op == OP_DIAL_SAME);
		break;
	case OP_PUMP:
		pump(w);
		break;
	case OP_DELIVER:
	case OP_LOSE:
	case OP_REPEAT:
	case OP_MANGLE:
	case OP_TRUNCATE:
		deliver(w, op);
		break;
	case OP_AVPS:
		avps(w);
		break;
	case OP_RAW:
		raw(w);
		break;
	case OP_MESSAGE:
		message(w);
		break;
	case OP_DEADLINE:
		expire(w, lns_deadline(w->lns));
		break;
	case OP_WAIT:
		expire(w, mono_add_ms(w->now, take(w) * 100));
		break;
	case OP_OPENED:
		opened(w, take(w) & 1);
		break;
	case OP_EXITED:
	case OP_EXITED_UNKNOWN:
		exited(w, op == OP_EXITED);
		break;
	case OP_TUNNEL_FAILED:
		tunnel_failed(w);
		break;
	case OP_SHUTDOWN:
		lns_shutdown(w->lns, w->now);
		drain(w);
		break;
	case OP_HANGUP:
	case OP_VANISH:
	case OP_CLIENT_TIMER:
	case OP_PORT:
		client_op(w, op);
		break;
	case OP_OPENED_UNKNOWN:
		opened_unknown(w);
		break;
	case OP_SKEW:
		skew(w);
		break;
	case OP_TRAFFIC:
		traffic(w);
		break;
	case OP_GONE:
		gone(w);
		break;
	case OP_N:
		break;
	}
}

static void
begin(struct world *w, const uint8_t *data, size_t size)
{
	struct lns_peer peers[3] = {
		{ .name = "fixed",
		    .address = { 4, { 10, 0, 0, 0 }, 0 },
		    .max_tunnels = 1 },
		{ .name = "known",
		    .address = { 4, { 10, 0, 0, KNOWN }, 0 },
		    .keepalive_interval_s = 10,
		    .keepalive_count = 3,
		    .disconnect_time_s = 20,
		    .secret = SECRET,
		    .challenge = true },
		{ .name = "anyone",
		    .any = true,
		    .max_sessions = 20,
		    .keepalive_interval_s = 10,
		    .keepalive_count = 3 },
	};
	struct lns_config config = { .hostname = "vpn",
		.vendor = "lnsd",
		.rws = 4,
		.trace = true,
		.keepalive_log = true,
		.max_tunnels = 6,
		.max_half_open = 3,
		.peers = peers,
		.n_peers = 3 };

	memset(w, 0, sizeof(*w));
	w->p = data;
	w->left = size;
	w->now = (struct mono){ 1000 };
	w->lns = lns_new(&config, fill, w);
	if (w->lns == NULL)
		abort();
	contract_init(&w->contract, 3);
	for (size_t i = 0; i < CLIENTS; i++) {
		w->refs[i].w = w;
		w->refs[i].i = i;
		w->paths[i].local =
		    (struct lns_addr){ 4, { 192, 0, 2, 1 }, 1701 };
		w->paths[i].peer =
		    (struct lns_addr){ 4, { 10, 0, 0, 0 }, 1701 };
		w->paths[i].peer.ip[3] = (uint8_t)i;
		w->paths[i].client = (uint32_t)i; /* the first: not told */
		lac_init(&w->lacs[i], &lac_styles[i % LAC_NKINDS], client_sends,
		    &w->refs[i]);
	}
}

static void
end(struct world *w)
{
	struct lns_stats st;
	unsigned steps = 0;

	/* An answer comes always, be it late. */
	while (w->n_opening > 0)
		opened(w, true);
	lns_shutdown(w->lns, w->now);
	drain(w);
	while (!mono_is_never(lns_deadline(w->lns))) {
		if (++steps > STEPS_MAX)
			require("the engine does not come to an end");
		expire(w, lns_deadline(w->lns));
	}
	require(contract_finish(&w->contract));
	require(lns_idle(w->lns) ? NULL : "nothing is pending, and not idle");
	lns_stats(w->lns, &st);
	if (st.tunnels != 0 || st.sessions != 0 || st.lingering != 0)
		require("stats count what is not there");
	contract_fini(&w->contract);
	lns_free(w->lns);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;

	begin(&w, data, size);
	for (unsigned i = 0; i < OPS_MAX && w.left > 0; i++)
		step(&w);
	end(&w);
	return 0;
}
