/* SPDX-License-Identifier: ISC */
/* Kernel objects of tunnels and sessions; contract in datapath.h. */

#include "datapath_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "log.h"
#include "udp.h"
#include "worker.h"

/* A control message never comes near this; a longer datagram is cut and its
 * header then gives it away. */
#define DATAGRAM_MAX 4096
/* Datagrams taken from one socket before others have their turn. */
#define BURST 16
#define HALF_OPEN_SOCKETS 64

/* --- closing --- */

static void
tunnel_closed(void *arg)
{
	struct dp_tunnel *t = arg;
	struct datapath *dp = t->dp;

	free(t);
	dp->n_tunnels--;
	if (datapath_is_empty(dp))
		dp->ops.empty(dp->arg);
}

static void
tunnel_close_work(void *arg)
{
	struct dp_tunnel *t = arg;

	if (t->mgmt_fd != -1)
		close(t->mgmt_fd);
	close(t->udp_fd);
}

static void
tunnel_finish(struct dp_tunnel *t)
{
	if (!t->closing || !LIST_EMPTY(&t->sessions))
		return;
	if (worker_submit(tunnel_close_work, tunnel_closed, t) == 0)
		return;
	/* No memory for a job: better to sleep once than to leak. */
	tunnel_close_work(t);
	tunnel_closed(t);
}

static void
session_closed(void *arg)
{
	struct dp_session *s = arg;
	struct dp_tunnel *t = s->tunnel;

	LIST_REMOVE(s, entry);
	free(s);
	tunnel_finish(t);
}

static void
session_close_work(void *arg)
{
	struct dp_session *s = arg;

	if (s->fd != -1)
		close(s->fd);
}

void
datapath_session_finish(struct dp_session *s)
{
	if (!s->closing || s->busy || s->link != NULL)
		return;
	s->busy = true;
	if (worker_submit(session_close_work, session_closed, s) == 0)
		return;
	session_close_work(s);
	session_closed(s);
}

/* --- look-up --- */

struct dp_tunnel *
datapath_find_tunnel(const struct datapath *dp, uint16_t tid)
{
	return dp->by_tid[tid];
}

struct dp_session *
datapath_find_session(const struct datapath *dp, uint16_t tid, uint16_t sid)
{
	struct dp_tunnel *t = datapath_find_tunnel(dp, tid);
	struct dp_session *s;

	if (t == NULL)
		return NULL;
	LIST_FOREACH (s, &t->sessions, entry)
		if (s->key.sid == sid && !s->closing)
			return s;
	return NULL;
}

/* --- tunnel --- */

static void
tunnel_ready(int fd, void *arg)
{
	struct dp_tunnel *t = arg;
	struct datapath *dp = t->dp;
	uint16_t tid = t->tid;
	struct lns_path path = t->path;
	uint8_t buf[DATAGRAM_MAX];
	struct udp_from from;
	ssize_t n;
	int i;

	/* A packet may close the tunnel: look it up again each time. */
	for (i = 0; i < BURST && datapath_find_tunnel(dp, tid) == t; i++) {
		n = udp_recv(fd, buf, sizeof(buf), &from);
		if (n == -1 && errno == EAGAIN)
			return;
		if (n == -1 || (size_t)n > sizeof(buf))
			continue; /* an ICMP error; or cut */
		path.peer = from.addr;
		dp->ops.packet(dp->arg, tid, &path, buf, (size_t)n);
	}
}

static int
open_socket(struct dp_tunnel *t)
{
	struct lns_addr bind_to;
	int err;

	t->udp_fd = udp_open(t->path.local.family);
	if (t->udp_fd == -1)
		return -1;
	if (ipsec_socket_new(t->dp->ipsec, &t->path, t->udp_fd, true, &bind_to,
		&t->tie) == 0 &&
	    udp_connect(t->udp_fd, &bind_to, &t->path) == 0)
		return 0;
	err = errno;
	ipsec_socket_free(t->tie);
	close(t->udp_fd);
	errno = err;
	return -1;
}

static bool
tunnel_new(struct datapath *dp, const struct lns_effect *e)
{
	struct dp_tunnel *t;

	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return false;
	t->dp = dp;
	t->tid = e->tid;
	t->peer_tid = e->peer_tid;
	t->slot = e->slot;
	t->peer = e->peer;
	t->path = e->path;
	t->mgmt_fd = -1;
	LIST_INIT(&t->sessions);
	if (open_socket(t) == -1) {
		/* The SA may have gone just now: no fault of ours. */
		if (errno != ENOENT)
			log_warn(
			    "udp", "TUNNEL[%u]: cannot open a socket", e->slot);
		free(t);
		return false;
	}
	t->io = loop_io_new(t->udp_fd, tunnel_ready, t);
	if (t->io == NULL) {
		ipsec_socket_free(t->tie);
		close(t->udp_fd);
		free(t);
		return false;
	}
	dp->by_tid[t->tid] = t;
	dp->n_tunnels++;
	dp->n_half_open++;
	return true;
}

/*
 * Without IPsec anybody can ask for tunnels in anybody's name: of a flood not
 * each gets a socket before the peer has answered.  With IPsec the engine's
 * limit for each client does, and a second tunnel of a client needs its socket
 * from the beginning.
 */
bool
datapath_tunnel_open(struct datapath *dp, const struct lns_effect *e)
{
	if (dp->conf->ipsec.mode == CONF_IPSEC_OFF &&
	    dp->n_half_open >= HALF_OPEN_SOCKETS)
		return true;
	return tunnel_new(dp, e);
}

