/* SPDX-License-Identifier: ISC */
#ifndef L2TP_ENGINE_H
#define L2TP_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "env.h"
#include "ids.h"
#include "lns.h"
#include "timerq.h"
#include "tunnel.h"

/* By the address, port and client that a tunnel comes from; and without the
 * port, where the client is told. */
#define PEER_BUCKETS 16384

/*
 * How often one host may ask for a tunnel; what is established does not count.
 * A host is an address and a client of the IPsec layer, so that each phone
 * behind a NAT has a limit of its own; where the clients are not told apart,
 * 64 of them may dial in the same moment and those beyond it are served when
 * they repeat their request.  In a retransmission cycle a host can leave 64 +
 * 8 * 31 tunnels half-open: a third of what there may be of all.
 */
enum {
	HOST_BURST = 64,
	HOST_EVERY_MS = 125,
	HALF_OPEN_MAX = 1000,
	/* Of those that were established and had no session, so many times
	 * as many. */
	UNUSED_TIMES = 3,
	/* A half-open tunnel that has not answered SCCRP when it was sent
	 * again is dead, if its place is needed for the same client. */
	HALF_OPEN_DEAD_MS = 2000,
	/* Of the other tunnels of a client that dials, the newest so many are
	 * looked at. */
	PROBES_MAX = 16,
};

struct lns {
	struct env env;
	struct lns_peer *peers; /* what env.config.peers points to */
	uint32_t *peer_tunnels; /* of each peer, those that are not finished */
	struct tunnel *by_tid[65536];
	struct tunnel *by_peer[PEER_BUCKETS];
	struct tunnel *by_client[PEER_BUCKETS];
	uint32_t hash_seed;
	struct limit_hosts hosts;
	struct idpool tids;
	struct slots slots;
	struct timerq timers;
	size_t n_tunnels; /* in by_tid */
	/* Never established; established, but never with a session; ended. */
	struct tunnel_list half_open, unused, linger;
	struct tunnel *dead; /* by peer_next: die when the input call ends */
	bool stopping;
};

/* In table.c. */

/* From the same client: nobody else can send on its behalf. */
bool engine_same_peer(const struct lns_path *, const struct lns_path *);
/* The tunnel that has not finished between these ends, or NULL. */
struct tunnel *engine_find(struct lns *, const struct lns_path *);
/* All that have not finished between that client, from whatever port, and us,
 * the newest first; none of a client that is not told.  NULL: no more. */
struct tunnel *engine_first_of_client(struct lns *, const struct lns_path *);
struct tunnel *engine_next_of_client(
    const struct tunnel *, const struct lns_path *);
void engine_add(struct lns *, struct tunnel *);
/* After each step of a tunnel: brings the tables in line with it. */
void engine_settle(struct lns *, struct tunnel *);
/* Of the requests of one host. */
struct limit *engine_host_limit(struct lns *, const struct lns_path *);

/* In room.c. */

/* Ends a tunnel without a word to its peer. */
void engine_yield(struct lns *, struct tunnel *, struct mono now);
/* Numbers for a new tunnel; the oldest that only lingers gives up its id.
 * False: there is none. */
bool engine_take_numbers(struct lns *, struct tunnel *, struct mono now);
/* Before a new tunnel on this path, of this configured peer; false: there are
 * too many. */
bool engine_make_room(
    struct lns *, const struct lns_path *, uint32_t peer, struct mono now);
/* Of path, the peer's address and the client count. */
void engine_client_gone(struct lns *, const struct lns_path *, struct mono now);

#endif
