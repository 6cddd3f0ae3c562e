/* SPDX-License-Identifier: ISC */
/*
 * What the kernel has for a link besides pppd's interface; contract in link.h.
 * All of it goes with the interface, or is named by its index, which no other
 * interface gets.
 */

#include "link.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <arpa/inet.h>

#include "clamp.h"
#include "hook.h"
#include "log.h"
#include "rate.h"
#include "routes.h"
#include "worker.h"

/* For a thread: the kernel's lock of all interfaces is held for long by those
 * who close one. */
struct link_setup {
	struct ppp_link *link; /* not for the thread; NULL: has ended */
	uint32_t ifindex;
	char user[WIRE_NAME_MAX + 1];
	struct rate_limit rate;
	bool sets_rate;
	int rate_error; /* errno, or 0 */
	struct conf_route routes[CONF_ROUTES_MAX];
	int route_errors[CONF_ROUTES_MAX];
	size_t n_routes;
};

static void begin_setup(struct ppp_link *);

static bool
is_clamped(const struct ppp_link *l)
{
	return l->svc->clamp != NULL && l->ifindex != 0 &&
	       profile_of(l)->mss_clamp;
}

static void
set_up(void *arg)
{
	struct link_setup *s = arg;
	size_t i;

	if (s->sets_rate && rate_set(s->ifindex, &s->rate) == -1)
		s->rate_error = errno;
	for (i = 0; i < s->n_routes; i++)
		if (routes_add(s->ifindex, &s->routes[i]) == -1)
			s->route_errors[i] = errno;
}

static void printf_like(3, 4)
    log_failure(const struct link_setup *s, int error, const char *fmt, ...)
{
	char what[64];
	va_list ap;

	if (error == 0)
		return;
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	errno = error;
	/* The interface may have gone again. */
	if (error == ENODEV || error == ENETDOWN)
		log_debug("ppp", "no %s for '%s'", what, s->user);
	else
		log_warn("ppp", "no %s for '%s'", what, s->user);
}

static void
log_failures(const struct link_setup *s)
{
	char network[INET_ADDRSTRLEN];
	size_t i;

	log_failure(s, s->rate_error, "limit of the rate");
	for (i = 0; i < s->n_routes; i++)
		log_failure(s, s->route_errors[i], "route to %s/%u",
		    inet_ntop(AF_INET, &s->routes[i].network, network,
			sizeof(network)),
		    s->routes[i].bits);
}

/* Once in a session, also when IP comes up again. */
static void
run_hook(struct ppp_link *l)
{
	const struct hook_session s = { .ppp = profile_of(l),
		.user = l->user,
		.ifname = l->ifname,
		.peer = l->from,
		.local = profile_of(l)->local_address,
		.remote = l->lease.address,
		.filter = l->grant.filter };

	if (l->hook == NULL)
		l->hook = hook_up(l->svc->hooks, &s);
}

static void
is_set_up(void *arg)
{
	struct link_setup *s = arg;
	struct ppp_link *l = s->link;

	log_failures(s);
	free(s);
	if (l == NULL)
		return;
	l->setup = NULL;
	if (l->setup_again)
		begin_setup(l);
	else
		run_hook(l);
}

static bool
is_limited(const struct rate_limit *r)
{
	return r->up_kbit != 0 || r->down_kbit != 0;
}

static void
begin_setup(struct ppp_link *l)
{
	struct link_setup *s;

	l->setup_again = l->setup != NULL;
	if (l->setup != NULL)
		return;
	s = calloc(1, sizeof(*s));
	if (s != NULL) {
		s->link = l;
		s->ifindex = l->ifindex;
		snprintf(s->user, sizeof(s->user), "%s", l->user);
		s->rate = l->grant.rate;
		/* What was set before, for somebody else, goes. */
		s->sets_rate = l->was_limited || is_limited(&s->rate);
		l->was_limited = is_limited(&s->rate);
		if (l->setup_routes)
			s->n_routes = l->grant.n_routes;
		memcpy(s->routes, l->grant.routes, sizeof(s->routes));
		l->setup_routes = false;
		if (worker_submit(set_up, is_set_up, s) == 0) {
			l->setup = s;
			return;
		}
	}
	free(s);
	log_warn("ppp", "no routes and no limit for '%s'", l->user);
	run_hook(l);
}

void
link_net_up(struct ppp_link *l)
{
	if (is_clamped(l) &&
	    clamp_interface(l->svc->clamp, l->ifindex, true) == -1)
		log_warn("ppp", "mss-clamp for '%s'", l->user);
	if (l->ifindex != 0 && (l->grant.n_routes > 0 || l->was_limited ||
				   is_limited(&l->grant.rate))) {
		l->setup_routes = true;
		begin_setup(l);
	} else {
		run_hook(l);
	}
}

void
link_net_limit(struct ppp_link *l)
{
	if (l->ifindex != 0)
		begin_setup(l);
}

void
link_net_down(struct ppp_link *l, const struct ppp_end *end)
{
	if (is_clamped(l) &&
	    clamp_interface(l->svc->clamp, l->ifindex, false) == -1)
		log_warn("ppp", "mss-clamp for '%s'", l->user);
	l->ifindex = 0;
	if (l->setup != NULL)
		l->setup->link = NULL;
	l->setup = NULL;
	hook_down(l->hook, end);
	l->hook = NULL;
}
