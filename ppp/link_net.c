/* SPDX-License-Identifier: ISC */
/*
 * What the kernel has for a link besides pppd's interface; contract in link.h.
 * All of it goes with the interface, or is named by its index, which no other
 * interface gets.
 */

#include "link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <arpa/inet.h>

#include "clamp.h"
#include "log.h"
#include "routes.h"
#include "worker.h"

/* For a thread: the kernel's lock of all interfaces is held for long by those
 * who close one.  Needs nothing of the link, which may end meanwhile. */
struct setup {
	uint32_t ifindex;
	char user[WIRE_NAME_MAX + 1];
	struct conf_route routes[CONF_ROUTES_MAX];
	int route_errors[CONF_ROUTES_MAX];
	size_t n_routes;
};

static bool
is_clamped(const struct ppp_link *l)
{
	return l->svc->clamp != NULL && l->ifindex != 0 &&
	       profile_of(l)->mss_clamp;
}

static void
set_up(void *arg)
{
	struct setup *s = arg;
	size_t i;

	for (i = 0; i < s->n_routes; i++)
		if (routes_add(s->ifindex, &s->routes[i]) == -1)
			s->route_errors[i] = errno;
}

static void
log_route(const struct setup *s, size_t i)
{
	char network[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &s->routes[i].network, network, sizeof(network));
	errno = s->route_errors[i];
	/* The interface may have gone again. */
	if (errno == ENODEV || errno == ENETDOWN)
		log_debug("ppp", "no route to %s/%u for '%s'", network,
		    s->routes[i].bits, s->user);
	else
		log_warn("ppp", "no route to %s/%u for '%s'", network,
		    s->routes[i].bits, s->user);
}

static void
is_set_up(void *arg)
{
	struct setup *s = arg;
	size_t i;

	for (i = 0; i < s->n_routes; i++)
		if (s->route_errors[i] != 0)
			log_route(s, i);
	free(s);
}

static void
begin_setup(const struct ppp_link *l)
{
	struct setup *s = calloc(1, sizeof(*s));

	if (s != NULL) {
		s->ifindex = l->ifindex;
		snprintf(s->user, sizeof(s->user), "%s", l->user);
		s->n_routes = l->grant.n_routes;
		memcpy(s->routes, l->grant.routes, sizeof(s->routes));
		if (worker_submit(set_up, is_set_up, s) == 0)
			return;
	}
	free(s);
	log_warn("ppp", "no routes for '%s'", l->user);
}

void
link_net_up(struct ppp_link *l)
{
	if (is_clamped(l) &&
	    clamp_interface(l->svc->clamp, l->ifindex, true) == -1)
		log_warn("ppp", "mss-clamp for '%s'", l->user);
	if (l->ifindex != 0 && l->grant.n_routes > 0)
		begin_setup(l);
}

void
link_net_down(struct ppp_link *l)
{
	if (is_clamped(l) &&
	    clamp_interface(l->svc->clamp, l->ifindex, false) == -1)
		log_warn("ppp", "mss-clamp for '%s'", l->user);
	l->ifindex = 0;
}
