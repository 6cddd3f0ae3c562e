/* SPDX-License-Identifier: ISC */
#ifndef TRAFFIC_H
#define TRAFFIC_H

/*
 * What all sessions have carried since the start, those that have ended
 * included: it never gets less.  And how it was in the last hour.  Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"

#define TRAFFIC_INTERVAL_S 10
#define TRAFFIC_SAMPLES 360

/* What an interface has carried. */
struct traffic_link {
	uint32_t ifindex;
	uint64_t rx, tx; /* octets, from the client and to it */
	bool unknown;	 /* it could not be read this time */
};

struct traffic_sample {
	int64_t wall_s;
	uint32_t sessions;
	uint64_t rx, tx; /* all that was carried by then */
};

struct traffic {
	uint64_t rx, tx;
	struct traffic_link *links; /* as they were last, by ifindex */
	size_t n_links;
	struct traffic_sample samples[TRAFFIC_SAMPLES]; /* a ring */
	size_t first, n_samples;
};

/* Adds what these have carried since they were added last; sorts them.  A
 * link that is missing has ended; one that is unknown stays as it was.  Without
 * memory they wait for the next time. */
void traffic_add(struct traffic *, struct traffic_link *, size_t n);
/* Keeps a sample; the oldest yields. */
void traffic_keep(struct traffic *, int64_t wall_s, uint32_t sessions);
/* The i-th of n_samples, from the oldest. */
const struct traffic_sample *traffic_sample(const struct traffic *, size_t i);
void traffic_fini(struct traffic *);

#endif
