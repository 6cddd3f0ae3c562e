/* SPDX-License-Identifier: ISC */

/*
 * The LNS side of an incoming call (RFC 2661 7.4.2).  Outgoing calls are
 * refused; what an outgoing call's messages do is nevertheless in the table.
 */

#include "session.h"

#include <stdlib.h>
#include <syslog.h>

#include "call.h"
#include "proto.h"

struct ses_cell {
	int (*act)(struct tunnel *, struct session *, const struct ses_input *);
	enum ses_state next;
};

static int
send_cdn(struct tunnel *t, const struct session *s, struct msg_reason why,
    struct mono now)
{
	const struct l2tp_hdr h = tunnel_hdr(t, s->peer_sid);
	struct hide_key key;
	uint8_t buf[MSG_MAX];
	struct wbuf w;

	wbuf_init(&w, buf, sizeof(buf));
	msg_put_cdn(&w, &h, tunnel_key(t, &key), s->sid, why);
	tunnel_tell_end(t, L2TP_CDN, &why);
	return tunnel_send(t, &w, L2TP_CDN, now);
}

static struct lns_effect
effect(
    const struct tunnel *t, const struct session *s, enum lns_effect_type type)
{
	struct lns_effect e = tunnel_effect(t, type);

	e.sid = s->sid;
	e.peer_sid = s->peer_sid;
	return e;
}

/* Ends the call from our side: the kernel's session first, then the CDN. */
static int
end_call(
    struct tunnel *t, struct session *s, struct msg_reason why, struct mono now)
{
	s->ended_here = true;
	session_halt(t, s, CAUSE_L2TP_PROTOCOL, "protocol error");
	return send_cdn(t, s, why, now);
}

/* It may hold a password. */
static void
drop_call(struct session *s)
{
	if (s->call == NULL)
		return;
	hide_wipe(s->call, sizeof(*s->call));
	free(s->call);
	s->call = NULL;
}

static int
act_none(struct tunnel *t, struct session *s, const struct ses_input *in)
{
	(void)t;
	(void)s;
	(void)in;
	return 0;
}

static int
act_open(struct tunnel *t, struct session *s, const struct ses_input *in)
{
	const struct lns_effect e = effect(t, s, LNS_SESSION_OPEN);

	s->call = calloc(1, sizeof(*s->call));
	if (s->call == NULL)
		return L2TP_E_MEMORY;
	call_begin(s->call, in->msg);
	if (!fx_push(&t->env->fx, &e, NULL, 0))
		return L2TP_E_MEMORY;
	s->opened = true;
	/* ICRP will carry the acknowledgement if the answer comes soon. */
	chan_delay_ack(&t->chan, mono_add_ms(in->now, TUN_ICRP_MS));
	return 0;
}

static int
act_refuse_outgoing(
    struct tunnel *t, struct session *s, const struct ses_input *in)
{
	return end_call(t, s,
	    (struct msg_reason){ CDN_NO_FACILITIES, 0, "no outgoing calls",
		CAUSE_L2TP_PROTOCOL },
	    in->now);
}

static int
act_send_icrp(struct tunnel *t, struct session *s, const struct ses_input *in)
{
	const struct l2tp_hdr h = tunnel_hdr(t, s->peer_sid);
	struct hide_key key;
	uint8_t buf[MSG_MAX];
	struct wbuf w;

	wbuf_init(&w, buf, sizeof(buf));
	msg_put_icrp(&w, &h, tunnel_key(t, &key), s->sid);
	/* If the peer's window holds it back, the acknowledgement of ICRQ
	 * goes alone. */
	chan_delay_ack(&t->chan, in->now);
	return tunnel_send(t, &w, L2TP_ICRP, in->now);
}

static int
act_refuse(struct tunnel *t, struct session *s, const struct ses_input *in)
{
	s->opened = false; /* it did not come to be */
	return end_call(t, s,
	    (struct msg_reason){ CDN_NO_RESOURCES, 0,
		"the kernel has refused the session", CAUSE_KERNEL },
	    in->now);
}

static int
act_start_ppp(struct tunnel *t, struct session *s, const struct ses_input *in)
{
	struct lns_effect e = effect(t, s, LNS_PPP_START);

	call_connect(s->call, in->msg);
	e.sequencing = s->call->sequencing;
	if (!fx_push(&t->env->fx, &e, s->call, sizeof(*s->call)))
		return L2TP_E_MEMORY;
	s->ppp = true;
	drop_call(s);
	return 0;
}

