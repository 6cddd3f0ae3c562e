/* SPDX-License-Identifier: ISC */
/* What an administrator may do; contract in ctl_server.h. */

#include "ctl_server.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "loop.h"
#include "survey.h"

#define DRAIN_POLL_MS 250
#define CAUSE_MAX 180

static const struct ctl_server *server;
static struct {
	bool active;
	struct loop_timer *timer;
	struct mono until;	     /* MONO_NEVER: as long as it takes */
	struct ctl_request *request; /* NULL: nobody waits */
	uint32_t told;		     /* sessions left */
} drain;

bool
ctl_act_draining(void)
{
	return drain.active;
}

/* "alice (uid 0)": the name is what the client calls him. */
static const char *
who(const struct ctl_request *r, char *buf, size_t size)
{
	const char *by = ctl_param(r, "by");

	if (by != NULL && by[0] != '\0')
		snprintf(
		    buf, size, "%.32s (uid %u)", by, (unsigned int)ctl_uid(r));
	else
		snprintf(buf, size, "uid %u", (unsigned int)ctl_uid(r));
	return buf;
}

/* --- disconnect --- */

struct target {
	const char *user; /* NULL: an address, a slot, or all */
	bool all, is_slot, is_address;
	uint32_t slot;
	struct lns_addr address;
};

static bool
parse_address(const char *text, struct lns_addr *a)
{
	memset(a, 0, sizeof(*a));
	a->family = 4;
	if (inet_pton(AF_INET, text, a->ip) == 1)
		return true;
	a->family = 6;
	return inet_pton(AF_INET6, text, a->ip) == 1;
}

static bool
is_inner(const struct survey_session *x, const struct lns_addr *a)
{
	const struct ppp_view *p = &x->path.ppp;

	if (!x->path.has_ppp || !p->up)
		return false;
	if (a->family == 4)
		return memcmp(a->ip, &p->address, 4) == 0;
	return p->has_prefix && memcmp(a->ip, &p->prefix, 8) == 0;
}

static bool
means_tunnel(const struct target *t, const struct survey_tunnel *x)
{
	if (t->all)
		return true;
	if (t->is_slot)
		return x->l2tp.slot == t->slot;
	return t->is_address && lns_same_ip(&x->outer, &t->address);
}

static bool
means_session(const struct target *t, const struct survey_session *x)
{
	if (t->user != NULL)
		return x->path.has_ppp &&
		       strcmp(x->path.ppp.user, t->user) == 0;
	return t->is_address && is_inner(x, &t->address);
}

/* How many sessions (or tunnels without one) that ends. */
static json_int_t
end_target(const struct survey *s, const struct target *t, const char *cause)
{
	const struct survey_session *x;
	const struct survey_tunnel *tun;
	json_int_t n = 0;
	size_t i;

	for (i = 0; i < s->n_sessions; i++) {
		x = &s->sessions[i];
		tun = &s->tunnels[x->tunnel];
		if (!means_tunnel(t, tun) && means_session(t, x))
			n += glue_disconnect(
			    server->glue, tun->l2tp.tid, x->l2tp.sid, cause);
	}
	for (i = 0; i < s->n_tunnels; i++) {
		tun = &s->tunnels[i];
		if (means_tunnel(t, tun) &&
		    glue_close_tunnel(server->glue, tun->l2tp.tid, cause))
			n += tun->l2tp.n_sessions > 0
				 ? (json_int_t)tun->l2tp.n_sessions
				 : 1;
	}
	return n;
}

/* False: the request is answered. */
static bool
take_target(struct ctl_request *r, struct target *t)
{
	const json_t *tunnel = json_object_get(ctl_params(r), "tunnel");
	const char *address = ctl_param(r, "address");

	*t = (struct target){ .user = ctl_param(r, "user"),
		.all = json_is_true(json_object_get(ctl_params(r), "all")),
		.is_slot = json_is_integer(tunnel),
		.is_address = address != NULL };
	if (t->is_slot)
		t->slot = (uint32_t)json_integer_value(tunnel);
	if (address != NULL && !parse_address(address, &t->address)) {
		ctl_fail(r, CTL_PARAMS, "\"%.64s\" is no address", address);
		return false;
	}
	if ((t->user != NULL) + t->all + t->is_slot + t->is_address == 1)
		return true;
	ctl_fail(r, CTL_PARAMS,
	    "one of \"user\", \"address\", \"tunnel\" and \"all\" is needed");
	return false;
}

static void
disconnect(void *arg, struct ctl_request *r)
{
	const char *reason = ctl_param(r, "reason");
	char cause[CAUSE_MAX], name[64];
	struct target t;
	struct survey *s;
	json_int_t n;

	(void)arg;
	if (!take_target(r, &t))
		return;
	s = survey_new(server->glue, server->ipsec);
	if (s == NULL) {
		ctl_done(r, NULL);
		return;
	}
	snprintf(cause, sizeof(cause), "disconnected by %s%s%s",
	    who(r, name, sizeof(name)), reason != NULL ? ": " : "",
	    reason != NULL ? reason : "");
	n = end_target(s, &t, cause);
	survey_free(s);
	if (n == 0 && !t.all)
		ctl_fail(r, CTL_NOT_FOUND, "no session is meant by that");
	else
		ctl_done(r, json_pack("{s:I}", "disconnected", n));
}

