/* SPDX-License-Identifier: ISC */

/*
 * A control connection as the LNS sees it (RFC 2661 7.2.1): its machine.  The
 * way of messages into it and out of it is in tunnel_io.c; who it is found by,
 * its numbers and its timer are the engine's.
 */

#include "tunnel.h"

#include <assert.h>
#include <syslog.h>

#include "proto.h"
#include "session.h"
#include "trace.h"

struct tun_cell {
	int (*act)(struct tunnel *, const struct tun_input *);
	enum tun_state next;
};

struct lns_effect
tunnel_effect(const struct tunnel *t, enum lns_effect_type type)
{
	return (struct lns_effect){
		.type = type,
		.tid = t->tid,
		.peer_tid = t->peer_tid,
		.slot = t->slot,
		.peer = t->peer,
		.path = t->path,
	};
}

/* StopCCN is the last message: PPP and the kernel's sessions end before it,
 * and it waits for nothing. */
static int
send_stopccn(struct tunnel *t, struct msg_reason why, const char *header,
    struct mono now)
{
	const struct l2tp_hdr h = tunnel_hdr(t, 0);
	struct hide_key key;
	uint8_t buf[MSG_MAX];
	struct wbuf w;
	size_t i;

	for (i = 0; i < TUN_SESSIONS; i++)
		if (t->sessions[i] != NULL)
			session_halt(
			    t, t->sessions[i], t->cause, t->cause_text);
	chan_hurry(&t->chan);
	tunnel_tell_end(t, L2TP_STOPCCN, &why);
	wbuf_init(&w, buf, sizeof(buf));
	msg_put_stopccn(&w, &h, tunnel_key(t, &key), t->tid, why);
	return tunnel_send_as(t, header, &w, L2TP_STOPCCN, now);
}

static int
close_with(struct tunnel *t, struct msg_reason why, struct mono now)
{
	tunnel_log_life(
	    t, "TUNNEL[%u] disconnecting tunnel %u", t->slot, t->tid);
	return send_stopccn(
	    t, why, tunnel_trace(t) != LNS_NO_TRACE ? TRACE_SEND : NULL, now);
}

static int
act_none(struct tunnel *t, const struct tun_input *in)
{
	(void)t;
	(void)in;
	return 0;
}

/* 5.1.1: what SCCRP says about the secret; ours is challenge, response what
 * the client's challenge asks for. */
static int
authenticate(struct tunnel *t, const struct tun_input *in, struct msg_sccrp *m,
    uint8_t challenge[HIDE_VECTOR_LEN], uint8_t response[HIDE_MD5_LEN])
{
	const struct lns_peer *p = &t->env->config.peers[t->peer];
	const struct l2tp_field *theirs = &in->msg->avp[AVP_CHALLENGE];
	int err;

	if (p->secret[0] == '\0')
		return 0;
	if (msg_has(in->msg, AVP_CHALLENGE)) {
		err = hide_response(L2TP_SCCRP, p->secret,
		    rbuf_of(theirs->data, theirs->len), response);
		if (err != 0)
			return err;
		m->response = response;
	}
	if (!p->challenge)
		return 0;
	t->env->random(t->env->random_arg, challenge, HIDE_VECTOR_LEN);
	m->challenge = challenge;
	t->challenged = true;
	return hide_response(L2TP_SCCCN, p->secret,
	    rbuf_of(challenge, HIDE_VECTOR_LEN), t->response);
}