static int
act_end_ppp(struct tunnel *t, struct session *s, const struct ses_input *in)
{
	static const struct {
		uint16_t result;
		const char *text;
	} why[] = {
		[LNS_PPP_ADMIN] = { CDN_ADMIN, NULL },
		[LNS_PPP_PEER] = { CDN_CARRIER_LOST, "PPP terminated" },
		[LNS_PPP_AUTH] = { CDN_ADMIN, "PPP not authenticated" },
		[LNS_PPP_IDLE] = { CDN_ADMIN, "time limit" },
		[LNS_PPP_LOST] = { CDN_CARRIER_LOST, "PPP peer lost" },
		[LNS_PPP_FAILED] = { CDN_NO_RESOURCES, "PPP failed" },
	};
	const struct msg_reason r = { .result = why[in->end].result,
		.text = why[in->end].text };

	s->ppp = false;
	return end_call(t, s, r, in->now);
}

static int
act_timeout(struct tunnel *t, struct session *s, const struct ses_input *in)
{
	if (s->state == SES_WAIT_CONNECT && tunnel_may_log(t))
		env_log(
		    t->env, LOG_INFO, "state timer expired for waiting ICCN");
	return end_call(t, s,
	    (struct msg_reason){
		CDN_NO_RESOURCES, 0, "timed out", CAUSE_L2TP_SILENT },
	    in->now);
}

/* RFC 2661 7.4.2; an empty cell is a protocol error.  WEN and SLI are accepted
 * at any time and say nothing to us. */
static const struct ses_cell ses_fsm[SES_STATE_N][SES_EVENT_N] = {
	[SES_IDLE] = {
		[SES_RX_ICRQ] = { act_open, SES_OPENING },
		[SES_RX_OCRQ] = { act_refuse_outgoing, SES_LINGER },
		[SES_RX_CDN] = { act_none, SES_DEAD },
		[SES_RX_WEN] = { act_none, SES_IDLE },
		[SES_RX_SLI] = { act_none, SES_IDLE },
		[SES_OPENED] = { act_none, SES_IDLE },
		[SES_OPEN_FAILED] = { act_none, SES_IDLE },
		[SES_PPP_EXITED] = { act_none, SES_IDLE },
		[SES_TIMER] = { act_none, SES_DEAD },
		[SES_TUNNEL] = { act_none, SES_DEAD },
	},
	[SES_OPENING] = {
		[SES_RX_CDN] = { act_none, SES_LINGER },
		[SES_RX_WEN] = { act_none, SES_OPENING },
		[SES_RX_SLI] = { act_none, SES_OPENING },
		[SES_OPENED] = { act_send_icrp, SES_WAIT_CONNECT },
		[SES_OPEN_FAILED] = { act_refuse, SES_LINGER },
		[SES_PPP_EXITED] = { act_none, SES_OPENING },
		[SES_TIMER] = { act_timeout, SES_LINGER },
		[SES_TUNNEL] = { act_none, SES_DEAD },
	},
	[SES_WAIT_CONNECT] = {
		[SES_RX_ICCN] = { act_start_ppp, SES_ESTABLISHED },
		[SES_RX_CDN] = { act_none, SES_LINGER },
		[SES_RX_WEN] = { act_none, SES_WAIT_CONNECT },
		[SES_RX_SLI] = { act_none, SES_WAIT_CONNECT },
		[SES_OPENED] = { act_none, SES_WAIT_CONNECT },
		[SES_OPEN_FAILED] = { act_refuse, SES_LINGER },
		[SES_PPP_EXITED] = { act_end_ppp, SES_LINGER },
		[SES_TIMER] = { act_timeout, SES_LINGER },
		[SES_TUNNEL] = { act_none, SES_DEAD },
	},
	[SES_ESTABLISHED] = {
		[SES_RX_CDN] = { act_none, SES_LINGER },
		[SES_RX_WEN] = { act_none, SES_ESTABLISHED },
		[SES_RX_SLI] = { act_none, SES_ESTABLISHED },
		[SES_OPENED] = { act_none, SES_ESTABLISHED },
		[SES_OPEN_FAILED] = { act_refuse, SES_LINGER },
		[SES_PPP_EXITED] = { act_end_ppp, SES_LINGER },
		[SES_TIMER] = { act_none, SES_ESTABLISHED },
		[SES_TUNNEL] = { act_none, SES_DEAD },
	},
	[SES_LINGER] = {
		[SES_RX_ICRQ] = { act_none, SES_LINGER },
		[SES_RX_ICRP] = { act_none, SES_LINGER },
		[SES_RX_ICCN] = { act_none, SES_LINGER },
		[SES_RX_OCRQ] = { act_none, SES_LINGER },
		[SES_RX_OCRP] = { act_none, SES_LINGER },
		[SES_RX_OCCN] = { act_none, SES_LINGER },
		[SES_RX_CDN] = { act_none, SES_LINGER },
		[SES_RX_WEN] = { act_none, SES_LINGER },
		[SES_RX_SLI] = { act_none, SES_LINGER },
		[SES_RX_BAD] = { act_none, SES_LINGER },
		[SES_OPENED] = { act_none, SES_LINGER },
		[SES_OPEN_FAILED] = { act_none, SES_LINGER },
		[SES_PPP_EXITED] = { act_none, SES_LINGER },
		[SES_TIMER] = { act_none, SES_DEAD },
		[SES_TUNNEL] = { act_none, SES_DEAD },
	},
	[SES_DEAD] = {
		[SES_RX_ICRQ] = { act_none, SES_DEAD },
		[SES_RX_ICRP] = { act_none, SES_DEAD },
		[SES_RX_ICCN] = { act_none, SES_DEAD },
		[SES_RX_OCRQ] = { act_none, SES_DEAD },
		[SES_RX_OCRP] = { act_none, SES_DEAD },
		[SES_RX_OCCN] = { act_none, SES_DEAD },
		[SES_RX_CDN] = { act_none, SES_DEAD },
		[SES_RX_WEN] = { act_none, SES_DEAD },
		[SES_RX_SLI] = { act_none, SES_DEAD },
		[SES_RX_BAD] = { act_none, SES_DEAD },
		[SES_OPENED] = { act_none, SES_DEAD },
		[SES_OPEN_FAILED] = { act_none, SES_DEAD },
		[SES_PPP_EXITED] = { act_none, SES_DEAD },
		[SES_TIMER] = { act_none, SES_DEAD },
		[SES_TUNNEL] = { act_none, SES_DEAD },
	},
};

