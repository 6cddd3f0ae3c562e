/* SPDX-License-Identifier: ISC */
#ifndef SURVEY_H
#define SURVEY_H

/*
 * All tunnels, sessions and SAs of one moment as values, gathered from the
 * parts that know them: for the control socket and whoever else shows them.
 * Belongs to whoever made it, and to no thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"
#include "datapath.h"
#include "glue.h"
#include "ipsec_view.h"
#include "lns_view.h"
#include "ppp_view.h"

struct survey_tunnel {
	struct lns_tunnel_view l2tp;
	/* Where its ESP comes from; without IPsec, its UDP.  port 0: ESP that
	 * is not in UDP. */
	struct lns_addr outer;
	const char *kind;		/* client_kind() */
	size_t first_session;		/* of survey.sessions */
	char cipher[IPSEC_CIPHER_TEXT]; /* "": none, or not known */
};

struct survey_session {
	size_t tunnel; /* index */
	struct lns_session_view l2tp;
	struct datapath_view path;
	bool counted; /* the rest is set */
	struct ppp_counters counters;
	bool has_idle;
	uint32_t idle_s;
};

struct survey_sa {
	struct ipsec_sa_view sa;
	bool has_detail;
	struct ipsec_sa_detail detail;
};

struct survey {
	struct mono now;
	int64_t wall_s;		       /* the same moment, since 1970 */
	struct survey_tunnel *tunnels; /* by slot */
	size_t n_tunnels;
	struct survey_session *sessions; /* those of a tunnel together */
	size_t n_sessions;
	struct survey_sa *sas; /* by client */
	size_t n_sas;
	/* Of whoever has asked for it before; freed with the survey.  NULL: it
	 * is not known. */
	struct ipsec_ike *ike;
};

/* On the loop, and quick.  NULL: out of memory. */
struct survey *survey_new(const struct glue *, const struct ipsec *) must_check;
/* Adds what the kernel counts.  May sleep: for a worker. */
void survey_count(struct survey *);
/* The same of what sessions have carried, and no more. */
void survey_count_octets(struct survey *);
void survey_free(struct survey *);

#endif
