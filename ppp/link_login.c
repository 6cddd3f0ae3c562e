/* SPDX-License-Identifier: ISC */
/*
 * Whether the peer of a link may come in; contract in link.h.  The users that
 * lnsd knows are asked first, then RADIUS.
 */

#include "link.h"

#include <stdio.h>
#include <string.h>
#include <openssl/crypto.h>

#include "address.h"
#include "loop.h"
#include "user.h"

/* A peer may renegotiate LCP and log in again, but not for ever. */
#define ASKS_MAX 16
/* A refusal is held back for a step for each failure before, up to this. */
#define REFUSAL_STEPS_MAX 3

static bool
is_session_of(const struct ppp_link *l, const char *user)
{
	return (l->lease.held || l->waiting) && l->stop_cause == NULL &&
	       strcmp(l->user, user) == 0;
}

/* What the user's other sessions mean to him; the verdict was good.  False:
 * he has as many as he may. */
static bool
may_have_another(const struct ppp_link *l)
{
	unsigned int n = 0;
	struct ppp_link *o;

	TAILQ_FOREACH (o, &l->svc->links, entry) {
		if (o == l || !is_session_of(o, l->user))
			continue;
		if (l->grant.one_login)
			link_stop(o, LNS_PPP_ADMIN, CAUSE_DUPLICATE_LOGIN,
			    "the same user dialled again");
		else
			n++;
	}
	return l->grant.max_sessions == 0 || n < l->grant.max_sessions;
}

/* --- failed logins --- */

struct try_keys {
	char user[TRIES_KEY], from[TRIES_KEY];
};

/* "": nobody, or from nowhere; names of nobody are endless. */
static void
keys_of(const struct ppp_link *l, const char *user, struct try_keys *k)
{
	k->user[0] = k->from[0] = '\0';
	if (user[0] != '\0')
		snprintf(k->user, sizeof(k->user), "user %s", user);
	if (l->from[0] != '\0')
		snprintf(k->from, sizeof(k->from), "from %s", l->from);
}

static int64_t
barred_ms(const struct ppp_link *l, const char *key)
{
	int64_t left;

	if (key[0] == '\0' || tries_count(l->svc->tries, key, clock_now(),
				  &left) < profile_of(l)->max_login_failures)
		return 0;
	return left;
}

static unsigned int
count_failure(struct ppp_link *l, const char *key)
{
	struct mono now = clock_now();

	if (key[0] == '\0')
		return 0;
	return tries_add(l->svc->tries, key, now,
	    mono_add_ms(
		now, (int64_t)profile_of(l)->login_failure_time_s * 1000));
}

static void
say_barred(struct ppp_link *l, int64_t ms)
{
	link_refuse(l, CAUSE_LOGIN_FAILURES,
	    "too many failed logins, wait %u s",
	    (unsigned int)((ms + 999) / 1000));
}

/*
 * What comes of names and passwords being tried out: how long the answer is to
 * be held back, and l->reason if it is no in any case.  How long depends on
 * nothing but what has failed from the same address, and there everything
 * counts that was refused, so that the time does not tell whether the name or
 * the password was right.  A bar is not prolonged by what it refuses: phones
 * dial again by themselves.
 */
static int64_t
hold_back(struct ppp_link *l, const struct user_verdict *v)
{
	struct try_keys k;
	int64_t user_ms, from_ms;
	unsigned int n;

	if (profile_of(l)->max_login_failures == 0 ||
	    (!v->granted && !v->failed))
		return 0;
	keys_of(l, v->name, &k);
	user_ms = barred_ms(l, k.user);
	from_ms = barred_ms(l, k.from);
	if (user_ms > 0 || from_ms > 0) {
		say_barred(l, user_ms > from_ms ? user_ms : from_ms);
	} else if (v->granted) {
		/* Not of the address: others there may be guessing. */
		tries_forget(l->svc->tries, k.user);
		return 0;
	} else {
		(void)count_failure(l, k.user);
	}
	if (from_ms > 0)
		return REFUSAL_STEPS_MAX * l->svc->refusal_step_ms;
	n = count_failure(l, k.from);
	n = n > 0 ? n - 1 : 0;
	return (n < REFUSAL_STEPS_MAX ? n : REFUSAL_STEPS_MAX) *
	       l->svc->refusal_step_ms;
}

