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

/* Both begin with the same bits as far as the shorter goes. */
static bool
overlap(const struct conf_prefix *a, const struct conf_prefix *b)
{
	unsigned int len = a->len < b->len ? a->len : b->len, bit;

	for (bit = 0; bit < len; bit++)
		if (((a->address.s6_addr[bit / 8] ^
			 b->address.s6_addr[bit / 8]) >>
			(7 - bit % 8)) &
		    1)
			return false;
	return true;
}

/* What is ours to give, or another's, is not given: both would have it. */
static bool
is_our_prefix(const struct conf *conf, const struct conf_prefix *p)
{
	size_t i;

	for (i = 0; i < conf->n_ppp; i++)
		if (conf->ppp[i].ipv6_pool.len != 0 &&
		    overlap(p, &conf->ppp[i].ipv6_pool))
			return true;
	for (i = 0; i < conf->n_users; i++)
		if (conf->users[i].ipv6_prefix.len != 0 &&
		    overlap(p, &conf->users[i].ipv6_prefix))
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

	compare_ipv6(&c, &a->grant);
	find_pools(&c, a);
}
