/* SPDX-License-Identifier: ISC */
#ifndef METRICS_H
#define METRICS_H

/*
 * The server in the words of Prometheus: lnsd(8) tells what each means.  How
 * many series there are is bounded by the configuration and by constants:
 * nothing that a peer says becomes a label.  Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "ipsec_view.h"
#include "lns.h"
#include "ppp_view.h"
#include "story.h"

struct metrics_pool {
	const char *profile;
	bool sized; /* free is known */
	uint64_t used, free;
	bool has_ipv6;
	uint64_t prefixes_used, prefixes_free;
};

/* A RADIUS server of a profile. */
struct metrics_radius {
	const char *profile;
	struct ppp_radius_view server;
};

/* Adds one to a list that has room; with one of the same labels it is one: two
 * series must not have the same. */
void metrics_add_radius(
    struct metrics_radius *list, size_t *n, const struct metrics_radius *);

/* One of the kernel's reasons to drop a packet of IPsec. */
struct metrics_drop {
	char reason[40]; /* "XfrmInNoStates" */
	uint64_t n;
};

#define METRICS_DROPS 64

struct metrics_process {
	double cpu_s;
	uint64_t resident_octets;
	uint64_t fds, max_fds;
};

struct metrics {
	const char *version;
	int64_t started_s; /* since 1970 */
	struct lns_stats l2tp;
	uint32_t sessions_up; /* of l2tp.sessions */
	bool draining, guarded, pluto_runs;
	uint32_t sas_in, sas_out;
	uint64_t rx_octets, tx_octets; /* see traffic.h */
	const struct metrics_pool *pools;
	size_t n_pools;
	const struct metrics_radius *radius;
	size_t n_radius;
	struct ipsec_drops guard;
	const struct story_counts *story;
	struct metrics_drop drops[METRICS_DROPS];
	size_t n_drops;
	struct metrics_process process;
};

/* When the server was started, by the clocks of now; was: as told before, 0 at
 * first.  Both clocks are cut to seconds, each at its own moment: what differs
 * by that is told as before. */
int64_t metrics_started(int64_t was, int64_t wall_s, int64_t up_ms);

enum metrics_format {
	METRICS_PLAIN, /* text format 0.0.4 of Prometheus */
	METRICS_OPEN,  /* OpenMetrics 1.0.0 */
};

/* The format that who sends this Accept wants most; NULL: there was none. */
enum metrics_format metrics_format(const char *accept);
const char *metrics_content_type(enum metrics_format);
void metrics_write(const struct metrics *, enum metrics_format, FILE *);

/* The lines of /proc/net/xfrm_stat. */
void metrics_read_drops(struct metrics *, FILE *);

#endif
