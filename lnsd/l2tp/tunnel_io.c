/* SPDX-License-Identifier: ISC */

/*
 * The way of control messages out of a tunnel and into its machine: trace,
 * channel, effects.
 */

#include "tunnel.h"

#include <assert.h>
#include <stdlib.h>
#include <syslog.h>

#include "proto.h"
#include "trace.h"

const char *
tunnel_peer_text(const struct tunnel *t, char buf[LNS_ADDR_TEXT])
{
	return lns_addr_text(&t->path.peer, buf);
}

int
tunnel_trace(const struct tunnel *t)
{
	return env_trace(t->env, &t->path.peer);
}

void
tunnel_trace_recv(const struct tunnel *t, uint16_t type, const char *state)
{
	int level = tunnel_trace(t);
	char ip[LNS_ADDR_TEXT];

	if (level != LNS_NO_TRACE)
		env_log(t->env, level, " recv %s in %s from %s",
		    l2tp_type_name(type), state, tunnel_peer_text(t, ip));
}

struct l2tp_hdr
tunnel_hdr(const struct tunnel *t, uint16_t peer_sid)
{
	return (struct l2tp_hdr){ .tid = t->peer_tid, .sid = peer_sid };
}

const struct hide_key *
tunnel_key(const struct tunnel *t, struct hide_key *room)
{
	const struct lns_peer *p = &t->env->config.peers[t->peer];

	if (!p->hide || p->secret[0] == '\0')
		return NULL;
	room->secret = p->secret;
	t->env->random(t->env->random_arg, room->vector, sizeof(room->vector));
	return room;
}

static void
tell(struct tunnel *t, uint16_t type, bool sent, bool again, const char *text)
{
	struct lns_effect e = tunnel_effect(t, LNS_MESSAGE);

	e.message = type;
	e.sent = sent;
	e.again = again;
	env_tell(t->env, &e, text);
}

void
tunnel_tell_end(struct tunnel *t, uint16_t type, const struct msg_reason *why)
{
	struct lns_effect e = tunnel_effect(t, LNS_MESSAGE);

	e.message = type;
	e.sent = true;
	e.cause = why->cause;
	env_tell(t->env, &e, why->text);
}

/* What is received: the text that matters in it, if any. */
static void
tell_received(struct tunnel *t, const struct l2tp_msg *m)
{
	char text[MSG_TEXT_MAX];

	/* One that could not be read may have no type. */
	if (m->type == L2TP_HELLO || m->type == 0)
		return;
	tell(t, m->type, false, false, msg_told(m, text, sizeof(text)));
}

/* The reason of an ending was told when it was made. */
static void
tell_sent(struct tunnel *t, const struct chan_msg *m, bool again)
{
	const uint8_t *type = m->data + L2TP_CTL_HDR_LEN + AVP_HDR_LEN;
	uint16_t n;

	if (m->len < L2TP_CTL_HDR_LEN + AVP_HDR_LEN + 2)
		return;
	n = (uint16_t)(type[0] << 8 | type[1]);
	if (!again && (n == L2TP_STOPCCN || n == L2TP_CDN || n == L2TP_HELLO))
		return;
	tell(t, n, true, again, NULL);
}

/* Sends whatever the window allows. */
static void
pump(struct tunnel *t, struct mono now)
{
	const struct lns_effect e = tunnel_effect(t, LNS_SEND);
	const struct chan_msg *m;
	bool again;

	while ((m = chan_transmit(&t->chan, now, &again)) != NULL) {
		if (again)
			t->env->stats.tx_retransmit++;
		tell_sent(t, m, again);
		env_push(t->env, &e, m->data, m->len);
	}
}

static int
queue_message(
    struct tunnel *t, const struct wbuf *w, bool patient, struct mono now)
{
	int err;

	assert(wbuf_ok(w));
	err = chan_queue(&t->chan, w->p, w->len, patient);
	if (err != 0) {
		t->env->stats.out_of_memory++;
		return err;
	}
	pump(t, now);
	return 0;
}

