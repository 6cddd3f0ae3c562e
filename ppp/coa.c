/* SPDX-License-Identifier: ISC */
/* Orders of RADIUS servers, by their sockets; contract in coa.h. */

#include "coa.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "loop.h"
#include "radius_socket.h"

/* Datagrams taken from one socket before others have their turn. */
#define BURST 16
/* RFC 5176 3.3 and 6.3: how far clocks may be apart. */
#define WINDOW_S 300
/* Orders that are remembered, in case they come again. */
#define RECENT 16

struct coa_socket {
	struct coa *coa;
	struct lns_addr at;
	int fd;
	struct loop_io *io;
};

/* RFC 5176 2.3: the same request gets the same reply. */
struct recent {
	struct lns_addr from;
	uint8_t id;
	uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN];
	uint8_t *reply; /* NULL: none */
	size_t len;
};

struct coa {
	const struct conf *conf;
	const struct coa_ops *ops;
	void *arg;
	struct coa_socket *sockets; /* one for each profile at most */
	size_t n;
	struct recent recent[RECENT];
	size_t next; /* of recent[] */
};

/* An order as it has come. */
struct order {
	struct coa_socket *socket;
	struct radius_view v;
	struct radius_ends ends;
	const char *secret;
	const struct conf_ppp *by; /* the first profile that it comes from */
};

static bool
same_endpoint(const struct lns_addr *a, const struct lns_addr *b)
{
	return a->family == b->family && a->port == b->port &&
	       memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

/* The secret by which the order is one of this profile's servers; NULL: it is
 * not. */
static const char *
secret_of(const struct order *o, const struct conf_radius *r)
{
	size_t i;

	if (!same_endpoint(&r->coa_listen, &o->socket->at))
		return NULL;
	for (i = 0; i < r->n_servers; i++)
		if (lns_same_ip(&r->servers[i], &o->ends.from) &&
		    radius_check_request(&o->v, r->secrets[i], false) ==
			RADIUS_GOOD)
			return r->secrets[i];
	return NULL;
}

static bool
authenticate(struct coa *c, struct order *o)
{
	size_t i;

	for (i = 0; i < c->conf->n_ppp && o->secret == NULL; i++) {
		o->secret = secret_of(o, &c->conf->ppp[i].radius);
		o->by = &c->conf->ppp[i];
	}
	return o->secret != NULL;
}

/* --- those that come again --- */

static struct recent *
find_recent(struct coa *c, const struct order *o)
{
	size_t i;

	for (i = 0; i < RECENT; i++) {
		struct recent *r = &c->recent[i];

		if (r->reply != NULL && r->id == o->v.id &&
		    same_endpoint(&r->from, &o->ends.from) &&
		    memcmp(r->authenticator, radius_authenticator(&o->v),
			sizeof(r->authenticator)) == 0)
			return r;
	}
	return NULL;
}

static void
remember(struct coa *c, const struct order *o, const struct radius_packet *p)
{
	struct recent *r = &c->recent[c->next];

	free(r->reply);
	memset(r, 0, sizeof(*r));
	r->reply = malloc(p->len);
	if (r->reply == NULL)
		return;
	memcpy(r->reply, p->octets, p->len);
	r->len = p->len;
	r->from = o->ends.from;
	r->id = o->v.id;
	memcpy(r->authenticator, radius_authenticator(&o->v),
	    sizeof(r->authenticator));
	c->next = (c->next + 1) % RECENT;
}

static void
send_reply(const struct order *o, const uint8_t *data, size_t len)
{
	if (radius_socket_reply(o->socket->fd, data, len, &o->ends) == -1)
		log_debug(
		    "radius", "cannot answer an order: %s", strerror(errno));
}

static void
reply(struct coa *c, const struct order *o, enum radius_error_cause error)
{
	struct radius_seal seal = { .secret = o->secret, .id = o->v.id };
	struct radius_request rq;
	struct radius_packet p;

	radius_from_order(&rq, &o->v, error);
	memcpy(seal.authenticator, radius_authenticator(&o->v),
	    sizeof(seal.authenticator));
	if (!radius_encode(&p, &rq, &seal))
		return;
	remember(c, o, &p);
	send_reply(o, p.octets, p.len);
}

/* --- orders --- */

/* On all sessions that it means, or on none. */
static enum radius_error_cause
carry_out(struct coa *c, const struct order *o, const struct radius_order *ro)
{
	size_t i, n = 0;

	for (i = 0; i < c->conf->n_ppp; i++)
		if (secret_of(o, &c->conf->ppp[i].radius) != NULL &&
		    !c->ops->can(c->arg, i, ro, &o->v))
			return RADIUS_UNSUPPORTED_ATTRIBUTE;
	for (i = 0; i < c->conf->n_ppp; i++)
		if (secret_of(o, &c->conf->ppp[i].radius) != NULL)
			n += c->ops->order(c->arg, i, ro, &o->v);
	return n > 0 ? 0 : RADIUS_NO_SUCH_SESSION;
}

static bool
is_stale(const struct radius_order *ro)
{
	const int64_t off_s = clock_wall_s() - (int64_t)ro->time_s;

	return ro->has_time && (off_s > WINDOW_S || off_s < -WINDOW_S);
}

static void
obey(struct coa *c, const struct order *o)
{
	const struct conf_radius *r = &o->by->radius;
	const char *what =
	    o->v.code == RADIUS_DISCONNECT_REQUEST ? "Disconnect" : "CoA";
	enum radius_error_cause error;
	struct radius_order ro;
	char text[LNS_ADDR_TEXT];

	error = radius_take_order(&ro, &o->v,
	    r->nas_identifier != NULL ? r->nas_identifier : c->conf->hostname);
	lns_addr_text(&o->ends.from, text);
	if (is_stale(&ro)) {
		log_info("radius",
		    "%s-Request from %s is too old or too new, "
		    "compare the clocks",
		    what, text);
		return;
	}
	if (error == 0)
		error = carry_out(c, o, &ro);
	log_info("radius", "%s-Request from %s: %s", what, text,
	    radius_error_text(error));
	reply(c, o, error);
}

static void
on_packet(struct coa *c, struct order *o)
{
	const struct recent *again;

	if (o->v.code != RADIUS_DISCONNECT_REQUEST &&
	    o->v.code != RADIUS_COA_REQUEST)
		return;
	if (!authenticate(c, o)) {
		log_debug("radius", "an order that nobody of ours has signed");
		return;
	}
	again = find_recent(c, o);
	if (again != NULL)
		send_reply(o, again->reply, again->len);
	else
		obey(c, o);
}

static void
on_readable(int fd, void *arg)
{
	struct coa_socket *s = arg;
	uint8_t buf[RADIUS_PACKET_MAX];
	ssize_t n;
	int i;

	for (i = 0; i < BURST; i++) {
		struct order o = { .socket = s };

		n = radius_socket_recv(fd, buf, sizeof(buf), &o.ends);
		if (n == -1)
			break;
		if (radius_view(&o.v, buf, (size_t)n))
			on_packet(s->coa, &o);
	}
}

/* --- life --- */

static bool
has_socket(const struct coa *c, const struct lns_addr *at)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (same_endpoint(&c->sockets[i].at, at))
			return true;
	return false;
}