static void
set_user(struct ppp_link *l, const struct wire_ask *ask,
    const struct user_verdict *v)
{
	size_t i;

	if (v->name[0] != '\0') {
		memcpy(l->user, v->name, sizeof(l->user));
		return;
	}
	for (i = 0; i < ask->name_len; i++)
		l->user[i] = ask->name[i] != 0 ? (char)ask->name[i] : '?';
	l->user[i] = '\0';
}

void
link_decide(struct ppp_link *l, const struct user_verdict *v)
{
	int64_t hold_ms = hold_back(l, v);

	memcpy(l->proof, v->proof, sizeof(l->proof));
	if (l->reason[0] == '\0' && v->reason != NULL)
		link_refuse(l, v->cause, "%s", v->reason);
	else if (l->reason[0] == '\0' && !may_have_another(l))
		link_refuse(l, CAUSE_USER_SESSIONS,
		    "the user has as many sessions as he may");
	if (l->reason[0] != '\0')
		address_release(l);
	else
		address_assign(l);
	if (!l->waiting)
		link_answer(l, hold_ms);
}

/* Whether somebody else may know him: he has no user of his own. */
static bool
is_stranger(const struct ppp_link *l, const struct user_verdict *v)
{
	struct try_keys k;

	keys_of(l, "", &k);
	return (v->user == NULL || strcmp(v->user->name, CONF_ANY_USER) == 0) &&
	       (v->granted || v->failed) && l->asks <= ASKS_MAX &&
	       l->stop_cause == NULL && barred_ms(l, k.from) == 0;
}

/* False: v is the verdict. */
static bool
ask_radius(
    struct ppp_link *l, const struct wire_ask *ask, struct user_verdict *v)
{
	const struct user_verdict nobody = { 0 };
	const char *why = v->reason;

	if (!is_stranger(l, v))
		return false;
	if (!aaa_ask(l, ask, &why)) {
		if (!v->granted && why != v->reason) {
			v->reason = why;
			v->cause = CAUSE_OTHER;
		}
		return false;
	}
	/* As RADIUS knows him: with the domain in front. */
	set_user(l, ask, &nobody);
	aaa_fall_back(l, v);
	if (l->ops->step != NULL)
		l->ops->step(l->arg, PPP_STEP_RADIUS);
	return true;
}

void
link_asked(struct ppp_link *l, const struct wire_msg *m)
{
	const struct wire_ask *ask = &m->u.ask;
	struct user_verdict v;
	bool asked;

	/* Without one, WIRE_PROXIED is no method that is allowed. */
	if (ask->method == WIRE_PROXIED && l->proxied.method != 0)
		ask = &l->proxied;
	user_verify(l->svc->users, profile_of(l)->auth, ask, &v);
	if (++l->asks > ASKS_MAX) {
		v.reason = "too many attempts";
		v.cause = CAUSE_LOGIN_FAILURES;
	} else if (l->stop_cause != NULL) {
		v.reason = "the link is being stopped";
		v.cause = l->stop_code;
	}
	l->serial = m->serial;
	l->waiting = false;
	l->refused = CAUSE_NONE;
	l->reason[0] = '\0';
	loop_timer_stop(l->refuse_timer);
	aaa_forget(l);
	set_user(l, ask, &v);
	asked = ask_radius(l, ask, &v);
	OPENSSL_cleanse(&l->proxied, sizeof(l->proxied));
	if (v.granted)
		grant_of_user(&l->grant, profile_of(l), v.user);
	if (!asked)
		link_decide(l, &v);
}
