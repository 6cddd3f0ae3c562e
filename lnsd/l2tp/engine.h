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

/* By the address, port and client that a tunnel comes from. */
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
};

struct lns {
	struct env env;
	struct lns_peer *peers; /* what env.config.peers points to */
	uint32_t *peer_tunnels; /* of each peer, those that are not finished */
	struct tunnel *by_tid[65536];
	struct tunnel *by_peer[PEER_BUCKETS];
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

/* Between engine.c and table.c. */

/* From the same client: nobody else can send on its behalf. */
bool engine_same_peer(const struct lns_path *, const struct lns_path *);
/* The tunnel that has not finished between these ends, or NULL. */
struct tunnel *engine_find(struct lns *, const struct lns_path *);
void engine_add(struct lns *, struct tunnel *);
/* After each step of a tunnel: brings the tables in line with it. */
void engine_settle(struct lns *, struct tunnel *);
/* Of the requests of one host. */
struct limit *engine_host_limit(struct lns *, const struct lns_path *);

#endif
