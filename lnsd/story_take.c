/* SPDX-License-Identifier: ISC */
/* From what happens to stories; contract in story_take.h. */

#include "story_take.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "l2tp/proto.h"

/* A first message that is refused is sent again by the client: the same
 * attempt. */
#define RETRY_MS 30000

/* --- IKE --- */

static bool
parse_addr(const char *text, struct lns_addr *a)
{
	*a = (struct lns_addr){ .family = strchr(text, ':') != NULL ? 6 : 4 };
	return inet_pton(a->family == 6 ? AF_INET6 : AF_INET, text, a->ip) == 1;
}

/* Says nothing of where it really comes from. */
static bool
is_first_message(enum ike_event e)
{
	return e == IKE_CALLING || e == IKE_OFFER || e == IKE_NO_PROPOSAL ||
	       e == IKE_NO_PSK || e == IKE_NO_PEER || e == IKE_AGGRESSIVE ||
	       e == IKE_VERSION2;
}

/* It has gone on from our first answer.  That we wait for it, or do no more,
 * says so only in a later state. */
static bool
has_answered(const struct ike_told *t)
{
	if (t->event == IKE_WAITING || t->event == IKE_ENDED)
		return strcmp(t->detail, "MAIN_R0") != 0 &&
		       strcmp(t->detail, "MAIN_R1") != 0;
	return t->event != IKE_FORGOTTEN && !is_first_message(t->event);
}

static bool
same_conn(const struct story *s, const struct ike_told *t)
{
	return s->conn[0] != '\0' && s->instance == t->instance &&
	       strncmp(s->conn, t->conn, sizeof(s->conn) - 1) == 0;
}

/* By its phase 1, else of the instance: what is under way, else the newest. */
static struct story *
find_ike(struct stories *st, const struct ike_told *t)
{
	struct story *s, *newest = NULL;

	if (t->conn[0] == '\0')
		return NULL;
	TAILQ_FOREACH (s, stories_list(st), entry)
		if (t->state != 0 && s->state == t->state && s->conn[0] != '\0')
			return s;
	TAILQ_FOREACH (s, stories_list(st), entry) {
		if (!same_conn(s, t))
			continue;
		if (s->result == STORY_CONNECTING && !s->borrowed &&
		    story_stage(s) <= STORY_ESP)
			return s;
		if (newest == NULL)
			newest = s;
	}
	return newest;
}

/* What was refused at its first message, by the same address, and a moment
 * ago. */
static struct story *
find_refused(struct stories *st, const struct lns_addr *peer, struct mono now)
{
	struct story *s;

	TAILQ_FOREACH (s, stories_list(st), entry)
		if (s->stranger && s->result == STORY_FAILED &&
		    lns_same_ip(&s->peer, peer) &&
		    mono_diff_ms(now, s->last) < RETRY_MS)
			return s;
	return NULL;
}

static void
set_conn(struct story *s, const struct ike_told *t)
{
	snprintf(s->conn, sizeof(s->conn), "%s", t->conn);
	s->instance = t->instance;
}

static enum cause
cause_of_ike(const struct ike_told *t)
{
	static const enum cause causes[] = {
		[IKE_NO_PROPOSAL] = CAUSE_IKE_PROPOSAL,
		[IKE_NO_ESP] = CAUSE_ESP_PROPOSAL,
		[IKE_BAD_PSK] = CAUSE_PSK,
		[IKE_NO_PSK] = CAUSE_NO_PSK,
		[IKE_NO_PEER] = CAUSE_NO_PEER,
		[IKE_BAD_ID] = CAUSE_IDENTITY,
		[IKE_BAD_CERT] = CAUSE_CERTIFICATE,
		[IKE_BAD_SELECTOR] = CAUSE_SELECTOR,
		[IKE_NO_NATT] = CAUSE_NO_NATT,
		[IKE_AGGRESSIVE] = CAUSE_AGGRESSIVE,
		[IKE_VERSION2] = CAUSE_IKEV2,
		[IKE_CLOSED_PHASE1] = CAUSE_IKE_CLOSED,
	};

	if (t->event == IKE_WAITING || t->event == IKE_ENDED) {
		if (strcmp(t->detail, "MAIN_R1") == 0)
			return CAUSE_IKE_SILENT;
		return t->large ? CAUSE_LARGE_IKE : CAUSE_PORT_4500;
	}
	return (size_t)t->event < nitems(causes) ? causes[t->event]
						 : CAUSE_NONE;
}

