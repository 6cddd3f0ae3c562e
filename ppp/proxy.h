/* SPDX-License-Identifier: ISC */
#ifndef PROXY_H
#define PROXY_H

/*
 * LCP and authentication that a LAC has done in our place (RFC 2661 4.4.5,
 * 6.8): can we go on from there?  Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"
#include "conf.h"
#include "lns.h"
#include "plugin/wire.h"

/* The options of one Configure-Request. */
struct proxy_lcp {
	struct wire_lcp lcp;
	uint16_t auth;	   /* protocol asked for; 0: none */
	uint8_t algorithm; /* of CHAP; 0: none given */
};

/* NULL, or in words why the list cannot be used (a constant). */
const char *proxy_parse(
    const uint8_t *options, size_t len, struct proxy_lcp *) must_check;

struct proxy_plan {
	struct wire_proxy open; /* for pppd */
	/* What the peer answered to the LAC, for user_verify(): a secret.
	 * Used if open.answered. */
	struct wire_ask ask;
};

/* Did the LAC tell anything of this at all? */
bool proxy_is_offered(const struct lns_call *);
/* NULL if PPP can begin with the plan; else in words why LCP must be negotiated
 * anew (a constant), and the plan is empty. */
const char *proxy_decide(const struct lns_call *, const struct conf_ppp *,
    struct proxy_plan *) must_check;

#endif