bool
datapath_tunnel_up(struct datapath *dp, const struct lns_effect *e)
{
	struct dp_tunnel *t = datapath_find_tunnel(dp, e->tid);

	if (t == NULL) {
		if (!tunnel_new(dp, e))
			return false;
		t = datapath_find_tunnel(dp, e->tid);
	}
	t->peer_tid = e->peer_tid;
	t->up = true;
	dp->n_half_open--;
	return true;
}

void
datapath_tunnel_close(struct datapath *dp, uint16_t tid, bool lost)
{
	struct dp_tunnel *t = datapath_find_tunnel(dp, tid);
	struct dp_session *s, *next;

	if (t == NULL)
		return;
	dp->by_tid[tid] = NULL;
	dp->n_half_open -= !t->up;
	loop_io_free(t->io);
	t->io = NULL;
	/* The socket may stay for a moment; what the client says now is for
	 * the listening socket or the client's next tunnel. */
	if (lost)
		ipsec_socket_lost(t->tie);
	ipsec_socket_free(t->tie);
	t->tie = NULL;
	t->closing = true;
	for (s = LIST_FIRST(&t->sessions); s != NULL; s = next) {
		next = LIST_NEXT(s, entry);
		s->closing = true;
		if (s->link != NULL)
			ppp_link_stop(
			    s->link, CAUSE_HUNG_UP, "the session is closed");
		datapath_session_finish(s);
	}
	tunnel_finish(t);
}

int
datapath_socket(const struct datapath *dp, uint16_t tid)
{
	const struct dp_tunnel *t = datapath_find_tunnel(dp, tid);

	return t == NULL ? -1 : t->udp_fd;
}

/* --- session --- */

static void
session_open_work(void *arg)
{
	struct dp_session *s = arg;

	s->fd = pppox_session(&s->key);
	s->error = s->fd == -1 ? errno : 0;
}

static void
session_opened(void *arg)
{
	struct dp_session *s = arg;
	struct datapath *dp = s->tunnel->dp;
	uint16_t tid = s->key.tid, sid = s->key.sid;
	bool ok = s->fd != -1;

	s->busy = false;
	if (!ok) {
		errno = s->error;
		log_warn("l2tp", "TUNNEL[%u]: cannot open a kernel session",
		    s->tunnel->slot);
	}
	if (s->closing) {
		datapath_session_finish(s);
		return;
	}
	if (!ok) {
		s->closing = true;
		datapath_session_finish(s);
	}
	dp->ops.session_opened(dp->arg, tid, sid, ok);
}

/* The kernel's tunnel comes with the first session: a client that stops
 * before that has cost nothing. */
static bool
attach_kernel(struct dp_tunnel *t)
{
	if (t->mgmt_fd != -1)
		return true;
	t->mgmt_fd = pppox_tunnel(t->udp_fd, t->tid, t->peer_tid);
	if (t->mgmt_fd == -1)
		log_warn(
		    "l2tp", "TUNNEL[%u]: cannot attach the kernel", t->slot);
	return t->mgmt_fd != -1;
}

bool
datapath_session_open(struct datapath *dp, const struct lns_effect *e)
{
	struct dp_tunnel *t = datapath_find_tunnel(dp, e->tid);
	struct dp_session *s;

	if (t == NULL || !attach_kernel(t))
		return false;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return false;
	s->tunnel = t;
	s->fd = -1;
	s->key = (struct pppox_session){ .udp_fd = t->udp_fd,
		.tid = t->tid,
		.peer_tid = t->peer_tid,
		.sid = e->sid,
		.peer_sid = e->peer_sid };
	snprintf(s->label, sizeof(s->label), "PP[%s%02u]",
	    dp->conf->peers[t->peer].any ? "ANONYMOUS" : "", t->slot);
	s->busy = true;
	if (worker_submit(session_open_work, session_opened, s) == -1) {
		free(s);
		return false;
	}
	LIST_INSERT_HEAD(&t->sessions, s, entry);
	return true;
}

void
datapath_session_close(struct datapath *dp, uint16_t tid, uint16_t sid)
{
	struct dp_session *s = datapath_find_session(dp, tid, sid);

	if (s == NULL)
		return;
	s->closing = true;
	if (s->link != NULL)
		ppp_link_stop(s->link, CAUSE_HUNG_UP, "the session is closed");
	datapath_session_finish(s);
}

/* --- life --- */

struct datapath *
datapath_new(const struct conf *c, struct ipsec *ipsec,
    const struct datapath_ppp *ppp, const struct datapath_ops *ops, void *arg)
{
	struct datapath *dp;

	dp = calloc(1, sizeof(*dp));
	if (dp == NULL)
		return NULL;
	dp->conf = c;
	dp->ipsec = ipsec;
	dp->ops = *ops;
	dp->arg = arg;
	dp->ppp = ppp_service_new(c, ppp->plugin, ppp->debug);
	if (dp->ppp == NULL) {
		free(dp);
		return NULL;
	}
	return dp;
}

void
datapath_free(struct datapath *dp)
{
	if (dp == NULL)
		return;
	if (datapath_is_empty(dp))
		ppp_service_free(dp->ppp);
	free(dp);
}

void
datapath_tell(struct datapath *dp, struct stories *st)
{
	dp->stories = st;
}

void
datapath_finish(struct datapath *dp)
{
	ppp_service_finish(dp->ppp, dp->ops.finished, dp->arg);
}

int
datapath_reload(
    struct datapath *dp, const struct conf *next, const struct conf_changes *ch)
{
	if (ppp_service_reload(dp->ppp, next, ch) == -1)
		return -1;
	dp->conf = next;
	return 0;
}

void
datapath_read_users(struct datapath *dp)
{
	ppp_service_read_users(dp->ppp);
}

bool
datapath_is_empty(const struct datapath *dp)
{
	return dp->n_tunnels == 0 && dp->n_probes == 0;
}
