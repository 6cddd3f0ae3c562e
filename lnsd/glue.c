/* SPDX-License-Identifier: ISC */
/* Engine, sockets and kernel put together; contract in glue.h. */

#include "glue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "datapath.h"
#include "listener.h"
#include "lns.h"
#include "lns_view.h"
#include "log.h"
#include "loop.h"
#include "story_take.h"
#include "udp.h"

/* After this a shutdown stops waiting for peers and processes. */
#define DRAIN_MAX_MS 12000
#define FIRMWARE 0x0100

struct glue {
	const struct conf *conf;
	struct lns *lns;
	struct ipsec *ipsec;
	struct datapath *datapath;
	struct listener *listener;
	struct loop_timer *timer; /* the engine's deadline */
	struct loop_timer *drain; /* the shutdown's */
	struct stories *stories;  /* NULL: nobody is told */
	struct glue_ops ops;
	void *arg;
	bool draining; /* effects are being carried out */
	bool shutting_down;
	bool finishing; /* nothing is left; the last is told of it */
	bool drained;
};

static void glue_drain(struct glue *);

static void
fill_random(void *arg, void *buf, size_t len)
{
	(void)arg;
	/* Up to 256 octets getrandom() cannot fail once it is seeded. */
	if (getrandom(buf, len, 0) != (ssize_t)len)
		abort();
}

/* --- effects --- */

/* To a client whose tunnel does not stand (yet, or any more): the listening
 * socket cannot know whose SA to use, so that one socket is made for one
 * datagram.  The engine limits how often a client is answered so. */
static int
send_once(struct glue *g, const struct lns_effect *e)
{
	struct ipsec_socket *tie = NULL;
	struct lns_addr bind_to;
	int rc = -1, err, fd;

	fd = udp_open(e->path.local.family);
	if (fd == -1)
		return -1;
	if (ipsec_socket_new(g->ipsec, &e->path, fd, false, &bind_to, &tie) ==
		0 &&
	    udp_connect(fd, &bind_to, &e->path) == 0)
		rc = udp_send(fd, e->data, e->len, NULL);
	err = errno;
	ipsec_socket_free(tie);
	close(fd);
	errno = err;
	return rc;
}

static void
do_send(struct glue *g, const struct lns_effect *e)
{
	int fd = datapath_socket(g->datapath, e->tid), rc;

	if (fd != -1)
		rc = udp_send(fd, e->data, e->len, NULL);
	else if (g->conf->ipsec.mode == CONF_IPSEC_OFF)
		rc = udp_send(listener_socket(g->listener, &e->path.local),
		    e->data, e->len, &e->path.peer);
	else
		rc = send_once(g, e);
	/* A lost datagram is the protocol's business: EPERM is the guard or
	 * an SA that has gone. */
	if (rc == -1)
		log_debug("udp", "TUNNEL[%u]: cannot send: %s", e->slot,
		    strerror(errno));
}

static void
tell(const struct glue *g, const struct lns_effect *e)
{
	const struct story_time now = { clock_now(), clock_wall_s() };

	if (g->stories != NULL)
		story_take_effect(g->stories, e, now);
}

static void
do_effect(struct glue *g, const struct lns_effect *e)
{
	struct mono now = clock_now();

	switch (e->type) {
	case LNS_SEND:
		do_send(g, e);
		break;
	case LNS_TUNNEL_OPEN:
		if (!datapath_tunnel_open(g->datapath, e))
			lns_tunnel_failed(g->lns, e->tid, now);
		break;
	case LNS_TUNNEL_UP:
		if (!datapath_tunnel_up(g->datapath, e))
			lns_tunnel_failed(g->lns, e->tid, now);
		break;
	case LNS_TUNNEL_CLOSE:
		datapath_tunnel_close(g->datapath, e->tid, e->lost);
		break;
	case LNS_SESSION_OPEN:
		if (!datapath_session_open(g->datapath, e))
			lns_session_opened(g->lns, e->tid, e->sid, false, now);
		break;
	case LNS_PPP_START:
		if (!datapath_ppp_start(g->datapath, e))
			lns_ppp_exited(
			    g->lns, e->tid, e->sid, LNS_PPP_FAILED, now);
		break;
	case LNS_PPP_STOP:
		datapath_ppp_stop(g->datapath, e);
		break;
	case LNS_TRAFFIC:
		datapath_ask_traffic(g->datapath, e->tid);
		break;
	case LNS_SESSION_CLOSE:
		datapath_session_close(g->datapath, e->tid, e->sid);
		break;
	case LNS_MESSAGE:
		break;
	case LNS_LOG:
		log_l2tp(e->level, "%s", e->text);
		break;
	}
}