bool
session_cell_is_error(enum ses_state state, enum ses_event ev)
{
	return ses_fsm[state][ev].act == NULL;
}

static void
count(const struct tunnel *t, int by)
{
	t->env->stats.sessions += (uint32_t)by;
	t->env->peer_sessions[t->peer] += (uint32_t)by;
}

/* The last live session of a tunnel starts the clock of the tunnel. */
static void
check_last(struct tunnel *t, const struct session *s, struct mono now)
{
	size_t i;

	for (i = 0; i < TUN_SESSIONS; i++)
		if (t->sessions[i] != NULL &&
		    session_is_live(t->sessions[i]->state))
			return;
	tunnel_idle_for(t, s->ended_here ? TUN_GRACE_MS : TUN_IDLE_MS, now);
}

/* The only assignment of a session's state. */
static void
set_state(
    struct tunnel *t, struct session *s, enum ses_state next, struct mono now)
{
	enum ses_state old = s->state;

	if (next == old)
		return;
	s->state = next;
	s->due = MONO_NEVER;
	if (session_is_live(next)) {
		if (!session_is_live(old)) {
			count(t, 1);
			t->used = true;
			t->due = MONO_NEVER;
		}
		if (next == SES_ESTABLISHED) {
			t->served = true;
			s->up = now;
			tunnel_announce(t, 2);
			if (tunnel_may_log(t))
				tunnel_log(t, LOG_INFO,
				    "session %u established", s->sid);
			tunnel_used(t, now);
		} else
			s->due = mono_add_ms(now, SES_WAIT_MS);
		return;
	}
	if (t->cause != CAUSE_NONE)
		session_halt(t, s, t->cause, t->cause_text);
	else
		session_halt(t, s, CAUSE_HUNG_UP, "the peer hung up");
	fx_release(&t->env->fx, s->reserved);
	s->reserved = 0;
	drop_call(s);
	if (next == SES_LINGER)
		s->due = mono_add_ms(now, CHAN_CYCLE_MS);
	if (session_is_live(old)) {
		count(t, -1);
		if (tunnel_may_log(t))
			tunnel_log(t, LOG_INFO,
			    "disconnect session %u complete", s->sid);
		check_last(t, s, now);
	}
}

