/* SPDX-License-Identifier: ISC */
/* IPv6 of links; contract in link6.h. */

#include "link6.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "lease6.h"
#include "link.h"
#include "log.h"
#include "radv.h"
#include "reserve.h"
#include "route6.h"
#include "source6.h"
#include "worker.h"

struct link6_service {
	const struct conf *conf;
	struct leases6 *leases;
	/* NULL: no profile has IPv6. */
	struct radv *radv;
	struct source6 *sources;
};

/* Of the loop are link and lease, of the worker the others. */
struct link6_job {
	struct ppp_link *link; /* NULL: it has ended, */
	struct ppp_service *svc;
	struct lease6 *lease; /* and this is given back later */
	unsigned int ifindex;
	/* The first is the prefix of the link. */
	struct conf_prefix routes[1 + GRANT_ROUTES6_MAX];
	int errors[1 + GRANT_ROUTES6_MAX]; /* errno, or 0 */
	size_t n;
};

static void want_prefix(struct ppp_link *);

/* --- prefixes --- */

static size_t
pool_index(const struct ppp_link *l)
{
	return l->grant.pool6 != 0 ? l->grant.pool6 - 1 : l->profile;
}

/* NULL: none is left (or no memory). */
static struct lease6 *
take(struct ppp_link *l)
{
	const struct conf_prefix *own = &l->grant.ipv6_prefix;
	struct leases6 *all = l->svc->ipv6->leases;

	if (own->len == 0)
		return lease6_take(all, pool_index(l), l->user);
	if (reserved_prefix(l->svc, own, l->user))
		return NULL;
	return lease6_take_own(all, own);
}

#define PREFIX_TEXT (INET6_ADDRSTRLEN + 4)

static const char *
prefix_text(const struct conf_prefix *p, char buf[PREFIX_TEXT])
{
	char ip[INET6_ADDRSTRLEN];

	inet_ntop(AF_INET6, &p->address, ip, sizeof(ip));
	snprintf(buf, PREFIX_TEXT, "%s/%u", ip, p->len);
	return buf;
}

/* What somebody else has of it stays with him. */
static void
take_networks(struct ppp_link *l)
{
	struct lease6 *lease = l->v6.lease;
	char text[PREFIX_TEXT];
	size_t i;

	lease->n_behind = 0;
	for (i = 0; i < l->grant.n_routes6; i++) {
		const struct conf_prefix *p = &l->grant.routes6[i];

		if (reserved_prefix(l->svc, p, l->user) ||
		    !lease6_add_network(l->svc->ipv6->leases, lease, p))
			log_info("ppp",
			    "no route to %s behind '%s', somebody has it",
			    prefix_text(p, text), l->user);
	}
}

/* Whoever waits for one tries again. */
static void
give(struct ppp_service *svc, struct lease6 *lease)
{
	struct ppp_link *o, *next;

	lease6_give(svc->ipv6->leases, lease);
	for (o = TAILQ_FIRST(&svc->links); o != NULL; o = next) {
		next = TAILQ_NEXT(o, entry);
		if (o->v6.waiting && o->stop_cause == NULL)
			want_prefix(o);
	}
}

static void
release(struct ppp_link *l)
{
	struct lease6 *lease = l->v6.lease;

	l->v6.lease = NULL;
	if (l->v6.job != NULL) {
		/* It could take the route from whoever gets the prefix next. */
		l->v6.job->link = NULL;
		l->v6.job->lease = lease;
		l->v6.job = NULL;
	} else if (lease != NULL) {
		give(l->svc, lease);
	}
}

/* --- route and router --- */

static void
report(struct ppp_link *l)
{
	const struct ppp_ipv6_up up = {
		.local = l->v6.local,
		.remote = l->v6.remote,
		.prefix = l->v6.lease != NULL ? &l->v6.lease->prefix : NULL,
	};

	l->ops->ipv6_up(l->arg, &up);
}

static void
start_router(struct ppp_link *l)
{
	struct radv_spec spec = {
		.ifindex = l->v6.ifindex,
		.source = l->v6.local,
		.prefix = l->v6.lease->prefix,
		.mtu = l->v6.mtu,
		.n_dns = l->grant.n_dns6,
	};

	memcpy(spec.dns, l->grant.dns6, sizeof(spec.dns));
	radv_stop(l->v6.radv);
	l->v6.radv = radv_start(l->svc->ipv6->radv, &spec);
	if (l->v6.radv == NULL)
		log_warnx(
		    "ppp", "no memory for the IPv6 router of '%s'", l->user);
}

