/* SPDX-License-Identifier: ISC */
#ifndef IKESAS_H
#define IKESAS_H

/*
 * The SAs of our connections as whack --status tells them: of each connection
 * what its newest IKE SA has agreed on, then the states.  Pure.  The text is no
 * interface of libreswan's: what is not understood is not known.
 */

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"
#include "conf.h"
#include "ipsec_view.h"
#include "states.h"

struct ikesas_proposal {
	unsigned long n; /* of the IKE SA */
	char text[IPSEC_PROPOSAL_TEXT];
};

struct ikesas {
	struct states states;
	struct ikesas_proposal *proposals;
	size_t n_proposals, cap;
	unsigned long newest; /* IKE SA of the connection being told; 0: none */
	bool failed;	      /* no memory */
};

/* A line, the next one. */
void ikesas_take(struct ikesas *, const char *line);
/* What was told, for the caller to free by ipsec_ike_free(); NULL: no
 * memory. */
struct ipsec_ike *ikesas_result(
    const struct ikesas *, const struct conf *) must_check;
void ikesas_clear(struct ikesas *);

#endif
