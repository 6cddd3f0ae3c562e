/* SPDX-License-Identifier: ISC */
/* RADIUS for the sessions of one profile; contract in radius.h. */

#include "radius.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/random.h>
#include <openssl/crypto.h>

#include "log.h"
#include "loop.h"
#include "radius_own.h"
#include "radius_port.h"

/* The plugin waits for 20 s. */
#define LOGIN_PATIENCE_MS 18000
/* Kinds of attributes that are told of, once each. */
#define UNHEEDED_MAX 64

struct radius_login {
	LIST_ENTRY(radius_login) entry;
	struct radius *radius;
	uint64_t handle;
	uint8_t method, id;
	radius_login_fn done;
	void *arg;
};

LIST_HEAD(login_list, radius_login);

struct radius {
	const struct conf *conf;
	const struct conf_ppp *ppp;
	struct conf *held; /* conf, if it is another than at first */
	struct radius_port *auth;
	struct radius_acct *acct; /* NULL: no accounting */
	void (*idle)(void *arg);  /* NULL: it is not over */
	void *arg;
	struct login_list logins;
	uint32_t run, sessions; /* of session ids */
	struct {
		uint32_t vendor;
		uint8_t type;
	} unheeded[UNHEEDED_MAX];
	size_t n_unheeded;
};

/* --- accounting --- */

static void
acct_idle(void *arg)
{
	struct radius *r = arg;

	if (r->idle != NULL)
		r->idle(r->arg);
}

static void
tell_nas(struct radius *r, enum radius_acct_status status, bool insist)
{
	char id[RADIUS_SESSION_ID_SIZE];
	struct radius_station st = { .session_id = id };
	struct radius_request rq;

	radius_new_session_id(r, id);
	radius_fill_station(r, &st);
	radius_from_nas(&rq, status, clock_wall_s(), &st);
	radius_acct_send(r->acct, &rq, insist);
}

static bool
begin_accounting(struct radius *r)
{
	const struct conf_radius *conf = &r->ppp->radius;

	if (!conf->accounting)
		return true;
	r->acct = radius_acct_new(conf, r->ppp->name, acct_idle, r);
	if (r->acct == NULL)
		return false;
	tell_nas(r, RADIUS_ACCT_ON, true);
	return true;
}

bool
radius_accounts(const struct radius *r)
{
	return r->acct != NULL;
}

void
radius_account(struct radius *r, const struct radius_request *rq, bool insist)
{
	radius_acct_send(r->acct, rq, insist);
}

void
radius_finish(struct radius *r, void (*idle)(void *arg), void *arg)
{
	if (r->acct == NULL) {
		idle(arg);
		return;
	}
	tell_nas(r, RADIUS_ACCT_OFF, false);
	if (radius_acct_pending(r->acct) == 0) {
		idle(arg);
		return;
	}
	r->idle = idle;
	r->arg = arg;
}

/* --- life --- */

struct radius *
radius_new(const struct conf *conf, const struct conf_ppp *ppp)
{
	const struct radius_port_spec spec = { .conf = &ppp->radius,
		.label = ppp->name,
		.patience_ms = LOGIN_PATIENCE_MS };
	struct radius *r;

	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return NULL;
	r->conf = conf;
	r->ppp = ppp;
	LIST_INIT(&r->logins);
	if (getrandom(&r->run, sizeof(r->run), 0) != sizeof(r->run))
		abort(); /* cannot be: it is seeded by now */
	r->auth = radius_port_new(&spec);
	if (r->auth != NULL && begin_accounting(r))
		return r;
	radius_free(r);
	return NULL;
}

void
radius_free(struct radius *r)
{
	struct radius_login *l;

	if (r == NULL)
		return;
	radius_port_free(r->auth);
	while ((l = LIST_FIRST(&r->logins)) != NULL) {
		LIST_REMOVE(l, entry);
		free(l);
	}
	radius_acct_free(r->acct);
	conf_free(r->held);
	free(r);
}