static void
route_work(void *arg)
{
	struct link6_job *j = arg;
	size_t i;

	for (i = 0; i < j->n; i++)
		if (route6_add(j->ifindex, &j->routes[i]) == -1)
			j->errors[i] = errno;
}

/* Whether the client has a way; that it has gone again is no trouble. */
static bool
has_route(const struct ppp_link *l, const struct link6_job *j)
{
	char text[PREFIX_TEXT];
	size_t i;

	for (i = 0; i < j->n; i++) {
		errno = j->errors[i];
		if (errno != 0 && errno != ENODEV && errno != ENETDOWN)
			log_warn("ppp", "no route to %s for '%s'",
			    prefix_text(&j->routes[i], text), l->user);
	}
	return j->errors[0] == 0;
}

static void
route_done(void *arg)
{
	struct link6_job j = *(struct link6_job *)arg;
	struct ppp_link *l = j.link;

	free(arg);
	if (l == NULL) {
		give(j.svc, j.lease);
		return;
	}
	l->v6.job = NULL;
	if (!l->v6.up)
		return;
	if (l->v6.again) {
		want_prefix(l);
	} else if (has_route(l, &j)) {
		start_router(l);
		report(l);
	}
}

static void
begin_job(struct link6_job *j, struct ppp_link *l)
{
	const struct lease6 *lease = l->v6.lease;

	j->link = l;
	j->svc = l->svc;
	j->ifindex = l->v6.ifindex;
	j->routes[0] = (struct conf_prefix){ lease->prefix, 64 };
	memcpy(j->routes + 1, lease->behind, sizeof(lease->behind));
	j->n = 1 + lease->n_behind;
}

static void
set_route(struct ppp_link *l)
{
	struct link6_job *j;

	l->v6.again = l->v6.job != NULL;
	if (l->v6.again)
		return;
	take_networks(l);
	j = calloc(1, sizeof(*j));
	if (j != NULL) {
		begin_job(j, l);
		if (worker_submit(route_work, route_done, j) == 0) {
			l->v6.job = j;
			return;
		}
		free(j);
	}
	log_warnx("ppp", "no memory for the IPv6 route to '%s'", l->user);
}

static void
want_prefix(struct ppp_link *l)
{
	bool waited = l->v6.waiting;

	if (l->v6.lease == NULL)
		l->v6.lease = take(l);
	l->v6.waiting = l->v6.lease == NULL;
	if (!l->v6.waiting) {
		set_route(l);
		return;
	}
	if (waited)
		return;
	if (l->grant.ipv6_prefix.len != 0)
		log_info("ppp",
		    "the IPv6 prefix of '%s' is still in use on another link",
		    l->user);
	else
		log_info("ppp",
		    "no prefix left in ipv6-pool of ppp \"%s\" for '%s'",
		    l->svc->conf->ppp[pool_index(l)].name, l->user);
	report(l);
}

/* --- what pppd says --- */

static bool
is_anothers(const struct ppp_link *l, unsigned int ifindex)
{
	const struct ppp_link *o;

	TAILQ_FOREACH (o, &l->svc->links, entry)
		if (o != l && o->v6.up && o->v6.ifindex == ifindex)
			return true;
	return false;
}

/* Not one of the LAN, whatever pppd calls its own. */
static bool
is_point_to_point(const char *ifname)
{
	struct ifreq ifr = { 0 };
	bool ok;
	int fd;

	fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return false;
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifname);
	ok = ioctl(fd, SIOCGIFFLAGS, &ifr) == 0 &&
	     (ifr.ifr_flags & IFF_POINTOPOINT) != 0;
	close(fd);
	return ok;
}

/* Who is at the other end may have said anew who he is. */
static bool
still_fits(const struct ppp_link *l)
{
	const struct conf_prefix *own = &l->grant.ipv6_prefix;
	const struct lease6 *lease = l->v6.lease;

	if (lease == NULL)
		return true;
	return own->len == 0
		   ? lease6_is_of_pool(lease, pool_index(l))
		   : IN6_ARE_ADDR_EQUAL(&lease->prefix, &own->address);
}

static void
link_local(struct in6_addr *a, const uint8_t id[WIRE_IPV6_ID_LEN])
{
	*a = (struct in6_addr){ .s6_addr = { 0xfe, 0x80 } };
	memcpy(a->s6_addr + 8, id, WIRE_IPV6_ID_LEN);
}

