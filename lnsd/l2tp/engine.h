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

struct lns {
	struct env env;
	struct lns_peer *peers; /* what env.config.peers points to */
	uint32_t *peer_tunnels; /* of each peer, those that are not finished */
	struct tunnel *by_tid[65536];
	struct tunnel *by_peer[PEER_BUCKETS];
	uint32_t hash_seed;
	struct idpool tids;
	struct slots slots;
	struct timerq timers;
	size_t n_tunnels;			   /* in by_tid */
	struct tunnel *linger_first, *linger_last; /* the oldest first */
	struct tunnel *dead; /* by peer_next: die when the input call ends */
	bool stopping;
};

#endif