static void
trace_send(const struct tunnel *t, const char *header, const struct wbuf *w,
    uint16_t type)
{
	int level = tunnel_trace(t);
	char ip[LNS_ADDR_TEXT];

	/* What keepalive-log alone shows. */
	if (level == LNS_NO_TRACE)
		level = LOG_DEBUG;
	trace_message(t->env, level, header,
	    rbuf_of(w->p + L2TP_CTL_HDR_LEN, w->len - L2TP_CTL_HDR_LEN), true);
	env_log(t->env, level, " send %s to %s", l2tp_type_name(type),
	    tunnel_peer_text(t, ip));
}

int
tunnel_send_as(struct tunnel *t, const char *header, const struct wbuf *w,
    uint16_t type, struct mono now)
{
	if (header != NULL)
		trace_send(t, header, w, type);
	return queue_message(t, w, false, now);
}

int
tunnel_send(
    struct tunnel *t, const struct wbuf *w, uint16_t type, struct mono now)
{
	return tunnel_send_as(t,
	    tunnel_trace(t) != LNS_NO_TRACE ? TRACE_SEND : NULL, w, type, now);
}

void
tunnel_flush(struct tunnel *t, struct mono now)
{
	pump(t, now);
	tunnel_ack(t, now);
}

void
tunnel_ack(struct tunnel *t, struct mono now)
{
	const struct lns_effect e = tunnel_effect(t, LNS_SEND);
	struct l2tp_hdr h = tunnel_hdr(t, 0);
	int level = tunnel_trace(t);
	uint8_t buf[L2TP_CTL_HDR_LEN];
	char ip[LNS_ADDR_TEXT];
	struct wbuf w;

	if (!chan_owes_ack(&t->chan, now))
		return;
	h.ns = t->chan.max;
	h.nr = t->chan.nr;
	wbuf_init(&w, buf, sizeof(buf));
	hdr_put(&w, &h);
	env_push(t->env, &e, w.p, w.len);
	chan_ack_sent(&t->chan);
	if (level != LNS_NO_TRACE)
		env_log(
		    t->env, level, " send ZLB to %s", tunnel_peer_text(t, ip));
}

/* One HELLO at a time is in the channel; while it is not acknowledged the same
 * is sent again.  Any other message that waits tests the peer as well. */
void
tunnel_send_hello(struct tunnel *t, struct mono now)
{
	const struct lns_config *c = &t->env->config;
	const struct l2tp_hdr h = tunnel_hdr(t, 0);
	uint8_t buf[MSG_MAX];
	char ip[LNS_ADDR_TEXT];
	struct wbuf w;

	if (!chan_is_empty(&t->chan) && !chan_is_patient(&t->chan))
		return;
	if (c->keepalive_log) {
		env_log(t->env, LOG_DEBUG, " set (0)message type HELLO");
		env_log(t->env, LOG_DEBUG, " keepalive HELLO send to %s",
		    tunnel_peer_text(t, ip));
	}
	t->hello_waits = true;
	t->env->stats.hello_sent++;
	if (!chan_is_empty(&t->chan)) {
		chan_resend(&t->chan);
		pump(t, now);
		return;
	}
	wbuf_init(&w, buf, sizeof(buf));
	msg_put_hello(&w, &h);
	if (tunnel_trace(t) != LNS_NO_TRACE && !c->keepalive_log)
		trace_send(t, TRACE_SEND, &w, L2TP_HELLO);
	/* Without memory: the next one. */
	if (queue_message(t, &w, true, now) != 0)
		return;
}

const char *
tunnel_state_name(enum tun_state state)
{
	if (state == TUN_WAIT_CTL_CONN)
		return "wait_ctl_conn";
	return state == TUN_ESTABLISHED ? "established" : "idle";
}