static void
tell_drained(struct glue *g)
{
	g->drained = true;
	loop_timer_stop(g->drain);
	listener_close(g->listener);
	log_l2tp(LOG_INFO, "closed port %d/udp", L2TP_PORT);
	g->ops.drained(g->arg);
}

static void
datapath_finished(void *arg)
{
	struct glue *g = arg;

	if (!g->drained)
		tell_drained(g);
}

static void
check_drained(struct glue *g)
{
	if (!g->shutting_down || g->finishing || g->drained ||
	    !lns_idle(g->lns) || !datapath_is_empty(g->datapath))
		return;
	g->finishing = true;
	datapath_finish(g->datapath);
}

/* Carries out what the engine wants, then arms its timer. */
static void
glue_drain(struct glue *g)
{
	struct lns_effect e;
	struct mono deadline;

	/* An effect's failure is an input: its effects join the same queue. */
	if (g->draining)
		return;
	g->draining = true;
	while (lns_next_effect(g->lns, &e)) {
		if (e.type == LNS_MESSAGE || e.type == LNS_TUNNEL_CLOSE)
			tell(g, &e);
		do_effect(g, &e);
	}
	g->draining = false;
	deadline = lns_deadline(g->lns);
	if (mono_is_never(deadline))
		loop_timer_stop(g->timer);
	else
		loop_timer_set(g->timer, mono_diff_ms(deadline, clock_now()));
	check_drained(g);
}

/* --- inputs --- */

static void
deadline_passed(void *arg)
{
	struct glue *g = arg;

	lns_expire(g->lns, clock_now());
	glue_drain(g);
}

static void
tunnel_packet(void *arg, uint16_t tid, const struct lns_path *path,
    const uint8_t *data, size_t len)
{
	struct glue *g = arg;

	lns_packet(g->lns, tid, path, data, len, clock_now());
	glue_drain(g);
}

static void
listener_packet(
    void *arg, const struct lns_path *path, const uint8_t *data, size_t len)
{
	tunnel_packet(arg, 0, path, data, len);
}

static void
session_opened(void *arg, uint16_t tid, uint16_t sid, bool ok)
{
	struct glue *g = arg;

	lns_session_opened(g->lns, tid, sid, ok, clock_now());
	glue_drain(g);
}

static void
ppp_ended(void *arg, uint16_t tid, uint16_t sid, enum lns_ppp_end why)
{
	struct glue *g = arg;

	lns_ppp_exited(g->lns, tid, sid, why, clock_now());
	glue_drain(g);
}

static void
traffic_counted(void *arg, uint16_t tid, const struct pppox_traffic *t)
{
	struct glue *g = arg;

	lns_traffic(g->lns, tid, t->rx_packets, t->user_packets, clock_now());
	glue_drain(g);
}

static void
datapath_emptied(void *arg)
{
	check_drained(arg);
}

static void
address_changed(void *arg, const struct lns_addr *a, bool present)
{
	struct glue *g = arg;

	g->ops.address(g->arg, a, present);
}

/* --- life --- */

static void
set_peer(struct lns_peer *to, const struct conf_peer *p)
{
	snprintf(to->name, sizeof(to->name), "%s", p->name);
	to->gone = p->gone;
	to->any = p->any;
	to->address = p->address;
	to->max_tunnels = p->max_tunnels;
	to->max_sessions = p->max_sessions;
	to->keepalive_interval_s = p->keepalive.interval_s;
	to->keepalive_count = p->keepalive.count;
	to->disconnect_time_s = p->disconnect_time_s;
	to->hide = p->hidden_avps;
	if (p->tunnel_secret == NULL)
		return;
	snprintf(to->secret, sizeof(to->secret), "%s", p->tunnel_secret);
	to->challenge = p->tunnel_auth;
}

/* A new engine, or e by another configuration; NULL: out of memory. */
static struct lns *
configure_engine(struct lns *e, const struct conf *c)
{
	struct lns_config lc = { .rws = (uint16_t)c->receive_window,
		.retries = (uint8_t)c->retransmissions,
		.max_tunnels = c->max_tunnels,
		.max_half_open = c->max_half_open,
		.firmware = FIRMWARE,
		.vendor = "lnsd",
		.trace = c->trace,
		.keepalive_log = c->keepalive_log };
	struct lns_peer *peers;
	size_t i;

	peers = calloc(c->n_peers + 1, sizeof(*peers));
	if (peers == NULL)
		return NULL;
	for (i = 0; i < c->n_peers; i++)
		set_peer(&peers[i], &c->peers[i]);
	snprintf(lc.hostname, sizeof(lc.hostname), "%s", c->hostname);
	lc.peers = peers;
	lc.n_peers = c->n_peers;
	if (e == NULL)
		e = lns_new(&lc, fill_random, NULL);
	else if (lns_reconfigure(e, &lc, clock_now()) == -1)
		e = NULL;
	explicit_bzero(peers, c->n_peers * sizeof(*peers));
	free(peers);
	return e;
}

