/* SPDX-License-Identifier: ISC */
/* Kernel objects of tunnels and sessions; contract in datapath.h. */

#include "datapath.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>

#include "log.h"
#include "loop.h"
#include "path_mtu.h"
#include "ppp.h"
#include "pppox.h"
#include "story_take.h"
#include "udp.h"
#include "worker.h"

/* A control message never comes near this; a longer datagram is cut and its
 * header then gives it away. */
#define DATAGRAM_MAX 4096
/* Datagrams taken from one socket before others have their turn. */
#define BURST 16
#define HALF_OPEN_SOCKETS 64

struct dp_session {
	LIST_ENTRY(dp_session) entry;
	struct dp_tunnel *tunnel;
	struct pppox_session key;
	int fd;
	int error; /* of opening, from the worker */
	struct ppp_link *link;
	bool busy; /* a worker has it */
	bool closing;
	char label[32];	       /* PP[ANONYMOUS01] */
	char ifname[IFNAMSIZ]; /* "": PPP is not up */
};

LIST_HEAD(dp_session_list, dp_session);

struct dp_tunnel {
	struct datapath *dp;
	uint16_t tid, peer_tid;
	uint32_t slot, peer;
	struct lns_path path;
	int udp_fd, mgmt_fd;
	struct ipsec_socket *tie;
	struct loop_io *io;
	bool up, closing;
	struct dp_session_list sessions;
};

struct datapath {
	const struct conf *conf;
	struct ipsec *ipsec;
	struct datapath_ops ops;
	void *arg;
	struct stories *stories; /* NULL: nobody is told */
	struct ppp_service *ppp;
	/* By tid: tunnels that the engine still knows. */
	struct dp_tunnel *by_tid[UINT16_MAX + 1];
	size_t n_tunnels; /* those on their way out included */
	size_t n_half_open;
	size_t n_probes;
};

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

/* Closes s once nothing holds it any more. */
static void
session_finish(struct dp_session *s)
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

static struct dp_tunnel *
find_tunnel(const struct datapath *dp, uint16_t tid)
{
	return dp->by_tid[tid];
}

static struct dp_session *
find_session(const struct datapath *dp, uint16_t tid, uint16_t sid)
{
	struct dp_tunnel *t = find_tunnel(dp, tid);
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
	for (i = 0; i < BURST && find_tunnel(dp, tid) == t; i++) {
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
	struct dp_tunnel *t = find_tunnel(dp, e->tid);

	if (t == NULL) {
		if (!tunnel_new(dp, e))
			return false;
		t = find_tunnel(dp, e->tid);
	}
	t->peer_tid = e->peer_tid;
	t->up = true;
	dp->n_half_open--;
	return true;
}

void
datapath_tunnel_close(struct datapath *dp, uint16_t tid, bool lost)
{
	struct dp_tunnel *t = find_tunnel(dp, tid);
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
			ppp_link_stop(s->link, "the session is closed");
		session_finish(s);
	}
	tunnel_finish(t);
}

int
datapath_socket(const struct datapath *dp, uint16_t tid)
{
	const struct dp_tunnel *t = find_tunnel(dp, tid);

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
		session_finish(s);
		return;
	}
	if (!ok) {
		s->closing = true;
		session_finish(s);
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
	struct dp_tunnel *t = find_tunnel(dp, e->tid);
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
	struct dp_session *s = find_session(dp, tid, sid);

	if (s == NULL)
		return;
	s->closing = true;
	if (s->link != NULL)
		ppp_link_stop(s->link, "the session is closed");
	session_finish(s);
}

/* --- PPP --- */

static void
ppp_auth(void *arg, const char *user, const char *reason)
{
	struct dp_session *s = arg;
	char ip[LNS_ADDR_TEXT];

	story_take_auth(
	    s->tunnel->dp->stories, s->key.tid, user, reason, clock_now());
	if (reason == NULL) {
		log_plain(LOG_INFO, "%s Call detected from user '%s'", s->label,
		    user);
		return;
	}
	/* One stable line for those who count failures by address. */
	log_plain(LOG_INFO, "%s authentication failed user '%s' from %s: %s",
	    s->label, user, lns_addr_text(&s->tunnel->path.peer, ip), reason);
}