/* What a failed action or an empty cell leads to. */
static enum ses_state
fail(struct tunnel *t, struct session *s, const struct ses_input *in, int err)
{
	char text[MSG_TEXT_MAX];
	struct msg_reason why = { CDN_ERROR, l2tp_err_code(err),
		l2tp_err_text(err), CAUSE_L2TP_PROTOCOL };

	if (in->msg != NULL && err != L2TP_E_FSM)
		why.text = msg_err_text(in->msg, err, text);

	if (in->msg != NULL && env_may_log(t->env))
		env_log(t->env, LOG_DEBUG, " error in %s for session %u: %s",
		    l2tp_type_name(in->msg->type), s->sid, l2tp_err_text(err));
	if (s->state == SES_LINGER || s->state == SES_DEAD)
		return s->state;
	return end_call(t, s, why, in->now) == 0 ? SES_LINGER : SES_DEAD;
}

void
session_step(struct tunnel *t, struct session *s, enum ses_event ev,
    const struct ses_input *in)
{
	const struct ses_cell *cell = &ses_fsm[s->state][ev];
	enum ses_state next = cell->next;
	int err;

	if (cell->act != NULL)
		err = cell->act(t, s, in);
	else
		err = ev == SES_RX_BAD ? in->err : L2TP_E_FSM;
	if (err != 0)
		next = fail(t, s, in, err);
	tunnel_ack(t, in->now);
	set_state(t, s, next, in->now);
}

struct session *
session_find(const struct tunnel *t, uint16_t sid)
{
	size_t i;

	for (i = 0; i < TUN_SESSIONS; i++)
		if (t->sessions[i] != NULL && t->sessions[i]->sid == sid)
			return t->sessions[i];
	return NULL;
}

static struct session *
find_peer_sid(const struct tunnel *t, uint16_t peer_sid)
{
	struct session *s;
	size_t i;

	for (i = 0; i < TUN_SESSIONS; i++) {
		s = t->sessions[i];
		if (s != NULL && s->peer_sid == peer_sid &&
		    session_is_live(s->state))
			return s;
	}
	return NULL;
}

static uint16_t
new_sid(struct tunnel *t)
{
	uint16_t sid = (uint16_t)env_random(t->env);

	while (sid == 0 || session_find(t, sid) != NULL)
		sid++;
	return sid;
}

/* A free place; that of a session which only lingers if need be. */
static struct session **
find_place(struct tunnel *t)
{
	struct session **oldest = NULL;
	size_t i;

	for (i = 0; i < TUN_SESSIONS; i++) {
		if (t->sessions[i] == NULL)
			return &t->sessions[i];
		if (session_is_live(t->sessions[i]->state))
			continue;
		if (oldest == NULL ||
		    mono_before(t->sessions[i]->due, (*oldest)->due))
			oldest = &t->sessions[i];
	}
	if (oldest != NULL)
		session_free(t, *oldest);
	return oldest;
}

struct session *
session_new(struct tunnel *t, uint16_t peer_sid)
{
	struct session **place = find_place(t);
	struct session *s;
	uint16_t sid = new_sid(t);

	if (place == NULL)
		return NULL;
	s = calloc(1, sizeof(*s));
	if (s == NULL || !fx_reserve(&t->env->fx, FX_SESSION_ENDINGS)) {
		t->env->stats.out_of_memory++;
		free(s);
		return NULL;
	}
	s->state = SES_IDLE;
	s->sid = sid;
	s->peer_sid = peer_sid;
	s->reserved = FX_SESSION_ENDINGS;
	s->due = MONO_NEVER;
	*place = s;
	return s;
}

void
session_free(struct tunnel *t, struct session *s)
{
	size_t i;

	for (i = 0; i < TUN_SESSIONS; i++)
		if (t->sessions[i] == s)
			t->sessions[i] = NULL;
	fx_release(&t->env->fx, s->reserved);
	if (session_is_live(s->state))
		count(t, -1);
	drop_call(s);
	free(s);
}

void
session_halt(
    struct tunnel *t, struct session *s, enum cause cause, const char *text)
{
	struct lns_effect e;

	if (s->ppp) {
		e = effect(t, s, LNS_PPP_STOP);
		e.cause = cause;
		e.text = text;
		fx_push_ending(&t->env->fx, &e);
		s->reserved--;
	}
	if (s->opened) {
		e = effect(t, s, LNS_SESSION_CLOSE);
		fx_push_ending(&t->env->fx, &e);
		s->reserved--;
	}
	s->ppp = s->opened = false;
}

void
session_expire(struct tunnel *t, struct session *s, struct mono now)
{
	const struct ses_input in = { .now = now };

	if (mono_before(now, s->due))
		return;
	s->due = MONO_NEVER;
	session_step(t, s, SES_TIMER, &in);
}

