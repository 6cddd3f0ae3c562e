/* SPDX-License-Identifier: ISC */
#ifndef DATAPATH_H
#define DATAPATH_H

/*
 * What a tunnel and its sessions hold in the kernel: UDP socket, PPPoL2TP
 * sockets, pppd.  Carries out the engine's effects and keeps the order of
 * closing (pppd, session, tunnel, UDP socket) whatever the order of events.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"
#include "conf.h"
#include "ipsec.h"
#include "lns.h"
#include "ppp_view.h"
#include "pppox.h"

struct datapath;
struct stories;

struct datapath_ops {
	/* A datagram on tid's own socket. */
	void (*packet)(void *arg, uint16_t tid, const struct lns_path *path,
	    const uint8_t *data, size_t len);
	/* The answer to LNS_SESSION_OPEN, later. */
	void (*session_opened)(void *arg, uint16_t tid, uint16_t sid, bool ok);
	void (*ppp_ended)(
	    void *arg, uint16_t tid, uint16_t sid, enum lns_ppp_end why);
	/* The answer to datapath_ask_traffic(). */
	void (*traffic)(
	    void *arg, uint16_t tid, const struct pppox_traffic *traffic);
	/* The answer to datapath_finish(). */
	void (*finished)(void *arg);
	/* The last object has gone. */
	void (*empty)(void *arg);
};

/* How pppd is run; see ppp_service_new(). */
struct datapath_ppp {
	const char *plugin;
	bool debug;
};

/* conf and ipsec must outlive it.  NULL: out of memory, or the cause has been
 * logged. */
struct datapath *datapath_new(const struct conf *, struct ipsec *,
    const struct datapath_ppp *, const struct datapath_ops *,
    void *arg) must_check;
/* Only when empty, or at the very end. */
void datapath_free(struct datapath *);
/* See glue_reload(). */
int datapath_reload(struct datapath *, const struct conf *next,
    const struct conf_changes *) must_check;
/* See ppp_service_read_users(). */
void datapath_read_users(struct datapath *);
/* See glue_tell(). */
void datapath_tell(struct datapath *, struct stories *);
bool datapath_is_empty(const struct datapath *);
/* Empty for good: what is still to be told of sessions that have gone is told;
 * ops.finished() follows, a few seconds later at most. */
void datapath_finish(struct datapath *);

/* LNS_TUNNEL_OPEN and LNS_TUNNEL_UP; false: tell the engine that it failed. */
bool datapath_tunnel_open(struct datapath *, const struct lns_effect *);
bool datapath_tunnel_up(struct datapath *, const struct lns_effect *);
/* LNS_TUNNEL_CLOSE: closes its sessions too, if any is left.  lost: as in the
 * effect. */
void datapath_tunnel_close(struct datapath *, uint16_t tid, bool lost);
/* LNS_SESSION_OPEN; false: failed, session_opened() will not come. */
bool datapath_session_open(struct datapath *, const struct lns_effect *);
/* LNS_PPP_START; false: failed, ppp_ended() will not come. */
bool datapath_ppp_start(struct datapath *, const struct lns_effect *);
void datapath_ppp_stop(struct datapath *, const struct lns_effect *);
void datapath_session_close(struct datapath *, uint16_t tid, uint16_t sid);
/* LNS_TRAFFIC: what the tunnel's sessions have carried; ops.traffic() follows,
 * unless the tunnel has gone or memory is short. */
void datapath_ask_traffic(struct datapath *, uint16_t tid);
/* What is there of a session, as values; zero, and false, of none. */
struct datapath_view {
	char label[32]; /* "PP[ANONYMOUS01]" */
	bool has_ppp;
	struct ppp_view ppp;
};
bool datapath_view_session(const struct datapath *, uint16_t tid, uint16_t sid,
    struct datapath_view *);
/* See ppp_view.h. */
void datapath_view_pool(
    const struct datapath *, size_t profile, struct ppp_pool_view *);
size_t datapath_view_radius(const struct datapath *, size_t profile,
    struct ppp_radius_view *, size_t room);
/* Ends the PPP of a session with this cause (copied), if there is one;
 * ops.ppp_ended() follows.  False: there is none. */
bool datapath_disconnect(
    struct datapath *, uint16_t tid, uint16_t sid, const char *cause);
/* The tunnel's socket; -1 if it has none (yet, or any more). */
int datapath_socket(const struct datapath *, uint16_t tid);

#endif
