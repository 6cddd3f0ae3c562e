/* SPDX-License-Identifier: ISC */
#ifndef L2TP_LIMIT_H
#define L2TP_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "lns.h"
#include "mono.h"

/*
 * How often something may happen: so many times at once (burst), and then once
 * in every_ms.  Zeroed: nothing has happened yet.
 */
struct limit {
	int64_t full_ms; /* when all of the burst is there again */
};

bool limit_take(
    struct limit *, int64_t every_ms, unsigned burst, struct mono now);
/* It did not count after all. */
void limit_refund(struct limit *, int64_t every_ms);

/*
 * A limit for each host that asks for tunnels.  The table is of a fixed size:
 * of more hosts at once, the one least in need of its limit is forgotten.
 */
enum {
	LIMIT_SETS = 512,
	LIMIT_WAYS = 4,
};

struct limit_host {
	uint8_t family, ip[16];
	uint32_t client;
	struct limit limit;
};

struct limit_hosts {
	struct limit_host hosts[LIMIT_SETS][LIMIT_WAYS];
};

/* hash: of the address and the client.  Never NULL. */
struct limit *limit_of_host(
    struct limit_hosts *, const struct lns_path *, uint32_t hash);

#endif
