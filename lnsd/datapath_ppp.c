/* SPDX-License-Identifier: ISC */
/* PPP on a session, its story and its log; contract in datapath.h. */

#include "datapath_parts.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "path_mtu.h"
#include "story_take.h"

static void
ppp_auth(void *arg, const char *user, enum cause cause, const char *reason)
{
	struct dp_session *s = arg;
	char ip[LNS_ADDR_TEXT];

	story_take_auth(s->tunnel->dp->stories, s->key.tid, user, cause, reason,
	    clock_now());
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

	story_take_ppp_end(
	    dp->stories, tid, end->code, end->cause, clock_now());
	s->link = NULL;
	s->ifname[0] = '\0';
	log_plain(LOG_INFO,
	    "%s PPP down user '%s': %s (%u seconds, received %llu octets, "
	    "sent %llu octets)",
	    s->label, end->user != NULL ? end->user : "", end->cause,
	    end->connect_s, (unsigned long long)end->rx_bytes,
	    (unsigned long long)end->tx_bytes);
	if (s->closing)
		datapath_session_finish(s);
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
	struct dp_session *s = datapath_find_session(dp, e->tid, e->sid);
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
		story_take_ppp_end(dp->stories, e->tid, CAUSE_PPPD,
		    "cannot start pppd", clock_now());
	return s->link != NULL;
}

void
datapath_ppp_stop(struct datapath *dp, const struct lns_effect *e)
{
	struct dp_session *s = datapath_find_session(dp, e->tid, e->sid);

	if (s != NULL && s->link != NULL)
		ppp_link_stop(s->link, e->cause, e->text);
}

/* --- what is shown --- */

bool
datapath_view_session(const struct datapath *dp, uint16_t tid, uint16_t sid,
    struct datapath_view *v)
{
	const struct dp_session *s = datapath_find_session(dp, tid, sid);

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

size_t
datapath_view_radius(const struct datapath *dp, size_t profile,
    struct ppp_radius_view *v, size_t room)
{
	return ppp_service_view_radius(dp->ppp, profile, v, room);
}

bool
datapath_disconnect(
    struct datapath *dp, uint16_t tid, uint16_t sid, const char *cause)
{
	struct dp_session *s = datapath_find_session(dp, tid, sid);

	if (s == NULL || s->link == NULL)
		return false;
	ppp_link_stop(s->link, CAUSE_ADMIN, cause);
	return true;
}
