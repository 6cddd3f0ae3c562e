/* SPDX-License-Identifier: ISC */
/* Which address a link gets, and when; contract in address.h. */

#include "address.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>

#include "log.h"
#include "reserve.h"

/* A pool that is in use elsewhere is a mistake, and a phone waits. */
#define CONFLICTS_MAX 4

bool
address_held(const struct ppp_link *l, struct in_addr a)
{
	return l->lease.held && l->lease.address.s_addr == a.s_addr;
}

static const struct ppp_link *
holder_of(const struct ppp_service *s, struct in_addr a)
{
	const struct ppp_link *o;

	TAILQ_FOREACH (o, &s->links, entry)
		if (address_held(o, a))
			return o;
	return NULL;
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

	arp_probe_stop(l->probe);
	l->probe = NULL;
	dhcp_release(l->dhcp);
	l->dhcp = NULL;
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

static void
refuse_taken(struct ppp_link *l)
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &l->wanted, text, sizeof(text));
	link_refuse(l, CAUSE_ADDRESS_TAKEN,
	    "the user's address %s is somebody else's", text);
}

/* An address that we have not chosen: no pool may give it meanwhile. */
static void
claim(struct ppp_link *l)
{
	struct ppp_service *s = l->svc;
	size_t i;

	for (i = 0; i < s->conf->n_ppp; i++) {
		switch (pool_claim(s->pools[i], l->user, l->wanted)) {
		case POOL_CLAIMED:
			take_own(l);
			l->lease.pool = s->pools[i];
			return;
		case POOL_TAKEN:
			refuse_taken(l);
			return;
		case POOL_FOREIGN:
			break;
		}
	}
	take_own(l);
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
	const bool told = l->grant.address_is_told;
	const struct ppp_link *o;

	if (address_held(l, address) && l->dhcp == NULL &&
	    (l->lease.pool == NULL || told))
		return;
	address_release(l);
	l->wanted = address;
	o = holder_of(l->svc, address);
	if (o != NULL && o->stop_cause == NULL)
		refuse_taken(l); /* the user's own are being stopped */
	else if (o != NULL)
		l->waiting = true;
	else if (told)
		claim(l);
	else
		take_own(l);
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

/* --- of a pool --- */

static size_t
pool_of(const struct ppp_link *l)
{
	return l->grant.pool != 0 ? l->grant.pool - 1 : l->profile;
}

static void probe(struct ppp_link *);

/* What somebody has as his own is passed over: it is reserved no more once he
 * is no user any more, and his link may live on. */
static bool
take_free(const struct ppp_link *l, struct pool *pool, struct in_addr *a)
{
	struct in_addr taken;
	bool ok;

	if (!pool_take(pool, l->user, &taken))
		return false;
	if (holder_of(l->svc, taken) == NULL) {
		*a = taken;
		return true;
	}
	ok = take_free(l, pool, a);
	pool_give(pool, taken);
	return ok;
}

/* False: none is left. */
static bool
take_from_pool(struct ppp_link *l, struct pool *pool)
{
	l->lease.held = take_free(l, pool, &l->lease.address);
	l->lease.pool = l->lease.held ? pool : NULL;
	if (!l->lease.held)
		link_refuse(l, CAUSE_POOL,
		    "no address left in pool of ppp \"%s\"",
		    l->svc->conf->ppp[pool_of(l)].name);
	return l->lease.held;
}

static void
assign_from_pool(struct ppp_link *l)
{
	struct pool *pool = l->svc->pools[pool_of(l)];

	if (l->lease.held && l->lease.pool == pool) {
		l->waiting = l->probe != NULL;
		return;
	}
	address_release(l);
	if (l->grant.one_login && takes_over(l, pool))
		return;
	l->conflicts = 0;
	if (take_from_pool(l, pool) && l->svc->probers[l->profile] != NULL)
		probe(l);
}

static void
on_probed(void *arg, const char *mac)
{
	struct ppp_link *l = arg;
	struct pool *pool = l->lease.pool;
	char ip[INET_ADDRSTRLEN];

	l->probe = NULL;
	if (mac == NULL) {
		link_answer(l, 0);
		return;
	}
	inet_ntop(AF_INET, &l->lease.address, ip, sizeof(ip));
	log_warnx("ppp", "%s is in ppp \"%s\" and in use by %s on the LAN", ip,
	    l->svc->conf->ppp[pool_of(l)].name, mac);
	pool_avoid(pool, l->lease.address);
	l->lease = (struct lease){ 0 };
	if (++l->conflicts == CONFLICTS_MAX)
		link_refuse(l, CAUSE_ADDRESS_TAKEN,
		    "addresses of the pool are in use on the LAN");
	else if (take_from_pool(l, pool))
		probe(l);
	if (l->probe == NULL)
		link_answer(l, 0);
}

/* Sets l->waiting, unless it cannot be found out. */
static void
probe(struct ppp_link *l)
{
	l->probe = arp_probe_start(
	    l->svc->probers[l->profile], l->lease.address, on_probed, l);
	if (l->probe == NULL)
		log_warn("ppp", "cannot probe the LAN for an address");
	l->waiting = l->probe != NULL;
	l->wanted.s_addr = 0;
}

/* --- of the LAN's DHCP server --- */

static void
refuse(struct ppp_link *l, const char *why)
{
	address_release(l);
	link_refuse(l, CAUSE_DHCP, "%s", why);
	link_answer(l, 0);
}

static void
on_lease(void *arg, struct in_addr address, const struct in_addr dns[2])
{
	struct ppp_link *l = arg;

	if (holder_of(l->svc, address) != NULL ||
	    reserved_for_user(l->svc, address)) {
		refuse(
		    l, "the DHCP server has given an address that is in use");
		return;
	}
	l->lease = (struct lease){ .held = true, .address = address };
	if (l->grant.dns[0].s_addr == 0)
		memcpy(l->grant.dns, dns, sizeof(l->grant.dns));
	link_answer(l, 0);
}

static void
on_lease_lost(void *arg, const char *why)
{
	struct ppp_link *l = arg;

	if (l->waiting)
		refuse(l, why);
	else
		link_stop(l, LNS_PPP_ADMIN, CAUSE_DHCP, why);
}

static void
assign_from_dhcp(struct ppp_link *l, struct dhcp *dhcp)
{
	static const struct dhcp_ops ops = { .got = on_lease,
		.lost = on_lease_lost };

	if (l->dhcp == NULL) {
		address_release(l);
		l->dhcp = dhcp_ask(dhcp, l->user, &ops, l);
	}
	l->wanted.s_addr = 0;
	l->waiting = !l->lease.held;
	if (l->dhcp != NULL)
		return;
	l->waiting = false;
	link_refuse(l, CAUSE_DHCP,
	    "cannot ask a DHCP server for an address: %s", strerror(errno));
}

void
address_assign(struct ppp_link *l)
{
	struct dhcp *dhcp = l->svc->dhcp[l->profile];

	if (l->grant.has_address)
		assign_own(l, l->grant.address);
	else if (dhcp != NULL && l->grant.pool == 0)
		assign_from_dhcp(l, dhcp);
	else
		assign_from_pool(l);
}