static int
act_accept(struct tunnel *t, const struct tun_input *in)
{
	const struct lns_config *c = &t->env->config;
	struct msg_sccrp m = { .hostname = c->hostname,
		.vendor = c->vendor,
		.firmware = c->firmware,
		.tid = t->tid,
		.rws = c->rws };
	const struct lns_effect e = tunnel_effect(t, LNS_TUNNEL_OPEN);
	const struct l2tp_hdr h = tunnel_hdr(t, 0);
	uint8_t challenge[HIDE_VECTOR_LEN], response[HIDE_MD5_LEN];
	struct hide_key key;
	uint8_t buf[MSG_MAX];
	struct wbuf w;
	int err;

	msg_text(in->msg, AVP_HOST_NAME, t->hostname, sizeof(t->hostname));
	msg_text(in->msg, AVP_VENDOR_NAME, t->vendor, sizeof(t->vendor));
	t->firmware = (uint16_t)msg_num(in->msg, AVP_FIRMWARE, 0);
	/* If there are too many: when it has a session. */
	if (env_may_log(t->env))
		tunnel_announce(t, 1);
	chan_set_peer_window(
	    &t->chan, (uint16_t)msg_num(in->msg, AVP_RWS, CHAN_DEFAULT_RWS));
	if ((err = authenticate(t, in, &m, challenge, response)) != 0)
		return err;
	if (!fx_push(&t->env->fx, &e, NULL, 0))
		return L2TP_E_MEMORY;
	t->opened = true;
	wbuf_init(&w, buf, sizeof(buf));
	msg_put_sccrp(&w, &h, tunnel_key(t, &key), &m);
	return tunnel_send(t, &w, L2TP_SCCRP, in->now);
}

static bool
is_authentic(const struct tunnel *t, const struct l2tp_msg *m)
{
	return !t->challenged ||
	       (msg_has(m, AVP_CHALLENGE_RESPONSE) &&
		   hide_equal(m->avp[AVP_CHALLENGE_RESPONSE].data, t->response,
		       sizeof(t->response)));
}

static int
act_up(struct tunnel *t, const struct tun_input *in)
{
	const struct lns_effect e = tunnel_effect(t, LNS_TUNNEL_UP);

	if (!is_authentic(t, in->msg))
		return L2TP_E_AUTH;
	return fx_push(&t->env->fx, &e, NULL, 0) ? 0 : L2TP_E_MEMORY;
}

static int
act_session(struct tunnel *t, const struct tun_input *in)
{
	return session_receive(t, in);
}

static int
act_close(struct tunnel *t, const struct tun_input *in)
{
	return close_with(t, in->why, in->now);
}

static int
act_no_socket(struct tunnel *t, const struct tun_input *in)
{
	t->opened = false;
	return close_with(t,
	    (struct msg_reason){
		STOPCCN_ERROR, ERROR_RESOURCES, t->cause_text, t->cause },
	    in->now);
}

/* 3.1 I9 of the vocabulary names the message that did not come. */
static int
act_no_scccn(struct tunnel *t, const struct tun_input *in)
{
	tunnel_log_life(t, "state timer expired for waiting SCCCN");
	return close_with(t,
	    (struct msg_reason){
		STOPCCN_CLEAR, 0, "no SCCCN came", CAUSE_L2TP_SILENT },
	    in->now);
}

static int
act_no_session(struct tunnel *t, const struct tun_input *in)
{
	if (!t->used)
		env_log(
		    t->env, LOG_INFO, "state timer expired for waiting ICRQ");
	return close_with(t,
	    (struct msg_reason){
		STOPCCN_CLEAR, 0, "no session", CAUSE_NO_CALL },
	    in->now);
}

/* No StopCCN when not even that would be acknowledged. */
static int
act_half_open_lost(struct tunnel *t, const struct tun_input *in)
{
	(void)in;
	tunnel_log_life(t, "state timer expired for waiting SCCCN");
	tunnel_log_life(
	    t, "TUNNEL[%u] disconnecting tunnel %u", t->slot, t->tid);
	return 0;
}

static int
act_lost(struct tunnel *t, const struct tun_input *in)
{
	(void)in;
	tunnel_log_life(
	    t, "TUNNEL[%u] disconnecting tunnel %u", t->slot, t->tid);
	return 0;
}

static int
act_silent(struct tunnel *t, const struct tun_input *in)
{
	const struct lns_config *c = &t->env->config;

	env_log(t->env, LOG_INFO, "keepalive timer expired tunnel %u", t->tid);
	/* Without TUNNEL[n], unlike elsewhere: so the documented sample. */
	env_log(t->env, LOG_INFO, "disconnecting tunnel %u", t->tid);
	/* It has been silent for long: no half minute more. */
	chan_limit(&t->chan, 2, CHAN_RTO_MS, in->now);
	return send_stopccn(t,
	    (struct msg_reason){ STOPCCN_ERROR, 0, t->cause_text, t->cause },
	    tunnel_trace(t) != LNS_NO_TRACE || c->keepalive_log
		? TRACE_SEND_KEEPALIVE
		: NULL,
	    in->now);
}