int
glue_reload(
    struct glue *g, const struct conf *next, const struct conf_changes *ch)
{
	if (datapath_reload(g->datapath, next, ch) == -1)
		return -1;
	g->conf = next;
	listener_reload(g->listener, next);
	/* Out of memory, tunnels go by what they know. */
	if (configure_engine(g->lns, next) == NULL)
		log_warnx("l2tp", "no memory for the peers");
	glue_drain(g);
	return 0;
}

void
glue_client_gone(struct glue *g, const struct lns_addr *peer, uint32_t client)
{
	lns_client_gone(g->lns, peer, client, clock_now());
	glue_drain(g);
}

void
glue_read_users(struct glue *g)
{
	datapath_read_users(g->datapath);
}

/* --- an administrator's --- */

const struct lns *
glue_lns(const struct glue *g)
{
	return g->lns;
}

const struct datapath *
glue_datapath(const struct glue *g)
{
	return g->datapath;
}

const struct listener *
glue_listener(const struct glue *g)
{
	return g->listener;
}

bool
glue_disconnect(struct glue *g, uint16_t tid, uint16_t sid, const char *cause)
{
	return datapath_disconnect(g->datapath, tid, sid, cause);
}

bool
glue_close_tunnel(struct glue *g, uint16_t tid, const char *cause)
{
	struct lns_tunnel_view v;
	size_t i;

	if (!lns_view_tunnel(g->lns, tid, &v))
		return false;
	log_l2tp(LOG_INFO, "TUNNEL[%u] %s", v.slot, cause);
	/* With the cause, which the engine does not know. */
	for (i = 0; i < v.n_sessions; i++)
		(void)datapath_disconnect(
		    g->datapath, tid, v.sessions[i].sid, cause);
	(void)lns_close_tunnel(g->lns, tid, clock_now());
	glue_drain(g);
	return true;
}

void
glue_refuse(struct glue *g)
{
	lns_drain(g->lns);
}

bool
glue_trace(struct glue *g, const struct lns_addr *peer, bool on)
{
	return lns_trace(g->lns, peer, on);
}

void
glue_stats(const struct glue *g, struct lns_stats *st)
{
	lns_stats(g->lns, st);
}

/* --- the end --- */

static void
drain_timed_out(void *arg)
{
	struct glue *g = arg;

	if (g->drained)
		return;
	log_warnx("l2tp", "sessions do not end: leaving them");
	tell_drained(g);
}

struct glue *
glue_new(const struct conf *c, struct ipsec *ipsec,
    const struct datapath_ppp *ppp, const struct glue_ops *ops, void *arg)
{
	static const struct datapath_ops datapath_ops = { .packet =
							      tunnel_packet,
		.session_opened = session_opened,
		.ppp_ended = ppp_ended,
		.traffic = traffic_counted,
		.finished = datapath_finished,
		.empty = datapath_emptied };
	static const struct listener_ops listener_ops = {
		.packet = listener_packet, .address = address_changed
	};
	struct glue *g;

	g = calloc(1, sizeof(*g));
	if (g == NULL)
		return NULL;
	g->ops = *ops;
	g->arg = arg;
	g->conf = c;
	g->ipsec = ipsec;
	g->lns = configure_engine(NULL, c);
	g->timer = loop_timer_new(deadline_passed, g);
	g->drain = loop_timer_new(drain_timed_out, g);
	g->datapath = datapath_new(c, ipsec, ppp, &datapath_ops, g);
	if (g->lns != NULL && g->timer != NULL && g->drain != NULL &&
	    g->datapath != NULL)
		g->listener = listener_new(c, ipsec, &listener_ops, g);
	if (g->listener == NULL) {
		glue_free(g);
		return NULL;
	}
	return g;
}

void
glue_tell(struct glue *g, struct stories *st)
{
	g->stories = st;
	datapath_tell(g->datapath, st);
}

int
glue_open(struct glue *g)
{
	if (listener_open(g->listener) == -1)
		return -1;
	/* "opend": as documented. */
	log_l2tp(LOG_INFO, "opend port %d/udp", L2TP_PORT);
	return 0;
}

void
glue_shutdown(struct glue *g)
{
	if (g->shutting_down)
		return;
	g->shutting_down = true;
	loop_timer_set(g->drain, DRAIN_MAX_MS);
	lns_shutdown(g->lns, clock_now());
	glue_drain(g);
}

void
glue_free(struct glue *g)
{
	if (g == NULL)
		return;
	listener_free(g->listener);
	datapath_free(g->datapath);
	loop_timer_free(g->timer);
	loop_timer_free(g->drain);
	lns_free(g->lns);
	free(g);
}
