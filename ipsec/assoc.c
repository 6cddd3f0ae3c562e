/* SPDX-License-Identifier: ISC */
/* Clients, SAs and sockets; contract in assoc.h. */

#include "assoc.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sadb.h"
#include "log.h"
#include "loop.h"
#include "policy.h"
#include "steer.h"
#include "xfrm_watch.h"

/* A new SA is used so late that the client, which may be the one to make it,
 * has it too; the old one works until then. */
#define REKEY_MS 1500
/* Between the end of a client's SAs and new ones, if it is about to make
 * them. */
#define LEAVE_MS 2000

struct ipsec_socket {
	struct assoc *assoc;
	struct client *client;
	LIST_ENTRY(ipsec_socket) entry; /* of the client's */
	TAILQ_ENTRY(ipsec_socket) turn; /* if due */
	struct lns_path path;
	struct mono due; /* when it takes the newest SA; MONO_NEVER */
	uint32_t spi;	 /* of the SA that it sends by */
	int fd;
	bool receives;
};

TAILQ_HEAD(socket_queue, ipsec_socket);
TAILQ_HEAD(client_queue, client);

struct assoc {
	struct assoc_ops ops;
	void *arg;
	struct sadb *sadb;
	struct steer *steer;
	struct xfrm_watch *watch;
	struct loop_timer *timer;
	struct socket_queue turning; /* by due */
	struct client_queue leaving; /* by leaves */
	struct lns_addr *locals;
	size_t n_locals;
	bool syncing;
	unsigned int n_sockets;
};

static bool
is_local(const struct assoc *a, const struct lns_addr *addr)
{
	size_t i;

	for (i = 0; i < a->n_locals; i++)
		if (lns_same_ip(&a->locals[i], addr))
			return true;
	return false;
}

static void
arm(struct assoc *a)
{
	struct ipsec_socket *s = TAILQ_FIRST(&a->turning);
	struct client *c = TAILQ_FIRST(&a->leaving);
	struct mono when = MONO_NEVER;

	if (s != NULL)
		when = s->due;
	if (c != NULL)
		when = mono_min(when, c->leaves);
	if (mono_is_never(when))
		loop_timer_stop(a->timer);
	else
		loop_timer_set(a->timer, mono_diff_ms(when, clock_now()));
}

/* --- the way out --- */

static void
cancel_turn(struct ipsec_socket *s)
{
	if (mono_is_never(s->due))
		return;
	TAILQ_REMOVE(&s->assoc->turning, s, turn);
	s->due = MONO_NEVER;
}

/* The socket sends by the client's newest SA from now on. */
static int
turn_now(struct ipsec_socket *s)
{
	const struct sa *sa = client_out(s->client, s->path.peer.port);
	struct policy p;

	cancel_turn(s);
	if (sa == NULL) {
		errno = ENOENT;
		return -1;
	}
	if (sa->info.spi == s->spi)
		return 0;
	policy_out(&p, &s->path, sa->info.reqid, sa->info.spi);
	if (policy_set(s->fd, &p) == -1)
		return -1;
	s->spi = sa->info.spi;
	return 0;
}

/* The SA that it sends by has gone.  Without another nothing is sent: the
 * kernel would ask pluto for an SA, which cannot make one, and keep a larval
 * one for half a minute. */
static void
turn_away(struct ipsec_socket *s)
{
	struct policy p;

	if (turn_now(s) == 0)
		return;
	s->spi = 0;
	policy_block(&p, s->path.local.family);
	if (policy_set(s->fd, &p) == -1)
		log_debug("ipsec", "socket policy: %s", strerror(errno));
}

static void
turn_later(struct ipsec_socket *s)
{
	if (!mono_is_never(s->due))
		return;
	s->due = mono_add_ms(clock_now(), REKEY_MS);
	TAILQ_INSERT_TAIL(&s->assoc->turning, s, turn);
}

/* --- the way in --- */

static bool
receives(const struct client *c)
{
	const struct ipsec_socket *s;

	LIST_FOREACH (s, &c->sockets, entry)
		if (s->receives)
			return true;
	return false;
}

static int
steer_in(struct assoc *a, const struct sa *sa)
{
	return steer_add(a->steer, &sa->info.dst, sa->info.spi, sa->client->n);
}