static struct story *
story_of_ike(
    struct stories *st, const struct ike_told *t, struct story_time now)
{
	struct story *s = NULL;
	struct lns_addr peer;

	if (t->event != IKE_CALLING)
		s = find_ike(st, t);
	if (s != NULL || !parse_addr(t->peer, &peer))
		return s;
	/* Of something that began before we listened. */
	if (t->event != IKE_CALLING && !t->failed)
		return NULL;
	peer.port = t->port;
	s = find_refused(st, &peer, now.mono);
	/* For another reason now: somebody has changed something. */
	if (s != NULL && t->failed && cause_of_ike(t) != s->cause)
		story_reopen(s);
	if (s == NULL)
		s = story_begin(st, &peer, is_first_message(t->event), now);
	if (s == NULL)
		return NULL;
	set_conn(s, t);
	s->state = t->state;
	return s;
}

static void
note_fields(struct stories *st, struct story *s, const struct ike_told *t)
{
	struct story *o;

	if (t->id[0] != '\0')
		story_text(s->id, sizeof(s->id), t->id);
	if (t->event == IKE_SWITCHED)
		set_conn(s, t);
	if (t->event == IKE_PHASE1)
		s->authentic = true;
	if (has_answered(t)) {
		/* It was refused before, and has something else now. */
		if (s->stranger && s->result == STORY_FAILED)
			story_reopen(s);
		story_prove(st, s);
	}
	if (t->event != IKE_SA)
		return;
	s->authentic = true;
	s->in_udp = strncmp(t->detail, "ESP in UDP", 10) == 0;
	if (t->port != 0)
		s->peer.port = t->port;
	if (t->client == 0)
		return;
	s->client = t->client;
	/* Its L2TP may have been quicker than pluto's log. */
	TAILQ_FOREACH (o, stories_list(st), entry)
		if (o != s && o->client == s->client &&
		    (o->conn[0] == '\0' || o->borrowed) &&
		    mono_is_never(s->reached[STORY_L2TP]) &&
		    !mono_before(o->begun, s->begun)) {
			story_merge(st, s, o);
			return;
		}
}

/* What is shown of it, beside what the log says. */
static const char *
text_of_ike(const struct ike_told *t, char *buf, size_t size)
{
	if (t->event == IKE_CALLING)
		return "main mode: first message";
	if (t->event == IKE_ID)
		snprintf(buf, size, "identity '%s'", t->id);
	else if (t->event == IKE_OFFER)
		snprintf(buf, size, "offers %s: not accepted", t->detail);
	else
		return t->text; /* the log has words for it, or none */
	return buf;
}

void
story_take_ike(
    struct stories *st, const struct ike_told *t, struct story_time now)
{
	struct story_event e = { .stage = STORY_IKE };
	enum cause cause = cause_of_ike(t);
	struct story *s = st == NULL ? NULL : story_of_ike(st, t, now);
	char buf[STORY_TEXT * 2];
	const char *text;
	bool was_open;