static int
act_unused(struct tunnel *t, const struct tun_input *in)
{
	env_log(t->env, LOG_INFO, "disconnect timer expired tunnel %u", t->tid);
	return close_with(t,
	    (struct msg_reason){ STOPCCN_CLEAR, 0, t->cause_text, t->cause },
	    in->now);
}

/* RFC 2661 7.2.1; an empty cell is a protocol error. */
static const struct tun_cell tun_fsm[TUN_STATE_N][TUN_EVENT_N] = {
	[TUN_IDLE] = {
		[TUN_RX_SCCRQ] = { act_accept, TUN_WAIT_CTL_CONN },
		[TUN_RX_STOPCCN] = { act_none, TUN_DEAD },
		[TUN_OPEN_FAILED] = { act_none, TUN_DEAD },
		[TUN_CLOSE] = { act_none, TUN_DEAD },
		[TUN_YIELD] = { act_none, TUN_DEAD },
		[TUN_TIMER] = { act_none, TUN_DEAD },
		[TUN_SILENT] = { act_none, TUN_DEAD },
		[TUN_UNUSED] = { act_none, TUN_DEAD },
		[TUN_CHAN_FAILED] = { act_none, TUN_DEAD },
		[TUN_CHAN_EMPTY] = { act_none, TUN_IDLE },
	},
	[TUN_WAIT_CTL_CONN] = {
		[TUN_RX_SCCCN] = { act_up, TUN_ESTABLISHED },
		[TUN_RX_STOPCCN] = { act_none, TUN_LINGER },
		[TUN_RX_HELLO] = { act_none, TUN_WAIT_CTL_CONN },
		[TUN_OPEN_FAILED] = { act_no_socket, TUN_CLOSING },
		[TUN_CLOSE] = { act_close, TUN_CLOSING },
		[TUN_YIELD] = { act_none, TUN_DEAD },
		[TUN_TIMER] = { act_no_scccn, TUN_CLOSING },
		[TUN_SILENT] = { act_none, TUN_WAIT_CTL_CONN },
		[TUN_UNUSED] = { act_none, TUN_WAIT_CTL_CONN },
		[TUN_CHAN_FAILED] = { act_half_open_lost, TUN_DEAD },
		[TUN_CHAN_EMPTY] = { act_none, TUN_WAIT_CTL_CONN },
	},
	[TUN_ESTABLISHED] = {
		[TUN_RX_STOPCCN] = { act_none, TUN_LINGER },
		[TUN_RX_HELLO] = { act_none, TUN_ESTABLISHED },
		[TUN_RX_SESSION] = { act_session, TUN_ESTABLISHED },
		[TUN_OPEN_FAILED] = { act_no_socket, TUN_CLOSING },
		[TUN_CLOSE] = { act_close, TUN_CLOSING },
		[TUN_YIELD] = { act_none, TUN_DEAD },
		[TUN_TIMER] = { act_no_session, TUN_CLOSING },
		[TUN_SILENT] = { act_silent, TUN_CLOSING },
		[TUN_UNUSED] = { act_unused, TUN_CLOSING },
		[TUN_CHAN_FAILED] = { act_lost, TUN_DEAD },
		[TUN_CHAN_EMPTY] = { act_none, TUN_ESTABLISHED },
	},
	/* The peer may not have seen our StopCCN: what it says is
	 * acknowledged, and that is all. */
	[TUN_CLOSING] = {
		[TUN_RX_SCCRQ] = { act_none, TUN_CLOSING },
		[TUN_RX_SCCRP] = { act_none, TUN_CLOSING },
		[TUN_RX_SCCCN] = { act_none, TUN_CLOSING },
		[TUN_RX_STOPCCN] = { act_none, TUN_LINGER },
		[TUN_RX_HELLO] = { act_none, TUN_CLOSING },
		[TUN_RX_SESSION] = { act_none, TUN_CLOSING },
		[TUN_RX_BAD] = { act_none, TUN_CLOSING },
		[TUN_OPEN_FAILED] = { act_none, TUN_CLOSING },
		[TUN_CLOSE] = { act_none, TUN_CLOSING },
		[TUN_YIELD] = { act_none, TUN_DEAD },
		[TUN_TIMER] = { act_none, TUN_CLOSING },
		[TUN_SILENT] = { act_none, TUN_CLOSING },
		[TUN_UNUSED] = { act_none, TUN_CLOSING },
		[TUN_CHAN_FAILED] = { act_none, TUN_DEAD },
		[TUN_CHAN_EMPTY] = { act_none, TUN_LINGER },
	},
	[TUN_LINGER] = {
		[TUN_RX_SCCRQ] = { act_none, TUN_LINGER },
		[TUN_RX_SCCRP] = { act_none, TUN_LINGER },
		[TUN_RX_SCCCN] = { act_none, TUN_LINGER },
		[TUN_RX_STOPCCN] = { act_none, TUN_LINGER },
		[TUN_RX_HELLO] = { act_none, TUN_LINGER },
		[TUN_RX_SESSION] = { act_none, TUN_LINGER },
		[TUN_RX_BAD] = { act_none, TUN_LINGER },
		[TUN_OPEN_FAILED] = { act_none, TUN_LINGER },
		[TUN_CLOSE] = { act_none, TUN_LINGER },
		[TUN_YIELD] = { act_none, TUN_DEAD },
		[TUN_TIMER] = { act_none, TUN_DEAD },
		[TUN_SILENT] = { act_none, TUN_LINGER },
		[TUN_UNUSED] = { act_none, TUN_LINGER },
		[TUN_CHAN_FAILED] = { act_none, TUN_DEAD },
		[TUN_CHAN_EMPTY] = { act_none, TUN_LINGER },
	},
	[TUN_DEAD] = {
		[TUN_RX_SCCRQ] = { act_none, TUN_DEAD },
		[TUN_RX_SCCRP] = { act_none, TUN_DEAD },
		[TUN_RX_SCCCN] = { act_none, TUN_DEAD },
		[TUN_RX_STOPCCN] = { act_none, TUN_DEAD },
		[TUN_RX_HELLO] = { act_none, TUN_DEAD },
		[TUN_RX_SESSION] = { act_none, TUN_DEAD },
		[TUN_RX_BAD] = { act_none, TUN_DEAD },
		[TUN_OPEN_FAILED] = { act_none, TUN_DEAD },
		[TUN_CLOSE] = { act_none, TUN_DEAD },
		[TUN_YIELD] = { act_none, TUN_DEAD },
		[TUN_TIMER] = { act_none, TUN_DEAD },
		[TUN_SILENT] = { act_none, TUN_DEAD },
		[TUN_UNUSED] = { act_none, TUN_DEAD },
		[TUN_CHAN_FAILED] = { act_none, TUN_DEAD },
		[TUN_CHAN_EMPTY] = { act_none, TUN_DEAD },
	},
};

