/* SPDX-License-Identifier: ISC */
/* Whether a new client gets a tunnel; contract in request.h. */

#include "request.h"

#include <syslog.h>

#include "engine.h"
#include "proto.h"
#include "trace.h"

/* There is no tunnel that could tell. */
static void
tell_refused(struct lns *e, const struct request *r, struct msg_reason why)
{
	struct lns_effect fx = { .type = LNS_MESSAGE,
		.peer_tid = r->peer_tid,
		.message = L2TP_SCCRQ,
		.path = *r->path };
	char text[MSG_TEXT_MAX];

	env_tell(&e->env, &fx, msg_told(&r->msg, text, sizeof(text)));
	fx.message = L2TP_STOPCCN;
	fx.sent = true;
	fx.cause = why.cause;
	env_tell(&e->env, &fx, why.text);
}

/* Refuses a SCCRQ without keeping anything of it. */
static void
refuse(struct lns *e, const struct request *r, struct msg_reason why, bool logs)
{
	const struct lns_effect fx = {
		.type = LNS_SEND, .peer_tid = r->peer_tid, .path = *r->path
	};
	const struct l2tp_hdr h = {
		.tid = r->peer_tid, .ns = 0, .nr = (uint16_t)(r->hdr.ns + 1)
	};
	uint16_t tid = (uint16_t)(env_random(&e->env) % ID_N + 1);
	int level = env_trace(&e->env, &r->path->peer);
	char ip[LNS_ADDR_TEXT];
	uint8_t buf[MSG_MAX];
	struct wbuf w;

	/* 4.4.3 wants an id of ours; it will never be used. */
	wbuf_init(&w, buf, sizeof(buf));
	msg_put_stopccn(&w, &h, NULL, tid, why);
	tell_refused(e, r, why);
	env_push(&e->env, &fx, w.p, w.len);
	e->env.stats.rx_refused++;
	if (level == LNS_NO_TRACE || !logs)
		return;
	trace_message(&e->env, level, TRACE_SEND,
	    rbuf_of(w.p + L2TP_CTL_HDR_LEN, w.len - L2TP_CTL_HDR_LEN), true);
	env_log(&e->env, level, " send StopCCN to %s",
	    lns_addr_text(&r->path->peer, ip));
}

static void
trace_refused(struct lns *e, const struct request *r)
{
	int level = env_trace(&e->env, &r->path->peer);
	char ip[LNS_ADDR_TEXT];

	if (level == LNS_NO_TRACE)
		return;
	trace_message(&e->env, level, TRACE_RECV, r->body, false);
	env_log(&e->env, level, " recv SCCRQ in idle from %s",
	    lns_addr_text(&r->path->peer, ip));
}

static void
refuse_no_tunnel(struct lns *e, const struct request *r, struct msg_reason why)
{
	bool logs = env_may_log(&e->env);

	if (logs) {
		trace_refused(e, r);
		env_log(&e->env, LOG_DEBUG, "can't find tunnel number");
	}
	refuse(e, r, why, logs);
}

static struct tunnel *
new_tunnel(struct lns *e, const struct request *r)
{
	struct tunnel *t;

	if (timerq_reserve(&e->timers, e->n_tunnels + 1) != 0)
		goto fail;
	t = tunnel_new(&e->env);
	if (t == NULL)
		goto fail;
	if (!engine_take_numbers(e, t, r->now)) {
		e->env.stats.tunnels--;
		tunnel_free(t);
		return NULL;
	}
	t->peer_tid = r->peer_tid;
	t->peer = r->peer;
	t->path = *r->path;
	t->born = r->now;
	engine_add(e, t);
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
	const struct lns_peer *p;
	struct tunnel *t;

	if (r->peer == NO_PEER) {
		refuse_no_tunnel(e, r,
		    (struct msg_reason){ STOPCCN_UNAUTHORIZED, 0,
			"unknown peer", CAUSE_L2TP_PEER });
		return;
	}
	if (e->env.draining) {
		refuse_no_tunnel(e, r,
		    (struct msg_reason){
			STOPCCN_SHUTDOWN, 0, "shutting down", CAUSE_SHUTDOWN });
		return;
	}
	p = &e->peers[r->peer];
	if (p->challenge && p->secret[0] == '\0') {
		refuse_no_tunnel(e, r,
		    (struct msg_reason){ STOPCCN_UNAUTHORIZED, 0, "no secret",
			CAUSE_TUNNEL_SECRET });
		return;
	}
	/* The peer has dialled again: the dead tunnel yields, before the new
	 * one opens a socket between the same two ends. */
	if (old != NULL)
		engine_yield(e, old, r->now);
	t = NULL;
	if (engine_make_room(e, r->path, r->peer, r->now))
		t = new_tunnel(e, r);
	if (t == NULL) {
		refuse_no_tunnel(e, r,
		    (struct msg_reason){ STOPCCN_ERROR, ERROR_RESOURCES,
			"too many tunnels", CAUSE_MAX_TUNNELS });
		return;
	}
	tunnel_receive(t, &r->hdr, r->data, r->body, r->now);
	engine_settle(e, t);
}

/* One that is malformed, or (err 0) of a version that we do not speak. */
static void
refuse_bad(struct lns *e, const struct request *r, int err)
{
	char text[MSG_TEXT_MAX];
	struct msg_reason why = { STOPCCN_ERROR, l2tp_err_code(err),
		msg_err_text(&r->msg, err, text), CAUSE_L2TP_PROTOCOL };
	char ip[LNS_ADDR_TEXT];
	bool logs;

	if (err == 0)
		why =
		    (struct msg_reason){ STOPCCN_VERSION, L2TP_PROTOCOL_VERSION,
			    "unknown protocol version", CAUSE_L2TP_PROTOCOL };
	logs = env_may_log(&e->env);
	if (logs) {
		trace_refused(e, r);
		env_log(&e->env, LOG_DEBUG, " error in SCCRQ from %s: %s",
		    lns_addr_text(&r->path->peer, ip),
		    err == 0 ? why.text : l2tp_err_text(err));
	}
	refuse(e, r, why, logs);
}

void
engine_request(struct lns *e, struct request *r, int err)
{
	struct tunnel *t = engine_find(e, r->path);
	uint32_t version =
	    msg_num(&r->msg, AVP_PROTOCOL_VERSION, L2TP_PROTOCOL_VERSION);

	if (t != NULL && is_retransmission(t, r)) {
		tunnel_receive(t, &r->hdr, r->data, r->body, r->now);
		engine_settle(e, t);
		return;
	}
	/* 5.8: a control connection begins with Ns 0. */
	if (e->stopping || r->hdr.ns != 0 || r->peer_tid == 0) {
		e->env.stats.rx_unknown++;
		return;
	}
	if (!limit_take(engine_host_limit(e, r->path), HOST_EVERY_MS,
		HOST_BURST, r->now)) {
		e->env.stats.rx_limited++;
		return;
	}
	if (err == 0 && version >> 8 == L2TP_PROTOCOL_VERSION >> 8) {
		accept_request(e, r, t);
		return;
	}
	refuse_bad(e, r, err);
}