static void
ppp_step(void *arg, enum ppp_step step)
{
	const struct dp_session *s = arg;

	story_take_ppp_step(
	    s->tunnel->dp->stories, s->key.tid, step, clock_now());
}

static void
ppp_up(void *arg, const struct ppp_up *up)
{
	struct dp_session *s = arg;
	char local[INET_ADDRSTRLEN], remote[INET_ADDRSTRLEN];

	snprintf(s->ifname, sizeof(s->ifname), "%s", up->ifname);
	story_take_up(s->tunnel->dp->stories, s->key.tid, up, clock_now());
	inet_ntop(AF_INET, &up->local, local, sizeof(local));
	inet_ntop(AF_INET, &up->remote, remote, sizeof(remote));
	log_plain(LOG_INFO, "%s PPP/IPCP up  (Local: %s, Remote: %s)", s->label,
	    local, remote);
	log_debug("ppp", "%s user '%s' on %s", s->label, up->user, up->ifname);
}

static void
ppp_ipv6_up(void *arg, const struct ppp_ipv6_up *up)
{
	const struct dp_session *s = arg;
	char local[INET6_ADDRSTRLEN], remote[INET6_ADDRSTRLEN];
	char prefix[INET6_ADDRSTRLEN] = "none";

	inet_ntop(AF_INET6, &up->local, local, sizeof(local));
	inet_ntop(AF_INET6, &up->remote, remote, sizeof(remote));
	if (up->prefix != NULL)
		inet_ntop(AF_INET6, up->prefix, prefix, sizeof(prefix));
	story_take_note(s->tunnel->dp->stories, s->key.tid,
	    up->prefix != NULL ? "IPv6 is up, with a prefix" : "IPv6 is up",
	    clock_now());
	log_plain(LOG_INFO,
	    "%s PPP/IPV6CP up  (Local: %s, Remote: %s, Prefix: %s%s)", s->label,
	    local, remote, prefix, up->prefix != NULL ? "/64" : "");
}

static void
ppp_ended(void *arg, const struct ppp_end *end)
{
	struct dp_session *s = arg;
	struct datapath *dp = s->tunnel->dp;
	uint16_t tid = s->key.tid, sid = s->key.sid;

	story_take_ppp_end(dp->stories, tid, end->cause, clock_now());
	s->link = NULL;
	s->ifname[0] = '\0';
	log_plain(LOG_INFO,
	    "%s PPP down user '%s': %s (%u seconds, received %llu octets, "
	    "sent %llu octets)",
	    s->label, end->user != NULL ? end->user : "", end->cause,
	    end->connect_s, (unsigned long long)end->rx_bytes,
	    (unsigned long long)end->tx_bytes);
	if (s->closing)
		session_finish(s);
	else
		dp->ops.ppp_ended(dp->arg, tid, sid, end->why);
}

bool
datapath_ppp_start(struct datapath *dp, const struct lns_effect *e)
{
	static const struct ppp_ops ops = { .step = ppp_step,
		.auth = ppp_auth,
		.up = ppp_up,
		.ipv6_up = ppp_ipv6_up,
		.ended = ppp_ended };
	struct dp_session *s = find_session(dp, e->tid, e->sid);
	const struct conf_peer *peer;
	struct ppp_start start;
	unsigned int mtu = 0;

	if (s == NULL || s->fd == -1 || s->link != NULL)
		return false;
	if (e->sequencing && pppox_sequencing(s->fd) == -1) {
		log_warn("l2tp", "%s cannot number data messages", s->label);
		return false;
	}
	peer = &dp->conf->peers[s->tunnel->peer];
	if (dp->conf->ppp[peer->ppp].mtu == 0)
		mtu = path_mtu(dp->conf, &s->tunnel->path);
	start = (struct ppp_start){ .profile = peer->ppp,
		.session_fd = s->fd,
		/* A LAC's address says nothing of its users'. */
		.from =
		    peer->proxy_authentication ? NULL : &s->tunnel->path.peer,
		.underlay = { mtu, s->tunnel->path.local.family,
		    dp->conf->ipsec.mode != CONF_IPSEC_OFF,
		    ipsec_socket_in_udp(s->tunnel->tie) },
		.path = &s->tunnel->path,
		.port = (uint32_t)s->key.tid << 16 | s->key.sid,
		.label = s->label,
		/* RFC 2661 9.5: only a LAC that is trusted by configuration
		 * may speak for its users.  Any client could replay a CHAP
		 * exchange that it has once seen, with the old challenge. */
		.call = peer->proxy_authentication ? e->call : NULL };
	story_take_ppp_start(dp->stories, e->tid, clock_now());
	s->link = ppp_link_start(dp->ppp, &start, &ops, s);
	if (s->link == NULL)
		log_warn("ppp", "%s cannot start pppd", s->label);
	if (s->link == NULL)
		story_take_ppp_end(
		    dp->stories, e->tid, "cannot start pppd", clock_now());
	return s->link != NULL;
}