bool
link6_up(struct ppp_link *l, const struct wire_ipv6_up *w)
{
	unsigned int ifindex = if_nametoindex(w->ifname);

	if (ifindex == 0 || l->stop_cause != NULL) /* it is going */
		return true;
	if (profile_of(l)->ipv6_pool.len == 0 || !l->lease.held ||
	    is_anothers(l, ifindex) || !is_point_to_point(w->ifname))
		return false;
	if (!still_fits(l))
		release(l);
	l->v6.up = true;
	l->v6.ifindex = ifindex;
	l->v6.mtu = w->mtu;
	link_local(&l->v6.local, w->local);
	link_local(&l->v6.remote, w->remote);
	radv_stop(l->v6.radv);
	l->v6.radv = NULL;
	want_prefix(l);
	return true;
}

void
link6_down(struct ppp_link *l)
{
	radv_stop(l->v6.radv);
	l->v6.radv = NULL;
	l->v6.up = false;
	l->v6.waiting = false;
	/* It will not come up again, and somebody may wait. */
	if (l->stop_cause != NULL)
		release(l);
}

void
link6_end(struct ppp_link *l)
{
	link6_down(l);
	release(l);
}

/* --- life --- */

bool
link6_service_reserve(struct link6_service *s, const struct conf_users *more)
{
	return leases6_reserve(s->leases, more);
}

bool
link6_service_make_room(struct link6_service *s, size_t n_ppp)
{
	return leases6_make_room(s->leases, n_ppp);
}

void
link6_service_reload(struct link6_service *s, const struct conf *next)
{
	s->conf = next;
	leases6_reload(s->leases, next);
}

static bool
wants_ipv6(const struct conf *conf)
{
	size_t i;

	for (i = 0; i < conf->n_ppp; i++)
		if (conf->ppp[i].ipv6_pool.len != 0)
			return true;
	return false;
}

/* Whether to forward is the administrator's: it changes what the machine
 * itself believes of the routers around it. */
static void
check_forwarding(void)
{
	int fd = open(
	    "/proc/sys/net/ipv6/conf/all/forwarding", O_RDONLY | O_CLOEXEC);
	char value = '0';

	if (fd != -1 && read(fd, &value, 1) != 1)
		value = '0';
	if (fd != -1)
		close(fd);
	if (value == '0')
		log_warnx("ppp",
		    "net.ipv6.conf.all.forwarding is off: over IPv6 clients "
		    "reach nothing behind this server");
}

static void
refuse_pools(const struct link6_service *s, bool add)
{
	const struct conf_ppp *ppp;
	size_t i;

	for (i = 0; i < s->conf->n_ppp; i++) {
		ppp = &s->conf->ppp[i];
		if (ppp->ipv6_pool.len != 0 &&
		    route6_refuse(&ppp->ipv6_pool, add) == -1)
			log_warn("ppp",
			    "the route that ends the ipv6-pool of ppp \"%s\"",
			    ppp->name);
	}
}

static bool
begin(struct link6_service *s)
{
	check_forwarding();
	s->sources = source6_new();
	if (s->sources == NULL) {
		log_warn(
		    "ppp", "cannot have the kernel check the sources of IPv6");
		return false;
	}
	s->radv = radv_new();
	if (s->radv == NULL) {
		log_warn(
		    "ppp", "cannot open a socket for router advertisements");
		return false;
	}
	refuse_pools(s, true);
	return true;
}

struct link6_service *
link6_service_new(const struct conf *conf)
{
	struct link6_service *s;

	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->conf = conf;
	s->leases = leases6_new(conf);
	if (s->leases != NULL && (!wants_ipv6(conf) || begin(s)))
		return s;
	link6_service_free(s);
	return NULL;
}

void
link6_service_free(struct link6_service *s)
{
	if (s == NULL)
		return;
	if (s->radv != NULL)
		refuse_pools(s, false);
	leases6_free(s->leases);
	radv_free(s->radv);
	source6_free(s->sources);
	free(s);
}

const struct in6_addr *
link6_prefix(const struct ppp_link *l)
{
	return l->v6.lease == NULL ? NULL : &l->v6.lease->prefix;
}

bool
link6_pool_use(const struct link6_service *s, size_t profile, uint64_t *size,
    uint64_t *used, uint64_t *left)
{
	return leases6_pool_use(s->leases, profile, size, used, left);
}