bool
tunnel_cell_is_error(enum tun_state state, enum tun_event ev)
{
	return tun_fsm[state][ev].act == NULL;
}

/* All that belongs to the tunnel ends, in the order in which it must. */
static void
finish(struct tunnel *t, struct mono now)
{
	const struct ses_input in = { .now = now };
	struct lns_effect e = tunnel_effect(t, LNS_TUNNEL_CLOSE);
	size_t i;

	e.lost = t->lost;
	e.cause = t->cause;
	e.text = t->cause_text;
	for (i = 0; i < TUN_SESSIONS; i++)
		if (t->sessions[i] != NULL)
			session_step(t, t->sessions[i], SES_TUNNEL, &in);
	if (t->opened)
		fx_push_ending(&t->env->fx, &e);
	else
		fx_release(&t->env->fx, FX_TUNNEL_ENDINGS);
	t->opened = t->reserved = false;
	tunnel_log_life(
	    t, "TUNNEL[%u] disconnect tunnel %u complete", t->slot, t->tid);
	chan_fini(&t->chan);
	t->finished = true;
	t->env->stats.tunnels--;
}

/* The only assignment of a tunnel's state. */
static void
set_state(struct tunnel *t, enum tun_state next, struct mono now)
{
	const struct ses_input in = { .now = now };
	enum tun_state old = t->state;
	size_t i;

	if (next == old)
		return;
	t->state = next;
	t->due = MONO_NEVER;
	t->hello_due = t->idle_due = MONO_NEVER;
	t->env->stats.tunnels_established -= old == TUN_ESTABLISHED;
	t->env->stats.tunnels_established += next == TUN_ESTABLISHED;
	t->env->stats.lingering -= old == TUN_LINGER;
	t->env->stats.lingering += next == TUN_LINGER;
	switch (next) {
	case TUN_WAIT_CTL_CONN:
		t->due =
		    mono_add_ms(now, chan_cycle_ms(t->env->config.retries));
		break;
	case TUN_ESTABLISHED:
		t->due = mono_add_ms(now, TUN_IDLE_MS);
		t->was_up = true;
		t->up = now;
		if (env_may_log(t->env))
			tunnel_announce(t, 2);
		tunnel_heard(t, now);
		tunnel_used(t, now);
		break;
	case TUN_CLOSING:
		for (i = 0; i < TUN_SESSIONS; i++)
			if (t->sessions[i] != NULL)
				session_step(
				    t, t->sessions[i], SES_TUNNEL, &in);
		break;
	case TUN_LINGER:
	case TUN_DEAD:
		if (!t->finished)
			finish(t, now);
		if (next == TUN_LINGER)
			t->due = mono_add_ms(now, CHAN_CYCLE_MS);
		break;
	case TUN_IDLE:
	case TUN_STATE_N:
		break;
	}
}