static void
unsteer(struct assoc *a, const struct sa *sa)
{
	steer_remove(a->steer, &sa->info.dst, sa->info.spi);
}

static int
steer_to(struct assoc *a, const struct client *c)
{
	const struct sa *sa;

	if (steer_client(a->steer, &c->local, c->n, true) == -1)
		return -1;
	TAILQ_FOREACH (sa, &c->in, entry)
		if (steer_in(a, sa) == -1)
			return -1;
	return 0;
}

static void
unsteer_client(struct assoc *a, const struct client *c)
{
	const struct sa *sa;

	TAILQ_FOREACH (sa, &c->in, entry)
		unsteer(a, sa);
	if (steer_client(a->steer, &c->local, c->n, false) == -1)
		log_debug("ipsec", "nftables: client: %s", strerror(errno));
}

/* By steer.h, what comes and, in IPv6, what goes has other addresses. */
static void
widen(struct assoc *a, const struct sa *sa)
{
	if (!sa->inbound && sa->info.dst.family != 6)
		return;
	if (xfrm_watch_widen(a->watch, &sa->info, sa->inbound) == -1 &&
	    errno != ESRCH)
		log_warn("ipsec", "client %u cannot be served: SA %08x",
		    sa->client->n, sa->info.spi);
}

/* --- events --- */

static void
stay(struct assoc *a, struct client *c)
{
	if (mono_is_never(c->leaves))
		return;
	TAILQ_REMOVE(&a->leaving, c, leaving);
	c->leaves = MONO_NEVER;
}

static void
drop_if_empty(struct assoc *a, struct client *c)
{
	if (client_is_protected(c) || !LIST_EMPTY(&c->sockets))
		return;
	stay(a, c);
	sadb_drop(a->sadb, c);
}

static void
sa_came(struct assoc *a, const struct sa_info *info)
{
	bool inbound = is_local(a, &info->dst);
	bool known = sadb_find_sa(a->sadb, &info->dst, info->spi) != NULL;
	struct ipsec_socket *s;
	struct sa *sa;

	if (!inbound && !is_local(a, &info->src))
		return;
	sa = sadb_add(a->sadb, info, inbound);
	if (sa == NULL) {
		log_warnx("ipsec", "no memory for another client");
		return;
	}
	sa->seen = true;
	if (known)
		return;
	stay(a, sa->client);
	/* Now, before the client knows that it has it. */
	widen(a, sa);
	if (inbound) {
		if (receives(sa->client) && steer_in(a, sa) == -1)
			log_warn("ipsec", "nftables: SA");
		return;
	}
	LIST_FOREACH (s, &sa->client->sockets, entry)
		if (s->spi != 0 || turn_now(s) == -1)
			turn_later(s);
}

static void
sa_went(struct assoc *a, struct sa *sa)
{
	struct client *c = sa->client;
	uint32_t spi = sa->info.spi;
	bool inbound = sa->inbound;
	struct ipsec_socket *s;

	if (inbound && receives(c))
		unsteer(a, sa);
	sadb_remove(a->sadb, sa);
	if (!inbound)
		LIST_FOREACH (s, &c->sockets, entry)
			if (s->spi == spi)
				turn_away(s);
	if (client_is_protected(c))
		return;
	if (!LIST_EMPTY(&c->sockets) && mono_is_never(c->leaves)) {
		c->leaves = mono_add_ms(clock_now(), LEAVE_MS);
		TAILQ_INSERT_TAIL(&a->leaving, c, leaving);
	}
	drop_if_empty(a, c);
}

/* A NAT has given the client another port: its SAs follow, so that the answer
 * finds it.  The kernel tells so with every packet until then. */
static void
sa_moved(struct assoc *a, const struct sa_info *info)
{
	struct sa *sa = sadb_find_sa(a->sadb, &info->dst, info->spi);
	struct client *c;

	if (sa == NULL || !sa->inbound)
		return;
	c = sa->client;
	if (c->addr.port == 0 || c->addr.port == info->encap_sport)
		return;
	log_debug("ipsec", "client %u moves from port %u to %u", c->n,
	    c->addr.port, info->encap_sport);
	sadb_move(a->sadb, c, info->encap_sport);
	TAILQ_FOREACH (sa, &c->in, entry)
		if (xfrm_watch_remap(a->watch, &sa->info) == -1)
			log_debug("ipsec", "UPDSA: %s", strerror(errno));
	TAILQ_FOREACH (sa, &c->out, entry)
		if (xfrm_watch_remap(a->watch, &sa->info) == -1)
			log_debug("ipsec", "UPDSA: %s", strerror(errno));
}

