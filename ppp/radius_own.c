/* SPDX-License-Identifier: ISC */
/* RADIUS and what is the configuration's own; contract in radius_own.h. */

#include "radius_own.h"

#include <string.h>
#include <arpa/inet.h>

struct compared {
	const struct conf *conf;
	const struct conf_ppp *ppp;
	radius_unheeded_fn unheeded;
	void *arg;
};

static void
tell(const struct compared *c, uint8_t type)
{
	const struct radius_attr a = { .type = type };

	c->unheeded(c->arg, &a);
}

/* --- IPv6 --- */

/* What is ours to give, or another's, is not given: both would have it. */
static bool
is_our_prefix(const struct conf *conf, const struct conf_prefix *p)
{
	size_t i;

	for (i = 0; i < conf->n_ppp; i++)
		if (conf->ppp[i].ipv6_pool.len != 0 &&
		    conf_prefixes_overlap(p, &conf->ppp[i].ipv6_pool))
			return true;
	for (i = 0; i < conf->n_users; i++)
		if (conf->users[i].ipv6_prefix.len != 0 &&
		    conf_prefixes_overlap(p, &conf->users[i].ipv6_prefix))
			return true;
	return false;
}

static bool
may_have(const struct compared *c, const struct conf_prefix *p)
{
	return c->ppp->ipv6_pool.len != 0 && !is_our_prefix(c->conf, p);
}

static void
compare_ipv6(const struct compared *c, struct grant *g)
{
	size_t i, n = 0;

	if (g->ipv6_prefix.len != 0 && !may_have(c, &g->ipv6_prefix)) {
		g->ipv6_prefix.len = 0;
		tell(c, RADIUS_FRAMED_IPV6_PREFIX);
	}
	for (i = 0; i < g->n_routes6; i++) {
		if (may_have(c, &g->routes6[i]))
			g->routes6[n++] = g->routes6[i];
		else
			tell(c, RADIUS_DELEGATED_IPV6_PREFIX);
	}
	g->n_routes6 = n;
}

/* --- IPv4 --- */

static uint32_t
mask_of(unsigned int bits)
{
	return ~0u << (32 - bits);
}

static bool
covers(const struct conf_route *r, struct in_addr a)
{
	return a.s_addr != INADDR_ANY &&
	       ((ntohl(a.s_addr) ^ ntohl(r->network.s_addr)) &
		   mask_of(r->bits)) == 0;
}

static bool
overlaps_pool(const struct conf_route *r, const struct conf_ppp *ppp)
{
	const uint32_t first = ntohl(r->network.s_addr);
	const uint32_t last = first | ~mask_of(r->bits);
	size_t i;

	for (i = 0; i < ppp->n_pool; i++)
		if (first <= ntohl(ppp->pool[i].last.s_addr) &&
		    last >= ntohl(ppp->pool[i].first.s_addr))
			return true;
	return false;
}

/* As of the routes of a user in the configuration: who has it would get what is
 * for this machine, or for others. */
static bool
is_our_network(const struct conf *conf, const struct conf_route *r)
{
	const uint32_t range = ntohl(conf->ipsec.client_range.s_addr);
	struct in_addr a;
	size_t i;

	for (i = 0; i < conf->n_listen; i++) {
		memcpy(&a, conf->listen[i].ip, sizeof(a));
		if (conf->listen[i].family == 4 && covers(r, a))
			return true;
	}
	for (i = 0; i < conf->n_ppp; i++)
		if (covers(r, conf->ppp[i].local_address) ||
		    overlaps_pool(r, &conf->ppp[i]))
			return true;
	for (i = 0; i < conf->n_users && r->bits == 32; i++)
		if (conf->users[i].has_address &&
		    covers(r, conf->users[i].address))
			return true;
	return conf->ipsec.mode != CONF_IPSEC_OFF &&
	       ((range ^ ntohl(r->network.s_addr)) & mask_of(r->bits) &
		   0xffff0000u) == 0;
}

static void
compare_routes(const struct compared *c, struct grant *g)
{
	size_t i, n = 0;

	for (i = 0; i < g->n_routes; i++) {
		if (!is_our_network(c->conf, &g->routes[i]))
			g->routes[n++] = g->routes[i];
		else
			tell(c, RADIUS_FRAMED_ROUTE);
	}
	g->n_routes = n;
}

static void
add_network(const struct compared *c, struct radius_answer *a)
{
	struct grant *g = &a->grant;
	struct conf_route r = { g->address, a->network_bits };

	if (a->network_bits == 0)
		return;
	r.network.s_addr &= htonl(mask_of(r.bits));
	if (g->address_is_told && g->n_routes < nitems(g->routes) &&
	    !is_our_network(c->conf, &r))
		g->routes[g->n_routes++] = r;
	else
		tell(c, RADIUS_FRAMED_IP_NETMASK);
}

/* --- names of pools --- */

/* RFC 2869 5.18: a name that the NAS has given to it.  1 + the profile's index;
 * 0: there is none. */
static size_t
find_pool(const struct conf *conf, const char *name, bool six)
{
	size_t i;

	for (i = 0; i < conf->n_ppp; i++)
		if (strcmp(conf->ppp[i].name, name) == 0 &&
		    (six ? conf->ppp[i].ipv6_pool.len : conf->ppp[i].n_pool) !=
			0)
			return i + 1;
	return 0;
}

static void
find_pools(const struct compared *c, struct radius_answer *a)
{
	if (a->pool[0] != '\0') {
		a->grant.pool = find_pool(c->conf, a->pool, false);
		if (a->grant.pool == 0)
			tell(c, RADIUS_FRAMED_POOL);
	}
	if (a->pool6[0] != '\0') {
		if (c->ppp->ipv6_pool.len != 0)
			a->grant.pool6 = find_pool(c->conf, a->pool6, true);
		if (a->grant.pool6 == 0)
			tell(c, RADIUS_FRAMED_IPV6_POOL);
	}
}

void
radius_compare_own(const struct conf *conf, const struct conf_ppp *ppp,
    struct radius_answer *a, radius_unheeded_fn unheeded, void *arg)
{
	const struct compared c = { conf, ppp, unheeded, arg };

	compare_routes(&c, &a->grant);
	add_network(&c, a);
	compare_ipv6(&c, &a->grant);
	find_pools(&c, a);
}