/* What the peer is told about an error. */
static struct msg_reason
reason_of(const struct tunnel *t, const struct tun_input *in, int err,
    char text[MSG_TEXT_MAX])
{
	struct msg_reason why = { STOPCCN_ERROR, l2tp_err_code(err),
		l2tp_err_text(err), t->cause };

	if (err == L2TP_E_FSM)
		why.result = STOPCCN_FSM;
	else if (err == L2TP_E_AUTH)
		why.result = STOPCCN_UNAUTHORIZED;
	else if (in->msg != NULL)
		why.text = msg_err_text(in->msg, err, text);
	if (why.result != STOPCCN_ERROR)
		why.error = ERROR_NONE;
	return why;
}

/* What a failed action or an empty cell leads to. */
static enum tun_state
fail(struct tunnel *t, const struct tun_input *in, int err)
{
	char text[MSG_TEXT_MAX];

	/* A response that cannot be read is no response. */
	if (t->state == TUN_WAIT_CTL_CONN && t->challenged && in->msg != NULL &&
	    in->msg->type == L2TP_SCCCN)
		err = L2TP_E_AUTH;
	t->cause =
	    err == L2TP_E_AUTH ? CAUSE_TUNNEL_SECRET : CAUSE_L2TP_PROTOCOL;
	t->cause_text =
	    err == L2TP_E_AUTH ? "authentication error" : "protocol error";
	if (env_may_log(t->env)) {
		tunnel_announce(t, 1);
		if (err == L2TP_E_AUTH)
			env_log(t->env, LOG_INFO,
			    "authentication error tunnel %u", t->tid);
		else if (in->msg != NULL)
			env_log(t->env, LOG_DEBUG,
			    " error in %s for tunnel %u: %s",
			    l2tp_type_name(in->msg->type), t->tid,
			    l2tp_err_text(err));
	}
	if (t->state != TUN_WAIT_CTL_CONN && t->state != TUN_ESTABLISHED)
		return TUN_DEAD;
	return close_with(t, reason_of(t, in, err, text), in->now) == 0
		   ? TUN_CLOSING
		   : TUN_DEAD;
}