	if (s == NULL)
		return;
	note_fields(st, s, t);
	was_open = s->result == STORY_CONNECTING;
	if (t->event == IKE_CALLING || t->event == IKE_ID ||
	    t->event == IKE_OFFER || t->event == IKE_SA ||
	    t->event == IKE_CLOSED_SA || t->event == IKE_CLOSED_PHASE1)
		e.dir = STORY_IN;
	else if (t->event == IKE_PHASE1)
		e.dir = STORY_OUT;
	if (t->event == IKE_SA)
		e.stage = STORY_ESP;
	text = text_of_ike(t, buf, sizeof(buf));
	if (text[0] == '\0')
		return;
	if (t->event == IKE_PHASE1 || t->event == IKE_SA) {
		s->cause =
		    s->result == STORY_CONNECTING ? CAUSE_NONE : s->cause;
		if (s->result == STORY_FAILED && story_stage(s) <= STORY_ESP)
			story_reopen(s);
	}
	if (t->event == IKE_SA || t->event == IKE_CLOSED_SA)
		s->closed = t->event == IKE_CLOSED_SA;
	e.cause = (uint8_t)(t->failed || t->event == IKE_WAITING ? cause : 0);
	story_add(st, s, now.mono, &e, text);
	if (t->event == IKE_WAITING && s->result == STORY_CONNECTING)
		s->cause = cause; /* what it is if nothing comes */
	else if ((t->failed || t->event == IKE_CLOSED_PHASE1) && was_open &&
		 cause != CAUSE_NONE)
		story_finish(st, s, STORY_FAILED, cause,
		    strncmp(t->text, "failed: ", 8) == 0 ? t->text + 8
							 : t->text,
		    now.mono);
}

/* --- L2TP --- */

/* Whose SCCRQ has just been refused, so that there is no tunnel. */
static struct story *
refused(struct stories *st, const struct lns_effect *e)
{
	struct story *s;

	TAILQ_FOREACH (s, stories_list(st), entry)
		if (s->tid == 0 && s->result == STORY_CONNECTING &&
		    s->client == e->path.client &&
		    lns_same_ip(&s->peer, &e->path.peer))
			return s;
	return NULL;
}

/* Without an IKE of its own; if there is an SA already, what pluto tells of it
 * from now on is of this story. */
static struct story *
begin_l2tp(
    struct stories *st, const struct lns_effect *e, struct story_time now)
{
	const struct story_event note = { .stage = STORY_L2TP };
	struct story *s, *old, was = { 0 };
	char text[STORY_TEXT];

	TAILQ_FOREACH (old, stories_list(st), entry)
		if (e->path.client != 0 && old->client == e->path.client &&
		    old->conn[0] != '\0')
			break;
	/* The new one may make it go. */
	if (old != NULL)
		was = *old;
	s = story_begin(st, &e->path.peer, e->path.client == 0, now);
	if (s == NULL || old == NULL)
		return s;
	memcpy(s->conn, was.conn, sizeof(s->conn));
	memcpy(s->id, was.id, sizeof(s->id));
	s->instance = was.instance;
	s->state = was.state;
	s->in_udp = was.in_udp;
	s->authentic = was.authentic;
	s->borrowed = true;
	snprintf(text, sizeof(text), "over the IPsec SA of #%llu",
	    (unsigned long long)was.n);
	story_add(st, s, now.mono, &note, text);
	return s;
}

static struct story *
story_of_path(
    struct stories *st, const struct lns_effect *e, struct story_time now)
{
	struct story *s = story_by_tid(st, e->tid);
	bool begins = e->message == L2TP_SCCRQ;

	if (s == NULL && e->tid == 0 && e->message == L2TP_STOPCCN && e->sent)
		return refused(st, e);
	if (s != NULL || !begins)
		return s;
	/* The newest of this client that has no L2TP yet. */
	TAILQ_FOREACH (s, stories_list(st), entry)
		if (e->path.client != 0 && s->client == e->path.client &&
		    s->tid == 0 && mono_is_never(s->reached[STORY_PPP]))
			break;
	if (s != NULL && s->result != STORY_CONNECTING)
		story_reopen(s);
	if (s == NULL)
		s = begin_l2tp(st, e, now);
	if (s == NULL)
		return NULL;
	s->client = e->path.client;
	if (s->conn[0] == '\0' || s->borrowed || s->peer.port == 0)
		s->peer.port = e->path.peer.port;
	story_set_tid(st, s, e->tid);
	return s;
}

