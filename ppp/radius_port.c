/* SPDX-License-Identifier: ISC */
/* RADIUS over sockets; contract in radius_port.h. */

#include "radius_port.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/queue.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "log.h"
#include "loop.h"
#include "radius_client.h"
#include "radius_socket.h"

/* Datagrams taken from one socket before others have their turn. */
#define BURST 16

struct call {
	LIST_ENTRY(call) entry;
	uint64_t handle;
	radius_done_fn done;
	void *arg;
};

LIST_HEAD(call_list, call);

struct lane {
	struct radius_port *port;
	size_t server, number;
	int fd; /* -1: not needed yet */
	struct loop_io *io;
};

struct radius_port {
	struct radius_port_spec spec;
	struct lns_addr servers[RADIUS_SERVERS_MAX];
	struct radius_client *client;
	struct lane lanes[RADIUS_SERVERS_MAX][RADIUS_LANES_MAX];
	struct loop_timer *timer;
	struct call_list calls;
	bool draining;
};

_Static_assert(CONF_RADIUS_SERVERS <= RADIUS_SERVERS_MAX, "servers");

static void drain(struct radius_port *);

static void
fill_random(void *arg, void *buf, size_t len)
{
	(void)arg;
	/* Up to 256 octets getrandom() cannot fail once it is seeded. */
	if (getrandom(buf, len, 0) != (ssize_t)len)
		abort();
}

/* --- sockets --- */

static void
on_readable(int fd, void *arg)
{
	struct lane *lane = arg;
	struct radius_port *p = lane->port;
	uint8_t buf[RADIUS_PACKET_MAX];
	ssize_t n;
	int i;

	for (i = 0; i < BURST; i++) {
		n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (n >= 0)
			radius_client_packet(p->client, lane->server,
			    lane->number, buf, (size_t)n, clock_now());
		else if (errno == ECONNREFUSED)
			radius_client_refused(
			    p->client, lane->server, clock_now());
		else
			break;
		drain(p);
	}
}

static bool
lane_open(struct radius_port *p, struct lane *lane)
{
	if (lane->fd != -1)
		return true;
	lane->fd = radius_socket_to(&p->servers[lane->server]);
	if (lane->fd == -1)
		return false;
	lane->io = loop_io_new(lane->fd, on_readable, lane);
	if (lane->io != NULL)
		return true;
	close(lane->fd);
	lane->fd = -1;
	errno = ENOMEM;
	return false;
}

static const char *
server_text(const struct radius_port *p, size_t server, char buf[LNS_ADDR_TEXT])
{
	return lns_addr_text(&p->servers[server], buf);
}

/* What is not sent is sent again, or goes to another server. */
static void
do_send(struct radius_port *p, const struct radius_effect *e)
{
	struct lane *lane = &p->lanes[e->server][e->lane];
	char text[LNS_ADDR_TEXT];
	int i;

	/* The first one may be told what became of an earlier packet. */
	for (i = 0; i < 2; i++)
		if (lane_open(p, lane) &&
		    send(lane->fd, e->data, e->len,
			MSG_NOSIGNAL | MSG_DONTWAIT) != -1)
			return;
	log_debug("radius", "cannot send to %s: %s",
	    server_text(p, e->server, text), strerror(errno));
}

/* --- what has happened --- */

static void
finish(struct radius_port *p, uint64_t handle, const struct radius_view *reply)
{
	struct call *c;

	LIST_FOREACH (c, &p->calls, entry)
		if (c->handle == handle)
			break;
	if (c == NULL)
		return;
	LIST_REMOVE(c, entry);
	c->done(c->arg, reply);
	free(c);
}

static const char *
what_happened(const struct radius_effect *e)
{
	if (e->type == RADIUS_ALIVE)
		return "answers again";
	if (e->type == RADIUS_DEAD)
		return "does not answer";
	if (e->why == RADIUS_UNSEALED)
		return "answers without Message-Authenticator, which is "
		       "required: the answer is discarded";
	return "signs with another secret: the answer is discarded";
}

static void
tell_server(struct radius_port *p, const struct radius_effect *e)
{
	const char *what = p->spec.accounting ? "accounting" : "authentication";
	const unsigned int port = p->servers[e->server].port;
	void (*log)(const char *, const char *, ...) =
	    e->type == RADIUS_ALIVE ? log_info : log_warnx;
	char text[LNS_ADDR_TEXT];

	log("radius", "ppp \"%s\": %s server %s port %u %s", p->spec.label,
	    what, server_text(p, e->server, text), port, what_happened(e));
}

static void
do_effect(struct radius_port *p, const struct radius_effect *e)
{
	switch (e->type) {
	case RADIUS_SEND:
		do_send(p, e);
		break;
	case RADIUS_REPLY:
		finish(p, e->handle, &e->packet);
		break;
	case RADIUS_FAILED:
		finish(p, e->handle, NULL);
		break;
	case RADIUS_DEAD:
	case RADIUS_ALIVE:
	case RADIUS_DISCARDED:
		tell_server(p, e);
		break;
	}
}