static void
on_event(void *arg, const struct xfrm_event *e)
{
	struct assoc *a = arg;
	struct sa *sa;

	switch (e->type) {
	case XFRM_EVENT_SA:
		sa_came(a, &e->sa);
		break;
	case XFRM_EVENT_GONE:
		sa = sadb_find_sa(a->sadb, &e->sa.dst, e->sa.spi);
		if (sa != NULL)
			sa_went(a, sa);
		break;
	case XFRM_EVENT_MAPPING:
		sa_moved(a, &e->sa);
		break;
	case XFRM_EVENT_NONE:
	case XFRM_EVENT_FLUSH:
		break;
	}
	if (!a->syncing)
		arm(a);
}

static void
forget(struct sa *sa, void *arg)
{
	(void)arg;
	sa->seen = false;
}

static void
sweep(struct sa *sa, void *arg)
{
	if (!sa->seen)
		sa_went(arg, sa);
}

static void
on_resync(void *arg, bool done)
{
	struct assoc *a = arg;

	a->syncing = !done;
	sadb_each(a->sadb, done ? sweep : forget, a);
	if (done)
		arm(a);
}

static void
timer_fired(void *arg)
{
	struct assoc *a = arg;
	struct mono now = clock_now();
	struct ipsec_socket *s;
	struct client *c;

	while (
	    (s = TAILQ_FIRST(&a->turning)) != NULL && !mono_before(now, s->due))
		(void)turn_now(s);
	while ((c = TAILQ_FIRST(&a->leaving)) != NULL &&
	       !mono_before(now, c->leaves)) {
		stay(a, c);
		a->ops.client_gone(a->arg, &c->addr, c->n);
	}
	arm(a);
}

/* --- interface --- */

struct assoc *
assoc_new(struct in_addr range, const struct assoc_ops *ops, void *arg)
{
	static const struct xfrm_watch_ops watch_ops = { .event = on_event,
		.resync = on_resync };
	struct assoc *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->ops = *ops;
	a->arg = arg;
	TAILQ_INIT(&a->turning);
	TAILQ_INIT(&a->leaving);
	a->sadb = sadb_new();
	a->timer = loop_timer_new(timer_fired, a);
	if (a->sadb != NULL && a->timer != NULL)
		a->steer = steer_new(range);
	if (a->steer != NULL)
		a->watch = xfrm_watch_new(&watch_ops, a);
	if (a->watch == NULL) {
		assoc_free(a);
		return NULL;
	}
	return a;
}

void
assoc_free(struct assoc *a)
{
	if (a == NULL)
		return;
	assert(a->n_sockets == 0);
	xfrm_watch_free(a->watch);
	steer_free(a->steer);
	sadb_free(a->sadb);
	loop_timer_free(a->timer);
	free(a->locals);
	free(a);
}

void
assoc_address(struct assoc *a, const struct lns_addr *addr, bool present)
{
	struct lns_addr *more;
	size_t i;

	steer_address(a->steer, addr, present);
	/* One that has gone stays known: its SAs are still ours. */
	if (!present || is_local(a, addr))
		return;
	more = reallocarray(a->locals, a->n_locals + 1, sizeof(*more));
	if (more == NULL) {
		log_warn("ipsec", "an address is left out");
		return;
	}
	a->locals = more;
	i = a->n_locals++;
	a->locals[i] = *addr;
	a->locals[i].port = 0;
	/* What was nobody's may now be a client's. */
	xfrm_watch_resync(a->watch);
}

static const struct sa *
find_inbound(const struct assoc *a, uint32_t spi)
{
	const struct sa *sa;
	size_t i;

	for (i = 0; i < a->n_locals; i++) {
		sa = sadb_find_sa(a->sadb, &a->locals[i], spi);
		if (sa != NULL && sa->inbound)
			return sa;
	}
	return NULL;
}