void
radius_reload(
    struct radius *r, const struct conf *conf, const struct conf_ppp *ppp)
{
	struct conf *before = r->held;

	r->held = conf_hold(conf);
	r->conf = conf;
	r->ppp = ppp;
	conf_free(before);
}

void
radius_new_session_id(struct radius *r, char id[RADIUS_SESSION_ID_SIZE])
{
	snprintf(id, RADIUS_SESSION_ID_SIZE, "%08x%08x", r->run, ++r->sessions);
}

void
radius_fill_station(const struct radius *r, struct radius_station *st)
{
	const struct conf_radius *conf = &r->ppp->radius;

	st->nas_identifier = conf->nas_identifier != NULL ? conf->nas_identifier
							  : r->conf->hostname;
	st->nas_address = conf->nas_address;
}

/* Once: a server sends the same with every user. */
static void
tell_unheeded(void *arg, const struct radius_attr *a)
{
	struct radius *r = arg;
	char name[RADIUS_NAME_SIZE];
	size_t i;

	for (i = 0; i < r->n_unheeded; i++)
		if (r->unheeded[i].vendor == a->vendor &&
		    r->unheeded[i].type == a->type)
			return;
	if (r->n_unheeded == UNHEEDED_MAX)
		return;
	r->unheeded[r->n_unheeded].vendor = a->vendor;
	r->unheeded[r->n_unheeded++].type = a->type;
	log_warnx("radius", "ppp \"%s\": %s of an Access-Accept has no effect",
	    r->ppp->name, radius_attr_name(a, name));
}

static void
on_reply(void *arg, const struct radius_view *reply)
{
	struct radius_login *l = arg;
	struct radius *r = l->radius;
	struct radius_answer answer = { .reason = "no RADIUS server answers",
		.cause = CAUSE_RADIUS_SILENT };

	grant_of_profile(&answer.grant, r->ppp);
	if (reply != NULL)
		radius_take_reply(
		    &answer, reply, l->method, l->id, tell_unheeded, r);
	radius_compare_own(r->conf, r->ppp, &answer, tell_unheeded, r);
	LIST_REMOVE(l, entry);
	l->done(l->arg, &answer);
	free(l);
}

static const char *
ask(struct radius_login *l, const struct wire_ask *what,
    const struct radius_station *st)
{
	struct radius_request rq;
	const char *why = radius_from_ask(&rq, what, st);
	struct mono now = clock_now();

	if (why == NULL) {
		l->handle =
		    radius_port_ask(l->radius->auth, &rq, now, on_reply, l);
		if (l->handle == 0)
			why = "too many RADIUS requests are under way";
	}
	OPENSSL_cleanse(&rq, sizeof(rq));
	return why;
}

struct radius_login *
radius_log_in(struct radius *r, const struct wire_ask *what,
    const struct radius_station *st, radius_login_fn done, void *arg,
    const char **why)
{
	struct radius_login *l;

	l = calloc(1, sizeof(*l));
	*why = "out of memory";
	if (l == NULL)
		return NULL;
	l->radius = r;
	l->method = what->method;
	l->id = what->id;
	l->done = done;
	l->arg = arg;
	*why = ask(l, what, st);
	if (*why != NULL) {
		free(l);
		return NULL;
	}
	LIST_INSERT_HEAD(&r->logins, l, entry);
	return l;
}

void
radius_login_cancel(struct radius_login *l)
{
	if (l == NULL)
		return;
	radius_port_cancel(l->radius->auth, l->handle);
	LIST_REMOVE(l, entry);
	free(l);
}

size_t
radius_view_servers(
    const struct radius *r, struct ppp_radius_view *v, size_t room)
{
	size_t n = radius_port_view(r->auth, v, room);

	if (r->acct != NULL)
		n += radius_acct_view(r->acct, v + n, room - n);
	return n;
}