void
datapath_ppp_stop(struct datapath *dp, const struct lns_effect *e)
{
	struct dp_session *s = find_session(dp, e->tid, e->sid);

	if (s != NULL && s->link != NULL)
		ppp_link_stop(s->link, e->text);
}

/* --- what is shown --- */

bool
datapath_view_session(const struct datapath *dp, uint16_t tid, uint16_t sid,
    struct datapath_view *v)
{
	const struct dp_session *s = find_session(dp, tid, sid);

	memset(v, 0, sizeof(*v));
	if (s == NULL)
		return false;
	memcpy(v->label, s->label, sizeof(v->label));
	v->has_ppp = s->link != NULL;
	if (s->link != NULL)
		ppp_link_view(s->link, &v->ppp);
	return true;
}

void
datapath_view_pool(
    const struct datapath *dp, size_t profile, struct ppp_pool_view *v)
{
	ppp_service_view_pool(dp->ppp, profile, v);
}

bool
datapath_disconnect(
    struct datapath *dp, uint16_t tid, uint16_t sid, const char *cause)
{
	struct dp_session *s = find_session(dp, tid, sid);

	if (s == NULL || s->link == NULL)
		return false;
	ppp_link_stop(s->link, cause);
	return true;
}

/* --- traffic --- */

/* More sessions in one tunnel than this are not looked at. */
#define PROBE_SESSIONS 16

struct dp_probe {
	struct datapath *dp;
	uint16_t tid;
	size_t n;
	struct {
		int fd; /* ours: the session may close meanwhile */
		char ifname[IFNAMSIZ];
	} sessions[PROBE_SESSIONS];
	struct pppox_traffic traffic;
};

static void
probe_work(void *arg)
{
	struct dp_probe *p = arg;
	size_t i;

	for (i = 0; i < p->n; i++) {
		pppox_add_traffic(
		    p->sessions[i].fd, p->sessions[i].ifname, &p->traffic);
		close(p->sessions[i].fd);
	}
}

static void
probe_done(void *arg)
{
	struct dp_probe *p = arg;
	struct datapath *dp = p->dp;

	dp->n_probes--;
	if (find_tunnel(dp, p->tid) != NULL)
		dp->ops.traffic(dp->arg, p->tid, &p->traffic);
	free(p);
	if (datapath_is_empty(dp))
		dp->ops.empty(dp->arg);
}

static void
probe_add(struct dp_probe *p, const struct dp_session *s)
{
	int fd;

	if (s->fd == -1 || s->closing || p->n == PROBE_SESSIONS)
		return;
	fd = fcntl(s->fd, F_DUPFD_CLOEXEC, 0);
	if (fd == -1)
		return;
	p->sessions[p->n].fd = fd;
	memcpy(p->sessions[p->n].ifname, s->ifname, IFNAMSIZ);
	p->n++;
}

void
datapath_ask_traffic(struct datapath *dp, uint16_t tid)
{
	struct dp_tunnel *t = find_tunnel(dp, tid);
	struct dp_session *s;
	struct dp_probe *p;

	p = t == NULL ? NULL : calloc(1, sizeof(*p));
	if (p == NULL)
		return;
	p->dp = dp;
	p->tid = tid;
	LIST_FOREACH (s, &t->sessions, entry)
		probe_add(p, s);
	if (worker_submit(probe_work, probe_done, p) == 0) {
		dp->n_probes++;
		return;
	}
	while (p->n > 0)
		close(p->sessions[--p->n].fd);
	free(p);
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