static void
drain(struct radius_port *p)
{
	struct radius_effect e;
	struct mono at;

	/* Who is told of a reply may ask again: that joins the queue. */
	if (p->draining)
		return;
	p->draining = true;
	while (radius_client_next(p->client, &e))
		do_effect(p, &e);
	p->draining = false;
	at = radius_client_deadline(p->client);
	if (mono_is_never(at))
		loop_timer_stop(p->timer);
	else
		loop_timer_set(p->timer, mono_diff_ms(at, clock_now()));
}

static void
deadline_passed(void *arg)
{
	struct radius_port *p = arg;

	radius_client_expire(p->client, clock_now());
	drain(p);
}

/* --- contract --- */

static void
place_servers(struct radius_port *p)
{
	const struct conf_radius *conf = p->spec.conf;
	size_t i, k;

	for (i = 0; i < conf->n_servers; i++) {
		p->servers[i] = conf->servers[i];
		if (p->spec.accounting)
			p->servers[i].port =
			    conf->accounting_port != 0
				? (uint16_t)conf->accounting_port
				: (uint16_t)(conf->servers[i].port + 1);
	}
	for (i = 0; i < RADIUS_SERVERS_MAX; i++)
		for (k = 0; k < RADIUS_LANES_MAX; k++)
			p->lanes[i][k] = (struct lane){ p, i, k, -1, NULL };
}

struct radius_port *
radius_port_new(const struct radius_port_spec *spec)
{
	const struct conf_radius *conf = spec->conf;
	struct radius_client_config config = {
		.n_servers = conf->n_servers,
		.timeout_ms = (int64_t)conf->timeout_s * 1000,
		.tries = conf->tries,
		.dead_ms = (int64_t)conf->dead_time_s * 1000,
		.patience_ms = spec->patience_ms,
		.require_ma = conf->require_message_authenticator,
		.random = fill_random,
	};
	struct radius_port *p;
	size_t i;

	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return NULL;
	p->spec = *spec;
	LIST_INIT(&p->calls);
	place_servers(p);
	for (i = 0; i < conf->n_servers; i++)
		config.secrets[i] = conf->secrets[i];
	p->client = radius_client_new(&config);
	p->timer = loop_timer_new(deadline_passed, p);
	if (p->client != NULL && p->timer != NULL)
		return p;
	radius_port_free(p);
	return NULL;
}

static void
lane_close(struct lane *lane)
{
	loop_io_free(lane->io);
	if (lane->fd != -1)
		close(lane->fd);
}

void
radius_port_free(struct radius_port *p)
{
	struct call *c;
	size_t i, k;

	if (p == NULL)
		return;
	while ((c = LIST_FIRST(&p->calls)) != NULL) {
		LIST_REMOVE(c, entry);
		free(c);
	}
	for (i = 0; i < RADIUS_SERVERS_MAX; i++)
		for (k = 0; k < RADIUS_LANES_MAX; k++)
			lane_close(&p->lanes[i][k]);
	loop_timer_free(p->timer);
	radius_client_free(p->client);
	free(p);
}

uint64_t
radius_port_ask(struct radius_port *p, const struct radius_request *rq,
    struct mono since, radius_done_fn done, void *arg)
{
	struct call *c;
	uint64_t handle;

	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return 0;
	handle = radius_client_submit(p->client, rq, since, clock_now());
	if (handle == 0) {
		free(c);
		return 0;
	}
	*c = (struct call){ .handle = handle, .done = done, .arg = arg };
	LIST_INSERT_HEAD(&p->calls, c, entry);
	drain(p);
	return handle;
}

void
radius_port_cancel(struct radius_port *p, uint64_t handle)
{
	struct call *c;

	radius_client_cancel(p->client, handle);
	LIST_FOREACH (c, &p->calls, entry) {
		if (c->handle != handle)
			continue;
		LIST_REMOVE(c, entry);
		free(c);
		return;
	}
}

size_t
radius_port_pending(const struct radius_port *p)
{
	return radius_client_pending(p->client);
}

size_t
radius_port_view(
    const struct radius_port *p, struct ppp_radius_view *v, size_t room)
{
	struct radius_server_view s;
	size_t i;

	for (i = 0; i < p->spec.conf->n_servers && i < room; i++) {
		radius_client_view_server(p->client, i, &s);
		v[i] = (struct ppp_radius_view){ .server = p->servers[i],
			.accounting = p->spec.accounting,
			.dead = s.dead,
			.resent = s.resent,
			.unanswered = s.unanswered,
			.times = s.times };
	}
	return i;
}
