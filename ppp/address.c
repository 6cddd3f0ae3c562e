/* SPDX-License-Identifier: ISC */
/* Which address a link gets, and when; contract in address.h. */

#include "address.h"

#include <stdio.h>
#include <string.h>

bool
address_held(const struct ppp_link *l, struct in_addr a)
{
	return l->lease.held && l->lease.address.s_addr == a.s_addr;
}

static bool
is_free(const struct ppp_service *s, struct in_addr a)
{
	const struct ppp_link *o;

	TAILQ_FOREACH (o, &s->links, entry)
		if (address_held(o, a))
			return false;
	return true;
}

static void
take_own(struct ppp_link *l)
{
	l->lease = (struct lease){ .held = true, .address = l->wanted };
}

void
address_release(struct ppp_link *l)
{
	struct lease was = l->lease;
	struct ppp_link *o;

	l->lease = (struct lease){ 0 };
	if (!was.held)
		return;
	/* At most one waits that is not being stopped. */
	TAILQ_FOREACH (o, &l->svc->links, entry) {
		if (!o->waiting || o->stop_cause != NULL ||
		    o->wanted.s_addr != was.address.s_addr)
			continue;
		o->lease = was;
		link_answer(o, 0);
		return;
	}
	if (was.pool != NULL)
		pool_give(was.pool, was.address);
}

/*
 * The user's own address.  Who dials again, usually because his phone lost
 * the old link, is served at once: the old one yields.  Its pppd must have
 * taken its interface down first, or it would remove the proxy ARP entry of
 * the new one.
 */
static void
assign_own(struct ppp_link *l, struct in_addr address)
{
	if (address_held(l, address) && l->lease.pool == NULL)
		return;
	address_release(l);
	l->wanted = address;
	if (is_free(l->svc, address))
		take_own(l);
	else
		l->waiting = true;
}

/* The address of the user's older session, which is going. */
static bool
takes_over(struct ppp_link *l, const struct pool *pool)
{
	const struct ppp_link *o;

	TAILQ_FOREACH (o, &l->svc->links, entry) {
		if (!o->lease.held || o->lease.pool != pool ||
		    strcmp(o->user, l->user) != 0)
			continue;
		l->wanted = o->lease.address;
		l->waiting = true;
		return true;
	}
	return false;
}

static void
assign_from_pool(struct ppp_link *l)
{
	struct pool *pool = l->svc->pools[l->profile];

	if (l->lease.held && l->lease.pool == pool)
		return;
	address_release(l);
	if (l->grant.one_login && takes_over(l, pool))
		return;
	l->lease.held = pool_take(pool, l->user, &l->lease.address);
	l->lease.pool = l->lease.held ? pool : NULL;
	if (!l->lease.held)
		snprintf(l->reason, sizeof(l->reason),
		    "no address left in pool of ppp \"%s\"",
		    profile_of(l)->name);
}

void
address_assign(struct ppp_link *l)
{
	if (l->grant.has_address)
		assign_own(l, l->grant.address);
	else
		assign_from_pool(l);
}
