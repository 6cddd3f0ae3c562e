/* SPDX-License-Identifier: ISC */
/* Accounting; contract in radius_acct.h. */

#include "radius_acct.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "log.h"
#include "loop.h"
#include "pppd.h"
#include "radius_port.h"

/* A round ends when each server has been tried, at the latest after this. */
#define ROUND_MS 30000
#define PAUSE_MS 30000
/* When it is given up. */
#define INSIST_MS 600000
/* A record is some kilobytes. */
#define RECORDS_MAX 4096

/* --- what is told --- */

static void
begin(struct radius_request *rq, enum radius_acct_status status, int64_t at_s)
{
	memset(rq, 0, sizeof(*rq));
	rq->code = RADIUS_ACCOUNTING_REQUEST;
	rq->has_delay = true;
	radius_add_u32(&rq->attrs, RADIUS_ACCT_STATUS_TYPE, status);
	radius_add_u32(&rq->attrs, RADIUS_EVENT_TIMESTAMP, (uint32_t)at_s);
}

/* RFC 2869 5.1: how often 2^32 octets are full. */
static void
add_octets(
    struct radius_attrs *a, uint8_t type, uint8_t gigawords, uint64_t octets)
{
	radius_add_u32(a, type, (uint32_t)octets);
	radius_add_u32(a, gigawords, (uint32_t)(octets >> 32));
}

static void
add_usage(struct radius_attrs *a, const struct radius_record *r)
{
	const struct radius_usage *u = &r->usage;

	add_octets(a, RADIUS_ACCT_INPUT_OCTETS, RADIUS_ACCT_INPUT_GIGAWORDS,
	    u->rx_octets);
	add_octets(a, RADIUS_ACCT_OUTPUT_OCTETS, RADIUS_ACCT_OUTPUT_GIGAWORDS,
	    u->tx_octets);
	radius_add_u32(a, RADIUS_ACCT_INPUT_PACKETS, (uint32_t)u->rx_packets);
	radius_add_u32(a, RADIUS_ACCT_OUTPUT_PACKETS, (uint32_t)u->tx_packets);
	radius_add_u32(a, RADIUS_ACCT_SESSION_TIME, r->session_s);
}

void
radius_from_record(struct radius_request *rq, const struct radius_record *r,
    const struct radius_station *st)
{
	begin(rq, r->status, r->at_s);
	radius_add_text(&rq->attrs, RADIUS_USER_NAME, r->user);
	radius_add_station(&rq->attrs, st);
	radius_add(&rq->attrs, RADIUS_FRAMED_IP_ADDRESS, &r->address, 4);
	radius_add_u32(&rq->attrs, RADIUS_ACCT_AUTHENTIC,
	    r->by_radius ? RADIUS_AUTHENTIC_RADIUS : RADIUS_AUTHENTIC_LOCAL);
	radius_add_class(&rq->attrs, r->class);
	if (r->status != RADIUS_ACCT_START)
		add_usage(&rq->attrs, r);
	if (r->status == RADIUS_ACCT_STOP)
		radius_add_u32(
		    &rq->attrs, RADIUS_ACCT_TERMINATE_CAUSE, r->cause);
}

void
radius_from_nas(struct radius_request *rq, enum radius_acct_status status,
    int64_t at_s, const struct radius_station *st)
{
	begin(rq, status, at_s);
	radius_add_nas(&rq->attrs, st);
	/* RFC 2866 5.5: every record has one. */
	radius_add_text(&rq->attrs, RADIUS_ACCT_SESSION_ID, st->session_id);
}

/* What we have ended. */
static enum radius_terminate_cause
cause_of_admin(enum cause cause)
{
	static const struct {
		enum cause cause;
		enum radius_terminate_cause code;
	} causes[] = {
		{ CAUSE_HUNG_UP, RADIUS_USER_REQUEST },
		{ CAUSE_REDIALLED, RADIUS_LOST_CARRIER },
		{ CAUSE_DEAD_PEER, RADIUS_LOST_CARRIER },
		{ CAUSE_KEYS_LOST, RADIUS_LOST_CARRIER },
		{ CAUSE_IDLE, RADIUS_IDLE },
		{ CAUSE_SHUTDOWN, RADIUS_ADMIN_REBOOT },
		{ CAUSE_DUPLICATE_LOGIN, RADIUS_NAS_REQUEST },
	};
	size_t i;

	for (i = 0; i < nitems(causes); i++)
		if (causes[i].cause == cause)
			return causes[i].code;
	return RADIUS_ADMIN_RESET;
}