uint32_t
assoc_client_of(struct assoc *a, uint32_t spi)
{
	const struct sa *sa = find_inbound(a, spi);

	if (sa == NULL) {
		xfrm_watch_drain(a->watch);
		sa = find_inbound(a, spi);
	}
	return sa == NULL ? 0 : sa->client->n;
}

bool
assoc_client(struct assoc *a, struct lns_path *path, uint32_t mark)
{
	uint32_t spi = ntohl(mark);
	struct sa *sa = sadb_find_sa(a->sadb, &path->local, spi);

	/* The kernel has told of the SA, but not yet us. */
	if (sa == NULL) {
		xfrm_watch_drain(a->watch);
		sa = sadb_find_sa(a->sadb, &path->local, spi);
	}
	if (sa == NULL || !sa->inbound)
		return false;
	path->client = sa->client->n;
	return true;
}

/* Of the SAs from the socket's peer, those that are older than newest. */
static void
tell_stale(const struct ipsec_socket *s, const struct sa *newest, bool lost)
{
	const uint16_t port = s->path.peer.port;
	const struct sa *sa = newest;

	while ((sa = client_in(s->client, sa, port)) != NULL)
		s->assoc->ops.stale(s->assoc->arg, sa->info.spi, lost);
}

struct ipsec_socket *
assoc_socket_new(struct assoc *a, const struct lns_path *path, int fd,
    bool receives_too, struct lns_addr *bind_to)
{
	struct client *c = sadb_find(a->sadb, path->client);
	struct ipsec_socket *s;
	bool first = receives_too && c != NULL && !receives(c);
	struct policy p;

	if (c == NULL) {
		errno = ENOENT;
		return NULL;
	}
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->assoc = a;
	s->client = c;
	s->path = *path;
	s->due = MONO_NEVER;
	s->fd = fd;
	s->receives = receives_too;
	policy_in(&p, path->local.family);
	if (policy_set(fd, &p) == -1 || turn_now(s) == -1 ||
	    (first && steer_to(a, c) == -1)) {
		if (first)
			unsteer_client(a, c);
		free(s);
		return NULL;
	}
	/* It dials, and does not renew its keys at this moment of all. */
	if (receives_too)
		tell_stale(s, client_in(c, NULL, path->peer.port), false);
	LIST_INSERT_HEAD(&c->sockets, s, entry);
	a->n_sockets++;
	*bind_to = path->local;
	if (receives_too || path->local.family == 4)
		steer_client_addr(
		    a->steer, &path->local, receives_too ? c->n : 0, bind_to);
	return s;
}

void
assoc_socket_lost(struct ipsec_socket *s)
{
	/* Another program of the client may have a tunnel by the same SA. */
	if (s != NULL &&
	    LIST_NEXT(LIST_FIRST(&s->client->sockets), entry) == NULL)
		tell_stale(s, NULL, true);
}

bool
assoc_socket_in_udp(const struct ipsec_socket *s)
{
	return s != NULL && s->client->addr.port != 0;
}

void
assoc_socket_free(struct ipsec_socket *s)
{
	struct assoc *a;
	struct client *c;
	bool received;

	if (s == NULL)
		return;
	a = s->assoc;
	c = s->client;
	received = s->receives;
	cancel_turn(s);
	LIST_REMOVE(s, entry);
	a->n_sockets--;
	free(s);
	if (received && !receives(c))
		unsteer_client(a, c);
	drop_if_empty(a, c);
	arm(a);
}

bool
assoc_view_client(const struct assoc *a, uint32_t client, struct lns_addr *addr)
{
	const struct client *c = sadb_find(a->sadb, client);

	if (c == NULL)
		return false;
	*addr = c->addr;
	return true;
}

struct view {
	void (*fn)(void *arg, const struct ipsec_sa_view *);
	void *arg;
};

static void
view_sa(struct sa *sa, void *arg)
{
	const struct view *view = arg;
	const struct ipsec_sa_view v = { .local = sa->client->local,
		.peer = sa->client->addr,
		.spi = sa->info.spi,
		.reqid = sa->info.reqid,
		.client = sa->client->n,
		.inbound = sa->inbound };

	view->fn(view->arg, &v);
}

void
assoc_view_sas(const struct assoc *a,
    void (*fn)(void *arg, const struct ipsec_sa_view *), void *arg)
{
	struct view view = { fn, arg };

	sadb_each(a->sadb, view_sa, &view);
}