static bool
add_socket(struct coa *c, const struct lns_addr *at)
{
	struct coa_socket *s = &c->sockets[c->n++];
	char text[LNS_ADDR_TEXT];

	s->coa = c;
	s->at = *at;
	s->fd = radius_socket_at(at);
	if (s->fd != -1)
		s->io = loop_io_new(s->fd, on_readable, s);
	if (s->io == NULL)
		log_warn("radius", "cannot listen on %s port %u",
		    lns_addr_text(at, text), at->port);
	return s->io != NULL;
}

struct coa *
coa_new(const struct conf *conf, const struct coa_ops *ops, void *arg)
{
	struct coa *c;
	size_t i;

	c = calloc(1, sizeof(*c));
	if (c != NULL)
		c->sockets = calloc(conf->n_ppp + 1, sizeof(*c->sockets));
	if (c == NULL || c->sockets == NULL) {
		log_warn("radius", "coa-listen");
		free(c);
		return NULL;
	}
	c->conf = conf;
	c->ops = ops;
	c->arg = arg;
	for (i = 0; i < conf->n_ppp; i++) {
		const struct lns_addr *at = &conf->ppp[i].radius.coa_listen;

		if (at->family == 0 || has_socket(c, at) || add_socket(c, at))
			continue;
		coa_free(c);
		return NULL;
	}
	return c;
}

bool
coa_reload(struct coa *c, const struct conf *next)
{
	size_t i;

	for (i = 0; i < next->n_ppp; i++) {
		const struct lns_addr *at = &next->ppp[i].radius.coa_listen;

		if (at->family != 0 && !has_socket(c, at))
			return false;
	}
	c->conf = next;
	return true;
}

void
coa_free(struct coa *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < c->n; i++) {
		loop_io_free(c->sockets[i].io);
		if (c->sockets[i].fd != -1)
			close(c->sockets[i].fd);
	}
	for (i = 0; i < RECENT; i++)
		free(c->recent[i].reply);
	free(c->sockets);
	free(c);
}
