/* SPDX-License-Identifier: ISC */
#ifndef LNS_VIEW_H
#define LNS_VIEW_H

/*
 * The engine's tunnels and sessions as values, for whoever shows them; nothing
 * here changes anything.  Ids are as in lns.h.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"
#include "lns.h"
#include "mono.h"

/* Of one tunnel. */
#define LNS_VIEW_SESSIONS 16

struct lns_session_view {
	uint16_t sid, peer_sid;
	/* A constant, as the trace writes it: "idle", "wait_connect",
	 * "established". */
	const char *state;
	bool established;
	struct mono up; /* when it was; MONO_NEVER: it is not */
};

struct lns_tunnel_view {
	uint32_t slot, peer; /* n of TUNNEL[n]; index into lns_config.peers */
	uint16_t tid, peer_tid;
	/* A constant: "idle", "wait_ctl_conn", "established". */
	const char *state;
	bool established;
	struct lns_path path;
	/* As the peer names itself: any octet may be in there. */
	char hostname[LNS_NAME_MAX], vendor[LNS_NAME_MAX];
	uint16_t firmware;
	uint16_t ns, nr;  /* of the next message sent and received */
	struct mono born; /* when SCCRQ came */
	struct mono up;	  /* as above */
	size_t n_sessions;
	struct lns_session_view sessions[LNS_VIEW_SESSIONS];
};

/* The tunnel with the next id behind *tid, which is set to it; 0: from the
 * beginning.  Those that linger are left out.  False: there is none. */
bool lns_next_tunnel(
    const struct lns *, uint16_t *tid, struct lns_tunnel_view *) must_check;
/* The same of one tunnel. */
bool lns_view_tunnel(
    const struct lns *, uint16_t tid, struct lns_tunnel_view *) must_check;
/* How many of a configured peer there are, by its index in
 * lns_config.peers. */
void lns_view_peer(
    const struct lns *, uint32_t peer, uint32_t *tunnels, uint32_t *sessions);

#endif