enum radius_terminate_cause
radius_cause(enum lns_ppp_end why, enum cause cause)
{
	switch (why) {
	case LNS_PPP_PEER:
		return RADIUS_USER_REQUEST;
	case LNS_PPP_IDLE:
		return cause == CAUSE_SESSION_TIME ? RADIUS_SESSION
						   : RADIUS_IDLE;
	case LNS_PPP_LOST:
		return RADIUS_LOST_CARRIER;
	case LNS_PPP_ADMIN:
		return cause_of_admin(cause);
	case LNS_PPP_AUTH:
	case LNS_PPP_FAILED:
		break;
	}
	return RADIUS_NAS_ERROR;
}

/* --- records on their way --- */

struct sent {
	LIST_ENTRY(sent) entry;
	struct radius_acct *acct;
	struct radius_request rq;
	struct mono since;
	bool insist;
	struct loop_timer *again;
};

LIST_HEAD(sent_list, sent);

struct radius_acct {
	struct radius_port *port;
	const char *label;
	void (*idle)(void *arg);
	void *arg;
	struct sent_list sent;
	size_t n;
	bool losing; /* it was said that records are lost */
};

static void try_now(void *arg);

struct radius_acct *
radius_acct_new(const struct conf_radius *conf, const char *label,
    void (*idle)(void *arg), void *arg)
{
	const struct radius_port_spec spec = { .conf = conf,
		.accounting = true,
		.label = label,
		.patience_ms = ROUND_MS };
	struct radius_acct *a;

	a = calloc(1, sizeof(*a));
	if (a == NULL)
		return NULL;
	a->label = label;
	a->idle = idle;
	a->arg = arg;
	LIST_INIT(&a->sent);
	a->port = radius_port_new(&spec);
	if (a->port != NULL)
		return a;
	free(a);
	return NULL;
}

static void
sent_free(struct sent *s)
{
	LIST_REMOVE(s, entry);
	s->acct->n--;
	loop_timer_free(s->again);
	free(s);
}

void
radius_acct_free(struct radius_acct *a)
{
	struct sent *s, *next;

	if (a == NULL)
		return;
	radius_port_free(a->port);
	for (s = LIST_FIRST(&a->sent); s != NULL; s = next) {
		next = LIST_NEXT(s, entry);
		loop_timer_free(s->again);
		free(s);
	}
	free(a);
}

static void
lose(struct radius_acct *a)
{
	if (!a->losing)
		log_warnx("radius",
		    "ppp \"%s\": accounting records are lost, no server takes "
		    "them",
		    a->label);
	a->losing = true;
}

static void
finish(struct sent *s)
{
	struct radius_acct *a = s->acct;

	sent_free(s);
	if (a->n == 0)
		a->idle(a->arg);
}

static void
not_taken(struct sent *s)
{
	const int64_t age_ms = mono_diff_ms(clock_now(), s->since);

	if (s->insist && age_ms + PAUSE_MS < INSIST_MS) {
		loop_timer_set(s->again, PAUSE_MS);
		return;
	}
	lose(s->acct);
	finish(s);
}

static void
on_reply(void *arg, const struct radius_view *reply)
{
	struct sent *s = arg;

	if (reply == NULL) {
		not_taken(s);
		return;
	}
	s->acct->losing = false;
	finish(s);
}

static void
try_now(void *arg)
{
	struct sent *s = arg;

	if (radius_port_ask(s->acct->port, &s->rq, s->since, on_reply, s) != 0)
		return;
	/* Whoever has just sent it does not expect to hear of it. */
	if (s->insist) {
		loop_timer_set(s->again, PAUSE_MS);
		return;
	}
	lose(s->acct);
	sent_free(s);
}

void
radius_acct_send(
    struct radius_acct *a, const struct radius_request *rq, bool insist)
{
	struct sent *s = NULL;

	if (a->n < RECORDS_MAX)
		s = calloc(1, sizeof(*s));
	if (s != NULL)
		s->again = loop_timer_new(try_now, s);
	if (s == NULL || s->again == NULL) {
		free(s);
		lose(a);
		return;
	}
	s->acct = a;
	s->rq = *rq;
	s->since = clock_now();
	s->insist = insist;
	LIST_INSERT_HEAD(&a->sent, s, entry);
	a->n++;
	try_now(s);
}

size_t
radius_acct_pending(const struct radius_acct *a)
{
	return a->n;
}

size_t
radius_acct_view(
    const struct radius_acct *a, struct ppp_radius_view *v, size_t room)
{
	return radius_port_view(a->port, v, room);
}