/* --- stop --- */

static void
drain_gone(void *arg)
{
	(void)arg;
	drain.request = NULL;
}

static void
stop_now(void)
{
	struct ctl_request *r = drain.request;

	drain.request = NULL;
	loop_timer_stop(drain.timer);
	if (r != NULL)
		ctl_done(r, json_pack("{s:b}", "stopping", 1));
	server->stop();
}

static void
drain_poll(void *arg)
{
	struct lns_stats s;

	(void)arg;
	lns_stats(glue_lns(server->glue), &s);
	if (s.sessions == 0) {
		log_info("lnsd", "drained: stopping");
		stop_now();
		return;
	}
	if (!mono_before(clock_now(), drain.until)) {
		log_info("lnsd",
		    "not drained in time, %u sessions are left: "
		    "stopping",
		    s.sessions);
		stop_now();
		return;
	}
	if (drain.request != NULL && s.sessions != drain.told)
		ctl_item(drain.request,
		    json_pack("{s:I}", "sessions", (json_int_t)s.sessions));
	drain.told = s.sessions;
	loop_timer_set(drain.timer, DRAIN_POLL_MS);
}

static void
stop(void *arg, struct ctl_request *r)
{
	const json_t *p = ctl_params(r);
	json_int_t timeout = json_integer_value(json_object_get(p, "timeout"));
	char name[64];

	(void)arg;
	if (json_is_true(json_object_get(p, "drain")) && !drain.active) {
		log_info("lnsd", "draining, by %s", who(r, name, sizeof(name)));
		drain.active = true;
		drain.until = timeout > 0 ? mono_add_ms(clock_now(),
						(int64_t)timeout * 1000)
					  : MONO_NEVER;
		drain.request = r;
		ctl_on_gone(r, drain_gone, NULL);
		glue_refuse(server->glue);
		drain_poll(NULL);
		return;
	}
	log_info("lnsd", "stopping, by %s", who(r, name, sizeof(name)));
	ctl_done(r, json_pack("{s:b}", "stopping", 1));
	stop_now();
}

/* --- log and trace --- */

static const struct {
	const char *name;
	int level;
} levels[] = {
	{ "err", LOG_ERR },
	{ "warning", LOG_WARNING },
	{ "notice", LOG_NOTICE },
	{ "info", LOG_INFO },
	{ "debug", LOG_DEBUG },
};

static void
set_level(void *arg, struct ctl_request *r)
{
	const char *name = ctl_param(r, "level");
	char by[64];
	size_t i;

	(void)arg;
	for (i = 0; name != NULL && i < nitems(levels); i++)
		if (strcmp(levels[i].name, name) == 0) {
			log_set_level(LOG_INFO);
			log_info("lnsd", "log level %s, by %s", name,
			    who(r, by, sizeof(by)));
			log_set_level(levels[i].level);
			ctl_done(r, json_pack("{s:s}", "level", name));
			return;
		}
	ctl_fail(r, CTL_PARAMS,
	    "\"level\" is one of err, warning, notice, info, debug");
}

static void
set_trace(void *arg, struct ctl_request *r)
{
	const json_t *on = json_object_get(ctl_params(r), "on");
	const char *address = ctl_param(r, "address");
	struct lns_addr a;
	char by[64];

	(void)arg;
	if (!json_is_boolean(on))
		ctl_fail(r, CTL_PARAMS, "\"on\" is true or false");
	else if (address != NULL && !parse_address(address, &a))
		ctl_fail(r, CTL_PARAMS, "\"%.64s\" is no address", address);
	else if (!glue_trace(server->glue, address == NULL ? NULL : &a,
		     json_is_true(on)))
		ctl_fail(r, json_is_true(on) ? CTL_BUSY : CTL_NOT_FOUND,
		    json_is_true(on)
			? "%d addresses are traced already: trace off"
			: "it was not traced (of %d at most)",
		    LNS_TRACED_MAX);
	else {
		log_info("l2tp", "trace %s%s%s, by %s",
		    json_is_true(on) ? "on" : "off", address != NULL ? " " : "",
		    address != NULL ? address : "", who(r, by, sizeof(by)));
		ctl_done(r, json_pack("{s:b}", "on", json_is_true(on)));
	}
}

void
ctl_act_add(struct ctl *ctl, const struct ctl_server *s)
{
	server = s;
	drain.timer = loop_timer_new(drain_poll, NULL);
	if (drain.timer == NULL)
		fatalx("ctl", "no memory");
	ctl_add(ctl, "disconnect", disconnect, NULL);
	ctl_add(ctl, "stop", stop, NULL);
	ctl_add(ctl, "log.level", set_level, NULL);
	ctl_add(ctl, "trace", set_trace, NULL);
}

void
ctl_act_fini(void)
{
	loop_timer_free(drain.timer);
	drain.timer = NULL;
}