static enum tun_event
event_of(const struct l2tp_msg *m, int err)
{
	static const enum tun_event events[L2TP_TYPE_N] = {
		[L2TP_SCCRQ] = TUN_RX_SCCRQ,
		[L2TP_SCCRP] = TUN_RX_SCCRP,
		[L2TP_SCCCN] = TUN_RX_SCCCN,
		[L2TP_HELLO] = TUN_RX_HELLO,
	};

	/* The end is the end, however it is worded. */
	if (m->type == L2TP_STOPCCN)
		return TUN_RX_STOPCCN;
	if (msg_is_session(m->type))
		return TUN_RX_SESSION;
	return err != 0 ? TUN_RX_BAD : events[m->type];
}

/* A message whose turn it is. */
static void
deliver(struct tunnel *t, const struct l2tp_hdr *h, struct rbuf body,
    struct mono now)
{
	struct l2tp_msg m;
	struct tun_input in = { .msg = &m, .hdr = h, .now = now };
	int level = tunnel_trace(t);
	enum tun_event ev;

	if (level != LNS_NO_TRACE)
		trace_message(t->env, level, TRACE_RECV, body, false);
	in.err = msg_decode_hidden(body, env_key(t->env, t->peer), &m);
	if (in.err == L2TP_E_TYPE_OPTIONAL)
		return;
	tell_received(t, &m);
	ev = event_of(&m, in.err);
	/* Those of sessions are shown with the state of the session. */
	if (ev != TUN_RX_SESSION || t->state != TUN_ESTABLISHED)
		tunnel_trace_recv(t, m.type, tunnel_state_name(t->state));
	tunnel_step(t, ev, &in);
}

static void
deliver_early(struct tunnel *t, struct mono now)
{
	struct chan_msg *m;
	struct l2tp_hdr h;
	struct rbuf body;

	while ((m = chan_take(&t->chan)) != NULL) {
		if (hdr_decode(m->data, m->len, &h, &body) == 0 &&
		    chan_receive(&t->chan, h.ns, now) == CHAN_RX_NEXT)
			deliver(t, &h, body, now);
		free(m);
	}
}

/*
 * A phone says CDN and StopCCN once each, and is gone.  With the first lost,
 * nobody would ever fill the gap before the second; and whatever it was, it
 * cannot matter any more.
 */
static bool
is_last_word(const struct tunnel *t, struct rbuf body)
{
	struct l2tp_msg m;

	return msg_decode_hidden(body, env_key(t->env, t->peer), &m) == 0 &&
	       m.type == L2TP_STOPCCN;
}

static void
receive_message(struct tunnel *t, const struct l2tp_hdr *h, struct rbuf data,
    struct rbuf body, struct mono now)
{
	switch (chan_receive(&t->chan, h->ns, now)) {
	case CHAN_RX_NEXT:
		deliver(t, h, body, now);
		deliver_early(t, now);
		break;
	case CHAN_RX_DUPLICATE:
		t->env->stats.rx_duplicate++;
		break;
	case CHAN_RX_EARLY:
		if (is_last_word(t, body)) {
			chan_skip(&t->chan, h->ns);
			receive_message(t, h, data, body, now);
		} else if (!t->finished)
			chan_keep(&t->chan, h->ns, data.p, rbuf_left(&data));
		break;
	case CHAN_RX_BEYOND:
		t->env->stats.rx_unknown++;
		break;
	}
}

void
tunnel_receive(struct tunnel *t, const struct l2tp_hdr *h, struct rbuf data,
    struct rbuf body, struct mono now)
{
	bool zlb = rbuf_left(&body) == 0;
	char ip[LNS_ADDR_TEXT];

	if (zlb && t->hello_waits && t->env->config.keepalive_log)
		env_log(t->env, LOG_DEBUG, " recv ZLB from %s",
		    tunnel_peer_text(t, ip));
	tunnel_heard(t, now);
	chan_acknowledged(&t->chan, h->nr, now);
	/* A ZLB has no place in the sequence and is never acknowledged. */
	if (!zlb)
		receive_message(t, h, data, body, now);
	tunnel_settle(t, now);
}