static void
take_message(
    struct stories *st, const struct lns_effect *m, struct story_time now)
{
	struct story_event e = { .stage = STORY_L2TP,
		.dir = m->sent ? STORY_OUT : STORY_IN };
	struct story *s = story_of_path(st, m, now);
	const char *name = l2tp_type_name(m->message);
	char text[STORY_TEXT * 2];
	enum cause cause = CAUSE_NONE;
	bool ends = m->message == L2TP_STOPCCN || m->message == L2TP_CDN;

	if (s == NULL)
		return;
	if (m->message == L2TP_SCCRQ && m->text != NULL)
		story_text(s->host, sizeof(s->host), m->text);
	if (m->message == L2TP_SCCCN)
		story_prove(st, s);
	if (ends && m->sent)
		cause = m->cause;
	if (m->text != NULL)
		snprintf(text, sizeof(text), "%s%s (%s)", name,
		    m->again ? " again" : "", m->text);
	else
		snprintf(
		    text, sizeof(text), "%s%s", name, m->again ? " again" : "");
	/* HELLO is of its life. */
	if (s->result == STORY_IS_UP)
		e.stage = STORY_UP;
	story_add(st, s, now.mono, &e, text);
	if (!ends || s->result != STORY_CONNECTING)
		return;
	/* PPP has told why before. */
	if (s->cause != CAUSE_NONE)
		cause = s->cause;
	else if (!m->sent && s->n_ppp == 0) /* else it will tell why */
		cause = CAUSE_GAVE_UP;
	if (cause != CAUSE_NONE && cause != CAUSE_OTHER)
		story_finish(st, s, STORY_FAILED, cause,
		    s->detail[0] != '\0' || m->text == NULL ? s->detail
							    : m->text,
		    now.mono);
}

static void
take_close(struct stories *st, const struct lns_effect *e, struct mono now)
{
	struct story *s = story_by_tid(st, e->tid);
	const char *text = e->text != NULL ? e->text : "";
	enum cause cause = e->cause != CAUSE_NONE ? e->cause : CAUSE_OTHER;

	if (s == NULL)
		return;
	if (s->result == STORY_CONNECTING) {
		/* PPP has told why before. */
		if (s->detail[0] != '\0')
			text = s->detail;
		if (s->cause != CAUSE_NONE)
			cause = s->cause;
		else if (cause == CAUSE_DEAD_PEER)
			cause = CAUSE_L2TP_SILENT;
		else if (cause == CAUSE_HUNG_UP)
			cause = CAUSE_GAVE_UP;
		else if (cause == CAUSE_IDLE)
			cause = CAUSE_NO_CALL;
		story_finish(st, s, STORY_FAILED, cause, text, now);
	} else if (s->result == STORY_IS_UP) {
		story_finish(st, s, STORY_ENDED, cause, text, now);
	}
	story_set_tid(st, s, 0);
}

void
story_take_effect(
    struct stories *st, const struct lns_effect *e, struct story_time now)
{
	if (st == NULL)
		return;
	if (e->type == LNS_MESSAGE)
		take_message(st, e, now);
	else if (e->type == LNS_TUNNEL_CLOSE)
		take_close(st, e, now.mono);
}

/* --- PPP --- */

static void
add_ppp(struct stories *st, struct story *s, enum story_dir dir,
    const char *text, struct mono now)
{
	const struct story_event e = {
		.stage = s->result == STORY_IS_UP ? STORY_UP : STORY_PPP,
		.dir = (uint8_t)dir
	};

	story_add(st, s, now, &e, text);
}

static struct story *
find_tid(struct stories *st, uint16_t tid)
{
	return st == NULL ? NULL : story_by_tid(st, tid);
}

