/* SPDX-License-Identifier: ISC */
/* A link and RADIUS; contract in aaa.h. */

#include "aaa.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ifstats.h"
#include "link.h"
#include "log.h"
#include "worker.h"

/* What a worker counts for a link, which may have gone meanwhile. */
struct aaa_count {
	struct ppp_link *link; /* NULL: it has */
	char ifname[WIRE_IFNAME_MAX];
	struct radius_usage usage;
	bool ok;
};

static void interim_due(void *arg);

bool
aaa_init(struct ppp_link *l, const struct ppp_start *start)
{
	struct aaa *a = &l->aaa;

	a->radius = l->svc->radius[l->profile];
	if (a->radius == NULL)
		return true;
	if (start->path != NULL) {
		a->local = start->path->local;
		a->peer = start->path->peer;
	}
	a->port = start->port;
	snprintf(a->label, sizeof(a->label), "%s", start->label);
	if (start->call != NULL) {
		memcpy(a->calling, start->call->calling, sizeof(a->calling));
		memcpy(a->called, start->call->called, sizeof(a->called));
	}
	radius_new_session_id(a->radius, a->session_id);
	a->interim = loop_timer_new(interim_due, l);
	return a->interim != NULL && link_time_init(l);
}

void
aaa_fini(struct ppp_link *l)
{
	aaa_cancel(l);
	loop_timer_free(l->aaa.interim);
	link_time_fini(l);
	if (l->aaa.count != NULL)
		l->aaa.count->link = NULL;
}

static struct radius_station
station_of(const struct aaa *a)
{
	struct radius_station st = { .local = a->local,
		.peer = a->peer,
		.port = a->port,
		.label = a->label,
		.calling = a->calling,
		.called = a->called,
		.session_id = a->session_id };

	radius_fill_station(a->radius, &st);
	return st;
}

/* --- authentication --- */

void
aaa_fall_back(struct ppp_link *l, const struct user_verdict *v)
{
	struct aaa *a = &l->aaa;

	a->fallback = *v;
	a->fallback.user = NULL; /* it may go meanwhile */
	if (v->granted)
		grant_of_user(&a->fallback_grant, profile_of(l), v->user);
}

static void
fall_back(struct ppp_link *l, const char *why)
{
	const struct aaa *a = &l->aaa;

	log_info("radius", "%s '%s' is everybody's user: %s", a->label, l->user,
	    why);
	memcpy(l->user, a->fallback.name, sizeof(l->user));
	l->grant = a->fallback_grant;
	link_decide(l, &a->fallback);
}

static void
on_answer(void *arg, const struct radius_answer *answer)
{
	struct ppp_link *l = arg;
	struct aaa *a = &l->aaa;
	struct user_verdict v = { .granted = answer->reason == NULL,
		.failed = answer->failed,
		.reason = answer->reason,
		.cause = answer->cause };

	a->login = NULL;
	if (answer->message[0] != '\0')
		log_info("radius", "%s Reply-Message for '%s': %s", a->label,
		    l->user, answer->message);
	if (answer->reason != NULL && a->fallback.granted) {
		fall_back(l, answer->reason);
		return;
	}
	a->by_radius = true;
	a->class = answer->class;
	a->interim_s = answer->interim_s;
	memcpy(a->user, answer->user, sizeof(a->user));
	memcpy(v.proof, answer->proof, sizeof(v.proof));
	l->grant = answer->grant;
	link_decide(l, &v);
}

bool
aaa_ask(struct ppp_link *l, const struct wire_ask *ask, const char **why)
{
	struct aaa *a = &l->aaa;
	struct radius_station st;

	if (a->radius == NULL)
		return false;
	aaa_cancel(l);
	st = station_of(a);
	a->login = radius_log_in(a->radius, ask, &st, on_answer, l, why);
	if (a->login != NULL)
		log_debug(
		    "radius", "%s asks RADIUS about '%s'", a->label, l->user);
	return a->login != NULL;
}

void
aaa_cancel(struct ppp_link *l)
{
	struct aaa *a = &l->aaa;

	radius_login_cancel(a->login);
	a->login = NULL;
}

void
aaa_forget(struct ppp_link *l)
{
	struct aaa *a = &l->aaa;

	aaa_cancel(l);
	a->fallback.granted = false;
	a->by_radius = false;
	a->user[0] = '\0';
	a->class.len = 0;
	a->interim_s = 0;
}

/* --- accounting --- */

static void
tell(struct ppp_link *l, enum radius_acct_status status,
    enum radius_terminate_cause cause)
{
	struct aaa *a = &l->aaa;
	const struct radius_station st = station_of(a);
	const struct radius_record r = { .status = status,
		.user = a->user[0] != '\0' ? a->user : l->user,
		.address = a->address,
		.class = &a->class,
		.by_radius = a->by_radius,
		.at_s = clock_wall_s(),
		.usage = a->usage,
		.session_s =
		    (uint32_t)(mono_diff_ms(clock_now(), l->up_at) / 1000),
		.cause = cause };
	struct radius_request rq;

