/* SPDX-License-Identifier: ISC */
#ifndef CONTRACT_H
#define CONTRACT_H

/*
 * Watches the effects of one engine and says when their order or their ids
 * break the contract of lns.h.  Plays the part of the shell's memory: which
 * tunnels and sessions are open, and on which socket a datagram arrives.
 *
 * Functions that return text return NULL when all is well.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lns.h"

enum contract_ppp { PPP_NONE, PPP_RUNNING, PPP_ENDED };

struct contract_session {
	uint16_t tid, sid, peer_sid;
	bool answered; /* lns_session_opened() was called */
	bool ok;       /* with this answer */
	enum contract_ppp ppp;
};

struct contract_tunnel {
	uint16_t tid, peer_tid;
	uint32_t slot;
	bool up;
	bool failed; /* lns_tunnel_failed() was called */
	struct lns_path path;
	uint16_t ns, nr; /* next to be sent; last acknowledged */
};

struct contract {
	struct contract_tunnel *tunnels; /* the open ones */
	size_t n_tunnels, max_tunnels;
	struct contract_session *sessions; /* the open ones */
	size_t n_sessions, max_sessions;
	size_t n_peers;
	unsigned opened, ups, calls, starts, sends; /* counters */
};

void contract_init(struct contract *, size_t n_peers);
void contract_fini(struct contract *);

/* An effect, as it is carried out. */
const char *contract_effect(struct contract *, const struct lns_effect *);

/* What the shell is about to tell the engine. */
void contract_tunnel_failed(struct contract *, uint16_t tid);
void contract_session_opened(
    struct contract *, uint16_t tid, uint16_t sid, bool ok);
void contract_ppp_exited(struct contract *, uint16_t tid, uint16_t sid);

/* The open tunnel whose connected socket takes datagrams of this path; 0: the
 * listening socket does. */
uint16_t contract_socket(const struct contract *, const struct lns_path *);
struct contract_tunnel *contract_tunnel(struct contract *, uint16_t tid);
struct contract_session *contract_session(
    struct contract *, uint16_t tid, uint16_t sid);

/* At the end: nothing may be open. */
const char *contract_finish(const struct contract *);
/* Does lns_stats() agree with what was opened and closed? */
const char *contract_stats(const struct contract *, const struct lns *);

#endif