void
story_take_ppp_start(struct stories *st, uint16_t tid, struct mono now)
{
	struct story *s = find_tid(st, tid);

	if (s == NULL)
		return;
	s->n_ppp++;
	/* Another session of a tunnel whose first one stands is a note. */
	if (s->result == STORY_FAILED || s->result == STORY_ENDED) {
		story_reopen(s);
		s->counted = false;
	}
	add_ppp(st, s, STORY_NOTE, "pppd starts", now);
}

void
story_take_ppp_step(
    struct stories *st, uint16_t tid, enum ppp_step step, struct mono now)
{
	static const char *const texts[] = {
		[PPP_STEP_AUTH] = "LCP is up: asked who it is",
		[PPP_STEP_RADIUS] = "RADIUS is asked about the user",
		[PPP_STEP_NETWORK] = "authenticated: IPCP begins",
	};
	struct story *s = find_tid(st, tid);

	if (s != NULL)
		add_ppp(st, s, step == PPP_STEP_RADIUS ? STORY_NOTE : STORY_OUT,
		    texts[step], now);
}

void
story_take_auth(struct stories *st, uint16_t tid, const char *user,
    enum cause cause, const char *reason, struct mono now)
{
	struct story_event e = { .stage = STORY_PPP, .dir = STORY_IN };
	struct story *s = find_tid(st, tid);
	char text[2 * STORY_TEXT];

	if (s == NULL)
		return;
	story_text(s->user, sizeof(s->user), user);
	snprintf(text, sizeof(text), "user '%s'", s->user);
	story_add(st, s, now, &e, text);
	e.dir = STORY_OUT;
	if (cause == CAUSE_NONE) {
		if (s->result == STORY_CONNECTING)
			story_reopen(s);
		story_add(st, s, now, &e, "granted");
		return;
	}
	if (s->result == STORY_CONNECTING) {
		s->cause = cause;
		story_text(s->detail, sizeof(s->detail), reason);
		e.cause = (uint8_t)s->cause;
	}
	snprintf(text, sizeof(text), "refused: %s", reason);
	story_add(st, s, now, &e, text);
}

void
story_take_up(
    struct stories *st, uint16_t tid, const struct ppp_up *up, struct mono now)
{
	const struct story_event e = { .stage = STORY_UP };
	struct story *s = find_tid(st, tid);
	char text[STORY_TEXT];

	if (s == NULL)
		return;
	inet_ntop(AF_INET, &up->remote, s->address, sizeof(s->address));
	s->result = STORY_IS_UP;
	s->cause = CAUSE_NONE;
	s->detail[0] = '\0';
	snprintf(text, sizeof(text), "up: %s on %s", s->address, up->ifname);
	story_add(st, s, now, &e, text);
}

void
story_take_ppp_end(struct stories *st, uint16_t tid, enum cause cause,
    const char *text, struct mono now)
{
	struct story *s = find_tid(st, tid);

	if (s == NULL)
		return;
	s->n_ppp -= s->n_ppp > 0;
	if (s->result == STORY_FAILED || s->result == STORY_ENDED)
		return;
	/* As is the end of one beside another. */
	if (s->result == STORY_IS_UP && s->n_ppp > 0) {
		add_ppp(st, s, STORY_NOTE, text, now);
		return;
	}
	if (s->result == STORY_IS_UP) {
		story_finish(st, s, STORY_ENDED, cause, text, now);
		return;
	}
	if (s->cause != CAUSE_NONE) {
		cause = s->cause;
		text = s->detail;
	} else if (cause == CAUSE_HUNG_UP) {
		cause = CAUSE_GAVE_UP;
	}
	story_finish(st, s, STORY_FAILED, cause, text, now);
}

void
story_take_note(
    struct stories *st, uint16_t tid, const char *text, struct mono now)
{
	struct story *s = find_tid(st, tid);

	if (s != NULL)
		add_ppp(st, s, STORY_NOTE, text, now);
}