	radius_from_record(&rq, &r, &st);
	radius_account(a->radius, &rq, status != RADIUS_ACCT_INTERIM);
}

/* --- accounting, as it goes on --- */

/* RFC 2869 5.16: what is configured here comes first. */
static void
set_interim(struct ppp_link *l)
{
	const unsigned int ours = profile_of(l)->radius.accounting_interval_s;
	const unsigned int s = ours != 0 ? ours : l->aaa.interim_s;

	loop_timer_stop(l->aaa.interim);
	if (s != 0)
		loop_timer_set(l->aaa.interim, (int64_t)s * 1000);
}

static void
count(void *arg)
{
	struct aaa_count *c = arg;

	c->ok = ifstats_read(c->ifname, &c->usage);
}

static void
counted(void *arg)
{
	struct aaa_count *c = arg;

	if (c->link != NULL) {
		c->link->aaa.count = NULL;
		/* pppd may have told the final ones meanwhile. */
		if (c->ok && c->usage.rx_octets >= c->link->aaa.usage.rx_octets)
			c->link->aaa.usage = c->usage;
		tell(c->link, RADIUS_ACCT_INTERIM, 0);
	}
	free(c);
}

static void
interim_due(void *arg)
{
	struct ppp_link *l = arg;
	struct aaa_count *c;

	set_interim(l);
	if (l->aaa.count != NULL)
		return;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return;
	c->link = l;
	memcpy(c->ifname, l->ifname, sizeof(c->ifname));
	if (worker_submit(count, counted, c) == -1)
		free(c);
	else
		l->aaa.count = c;
}

void
aaa_up(struct ppp_link *l, struct in_addr address)
{
	struct aaa *a = &l->aaa;

	if (a->radius == NULL || a->up)
		return;
	a->up = true;
	a->address = address;
	if (link_time_is_kept(l)) {
		link_time_set_session(l);
		link_time_set_idle(l);
	}
	if (!radius_accounts(a->radius))
		return;
	a->started = true;
	tell(l, RADIUS_ACCT_START, 0);
	set_interim(l);
}

void
aaa_counted(struct ppp_link *l, const struct wire_down *d)
{
	l->aaa.usage = (struct radius_usage){ .rx_octets = d->rx_bytes,
		.tx_octets = d->tx_bytes,
		.rx_packets = d->rx_packets,
		.tx_packets = d->tx_packets };
}

void
aaa_ended(struct ppp_link *l, const struct ppp_end *end)
{
	struct aaa *a = &l->aaa;

	link_time_end(l);
	if (!a->started)
		return;
	a->started = false;
	loop_timer_stop(a->interim);
	if (a->count != NULL)
		a->count->link = NULL;
	a->count = NULL;
	tell(l, RADIUS_ACCT_STOP, radius_cause(end->why, end->code));
}

/* --- orders --- */

static bool
is_meant(const struct ppp_link *l, const struct radius_view *v)
{
	const struct aaa *a = &l->aaa;
	const struct radius_station st = station_of(a);
	const struct radius_target t = { .station = &st,
		.user = l->user,
		.told_user = a->user,
		.address = a->address };

	return a->up && l->stop_cause == NULL && radius_order_is_for(v, &t);
}

bool
aaa_can_obey(const struct ppp_link *l, const struct radius_order *o,
    const struct radius_view *v)
{
	/* What is configured here comes first. */
	return !o->has_interim || !is_meant(l, v) ||
	       (l->aaa.started &&
		   profile_of(l)->radius.accounting_interval_s == 0);
}

static void
change(struct ppp_link *l, const struct radius_order *o)
{
	struct grant *g = &l->grant;

	if (o->has_session_timeout) {
		g->session_timeout_s = o->session_timeout_s;
		link_time_set_session(l);
	}
	if (o->has_idle_timeout) {
		g->idle_timeout_s = o->idle_timeout_s;
		link_time_set_idle(l);
	}
	if (o->has_interim) {
		l->aaa.interim_s = o->interim_s;
		set_interim(l);
	}
	if (o->has_rate_up)
		g->rate.up_kbit = o->rate.up_kbit;
	if (o->has_rate_down)
		g->rate.down_kbit = o->rate.down_kbit;
	if (o->has_rate_up || o->has_rate_down)
		link_net_limit(l);
	log_info("radius",
	    "%s '%s' has now: session timeout %u s, idle timeout %u s, "
	    "interim interval %u s, rate up %u, down %u kbit/s",
	    l->aaa.label, l->user, g->session_timeout_s, g->idle_timeout_s,
	    l->aaa.interim_s, g->rate.up_kbit, g->rate.down_kbit);
}

bool
aaa_obey(struct ppp_link *l, const struct radius_order *o,
    const struct radius_view *v)
{
	if (!is_meant(l, v))
		return false;
	if (o->disconnect)
		link_stop(
		    l, LNS_PPP_ADMIN, CAUSE_ADMIN, "disconnected by RADIUS");
	else
		change(l, o);
	return true;
}
