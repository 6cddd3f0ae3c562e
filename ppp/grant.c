/* SPDX-License-Identifier: ISC */
/* What a user gets; contract in grant.h. */

#include "grant.h"

#include <limits.h>
#include <string.h>

void
grant_of_profile(struct grant *g, const struct conf_ppp *ppp)
{
	memset(g, 0, sizeof(*g));
	g->one_login = ppp->one_login_per_user;
	memcpy(g->dns, ppp->dns, sizeof(g->dns));
	memcpy(g->wins, ppp->wins, sizeof(g->wins));
	memcpy(g->dns6, ppp->dns6, sizeof(g->dns6));
	g->n_dns6 = ppp->n_dns6;
	g->rate.up_kbit = ppp->rate_up.kbit;
	g->rate.down_kbit = ppp->rate_down.kbit;
	g->idle_timeout_s = ppp->idle_timeout_s;
	g->session_timeout_s = ppp->session_timeout_s;
}

void
grant_of_user(
    struct grant *g, const struct conf_ppp *ppp, const struct conf_user *user)
{
	grant_of_profile(g, ppp);
	g->max_sessions = user->max_sessions;
	g->has_address = user->has_address;
	g->address = user->address;
	g->ipv6_prefix = user->ipv6_prefix;
	memcpy(g->routes, user->routes, sizeof(g->routes));
	g->n_routes = user->n_routes;
	if (user->rate_up.given)
		g->rate.up_kbit = user->rate_up.kbit;
	if (user->rate_down.given)
		g->rate.down_kbit = user->rate_down.kbit;
	/* An address, a prefix or a network can be in one place only. */
	if (user->has_address || user->ipv6_prefix.len != 0 ||
	    user->n_routes > 0)
		g->one_login = true;
}

static void
write_two(uint32_t to[2], const struct in_addr from[2])
{
	to[0] = from[0].s_addr;
	to[1] = from[1].s_addr != 0 ? from[1].s_addr : from[0].s_addr;
}

/* pppd keeps seconds in an int. */
static uint32_t
seconds(unsigned int s)
{
	return s < INT_MAX ? s : INT_MAX;
}

void
grant_write(const struct grant *g, struct wire_verdict *v)
{
	write_two(v->dns, g->dns);
	write_two(v->wins, g->wins);
	v->idle_s = seconds(g->idle_timeout_s);
	v->session_s = seconds(g->session_timeout_s);
}