/* Which session a message is for: a new call has no id of ours yet, nor may
 * a CDN that crosses our ICRP. */
static struct session *
session_of(struct tunnel *t, const struct tun_input *in)
{
	const struct l2tp_msg *m = in->msg;
	uint16_t peer_sid = (uint16_t)msg_num(m, AVP_ASSIGNED_SID, 0);
	struct session *s = NULL;

	if (in->hdr->sid != 0)
		return session_find(t, in->hdr->sid);
	if (m->type != L2TP_ICRQ && m->type != L2TP_OCRQ && m->type != L2TP_CDN)
		return NULL;
	if (peer_sid != 0)
		s = find_peer_sid(t, peer_sid);
	return s;
}

static bool
is_at_limit(const struct tunnel *t)
{
	uint32_t max = t->env->config.peers[t->peer].max_sessions;

	return max != 0 && t->env->peer_sessions[t->peer] >= max;
}

static int
refuse_new(struct tunnel *t, const struct session *nobody, enum cause cause,
    const char *text, struct mono now)
{
	t->env->stats.rx_refused++;
	if (tunnel_may_log(t) && env_may_log(t->env))
		env_log(t->env, LOG_DEBUG, "can't find valid pp interface");
	return send_cdn(t, nobody,
	    (struct msg_reason){ CDN_NO_RESOURCES, 0, text, cause }, now);
}

static int
receive_new(struct tunnel *t, const struct tun_input *in, struct session **s)
{
	uint16_t peer_sid = (uint16_t)msg_num(in->msg, AVP_ASSIGNED_SID, 0);
	const struct session nobody = { .sid = new_sid(t),
		.peer_sid = peer_sid };

	/* Without its id the peer cannot be told. */
	if (peer_sid == 0)
		return in->err != 0 ? in->err : L2TP_E_MISSING;
	if (!limit_take(
		&t->calls, TUN_CALL_EVERY_MS, TUN_CALL_BURST, in->now)) {
		t->env->stats.calls_limited++;
		return refuse_new(
		    t, &nobody, CAUSE_MAX_SESSIONS, "too many calls", in->now);
	}
	if (t->env->draining)
		return refuse_new(
		    t, &nobody, CAUSE_SHUTDOWN, "shutting down", in->now);
	*s = is_at_limit(t) ? NULL : session_new(t, peer_sid);
	if (*s != NULL)
		return 0;
	return refuse_new(
	    t, &nobody, CAUSE_MAX_SESSIONS, "too many sessions", in->now);
}

static enum ses_event
event_of(const struct tun_input *in)
{
	static const enum ses_event events[L2TP_TYPE_N] = {
		[L2TP_ICRQ] = SES_RX_ICRQ,
		[L2TP_ICRP] = SES_RX_ICRP,
		[L2TP_ICCN] = SES_RX_ICCN,
		[L2TP_OCRQ] = SES_RX_OCRQ,
		[L2TP_OCRP] = SES_RX_OCRP,
		[L2TP_OCCN] = SES_RX_OCCN,
		[L2TP_CDN] = SES_RX_CDN,
		[L2TP_WEN] = SES_RX_WEN,
		[L2TP_SLI] = SES_RX_SLI,
	};

	/* The end is the end, however it is worded. */
	if (in->err != 0 && in->msg->type != L2TP_CDN)
		return SES_RX_BAD;
	return events[in->msg->type];
}

const char *
session_state_name(const struct session *s)
{
	if (s != NULL && s->state == SES_WAIT_CONNECT)
		return "wait_connect";
	if (s != NULL && s->state == SES_ESTABLISHED)
		return "established";
	return "idle";
}

int
session_receive(struct tunnel *t, const struct tun_input *in)
{
	const struct ses_input sin = {
		.msg = in->msg, .err = in->err, .now = in->now
	};
	uint16_t type = in->msg->type;
	struct session *s = session_of(t, in);
	int err;

	tunnel_trace_recv(t, type, session_state_name(s));
	if (s == NULL && in->hdr->sid == 0 &&
	    (type == L2TP_ICRQ || type == L2TP_OCRQ)) {
		if ((err = receive_new(t, in, &s)) != 0)
			return err;
		if (s == NULL)
			return 0;
	}
	/* It may have ended long ago; there is nobody to complain to. */
	if (s == NULL) {
		t->env->stats.rx_unknown++;
		return 0;
	}
	session_step(t, s, event_of(in), &sin);
	return 0;
}