/* What an event that ends the tunnel is called in the end of its sessions. */
static const struct {
	enum cause cause;
	const char *text;
} causes[TUN_EVENT_N] = {
	[TUN_RX_STOPCCN] = { CAUSE_HUNG_UP, "the peer hung up" },
	[TUN_OPEN_FAILED] = { CAUSE_KEYS_LOST, "no socket for the tunnel" },
	[TUN_YIELD] = { CAUSE_REDIALLED, "the peer dialled again" },
	[TUN_SILENT] = { CAUSE_DEAD_PEER,
	    "the peer does not answer keepalive" },
	[TUN_UNUSED] = { CAUSE_IDLE, "the tunnel is not used" },
	[TUN_CHAN_FAILED] = { CAUSE_DEAD_PEER,
	    "the peer does not acknowledge" },
};

void
tunnel_step(struct tunnel *t, enum tun_event ev, const struct tun_input *in)
{
	const struct tun_cell *cell = &tun_fsm[t->state][ev];
	enum tun_state next = cell->next;
	int err;

	if (t->cause == CAUSE_NONE) {
		t->cause = causes[ev].cause;
		t->cause_text = causes[ev].text;
	}
	if (ev == TUN_SILENT || ev == TUN_CHAN_FAILED)
		t->lost = true;
	if (cell->act != NULL)
		err = cell->act(t, in);
	else
		err = ev == TUN_RX_BAD ? in->err : L2TP_E_FSM;
	if (err != 0)
		next = fail(t, in, err);
	tunnel_ack(t, in->now);
	set_state(t, next, in->now);
}

void
tunnel_settle(struct tunnel *t, struct mono now)
{
	const struct tun_input in = { .now = now };

	tunnel_flush(t, now);
	if (t->state == TUN_CLOSING && chan_is_empty(&t->chan))
		tunnel_step(t, TUN_CHAN_EMPTY, &in);
}

void
tunnel_close(struct tunnel *t, struct msg_reason why, struct mono now)
{
	const struct tun_input in = { .why = why, .now = now };

	if (t->cause == CAUSE_NONE) {
		t->cause = why.cause;
		t->cause_text = why.text;
	}
	tunnel_step(t, TUN_CLOSE, &in);
}

void
tunnel_shutdown(struct tunnel *t, struct mono now)
{
	/* Sent at 0, 1 and 2 s, given up after 3 s. */
	chan_limit(&t->chan, 2, CHAN_RTO_MS, now);
	tunnel_close(t,
	    (struct msg_reason){
		STOPCCN_SHUTDOWN, 0, "the server stops", CAUSE_SHUTDOWN },
	    now);
}

void
tunnel_idle_for(struct tunnel *t, int64_t ms, struct mono now)
{
	if (t->state == TUN_ESTABLISHED)
		t->due = mono_add_ms(now, ms);
}

void
tunnel_expire(struct tunnel *t, struct mono now)
{
	const struct tun_input in = { .now = now };
	size_t i;

	if (!chan_expire(&t->chan, now)) {
		/* What else waited has pressed the HELLO, too. */
		t->env->stats.hello_missed +=
		    t->state == TUN_ESTABLISHED && t->hello_waits;
		tunnel_step(t, TUN_CHAN_FAILED, &in);
	}
	for (i = 0; i < TUN_SESSIONS; i++)
		if (t->sessions[i] != NULL)
			session_expire(t, t->sessions[i], now);
	if (!mono_before(now, t->due)) {
		t->due = MONO_NEVER;
		tunnel_step(t, TUN_TIMER, &in);
	}
	tunnel_keepalive(t, now);
	if (!mono_before(now, t->idle_due))
		tunnel_step(t, TUN_UNUSED, &in);
	tunnel_ask(t, now);
	tunnel_settle(t, now);
}

struct mono
tunnel_deadline(const struct tunnel *t)
{
	struct mono when = chan_deadline(&t->chan);
	size_t i;

	when = mono_min(when, mono_min(t->due, t->hello_due));
	when = mono_min(when, mono_min(t->idle_due, tunnel_ask_due(t)));
	for (i = 0; i < TUN_SESSIONS; i++)
		if (t->sessions[i] != NULL)
			when = mono_min(when, t->sessions[i]->due);
	return when;
}
