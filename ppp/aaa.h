/* SPDX-License-Identifier: ISC */
#ifndef AAA_H
#define AAA_H

/* What RADIUS has to do with a link, if its profile has a radius block; without
 * one nothing here does anything. */

#include <stdbool.h>
#include <stdint.h>

#include "compiler.h"
#include "grant.h"
#include "lns.h"
#include "loop.h"
#include "plugin/wire.h"
#include "ppp.h"
#include "radius.h"
#include "radius_order.h"
#include "user.h"

struct ppp_link;
struct aaa_count;

struct aaa {
	struct radius *radius;	    /* NULL: no block */
	struct radius_login *login; /* not NULL: a verdict is awaited */
	/* The other verdict, and what he gets then. */
	struct user_verdict fallback;
	struct grant fallback_grant;
	/* Where the link is. */
	struct lns_addr local, peer;
	uint32_t port;
	char label[32];
	char calling[LNS_NAME_MAX], called[LNS_NAME_MAX];
	char session_id[RADIUS_SESSION_ID_SIZE];
	/* What RADIUS has said of the user; by_radius: it has. */
	bool by_radius;
	char user[RADIUS_VALUE_MAX + 1]; /* "": as he calls himself */
	struct radius_class class;
	unsigned int interim_s;
	bool up;
	struct in_addr address; /* if up */
	/* Accounting. */
	bool started;
	struct radius_usage usage; /* last known */
	struct loop_timer *interim;
	struct aaa_count *count; /* not NULL: a worker counts */
};

/* False: out of memory. */
bool aaa_init(struct ppp_link *, const struct ppp_start *) must_check;
void aaa_fini(struct ppp_link *);

/* Asks about a user whom the configuration does not have.  True: link_decide()
 * is called later, unless aaa_cancel() is called before.  False: there is
 * nobody to ask, or *why (a constant) says why not. */
bool aaa_ask(
    struct ppp_link *, const struct wire_ask *, const char **why) must_check;
/* What holds if RADIUS does not let him in who is asked about: if it is
 * granted, this verdict, which is copied. */
void aaa_fall_back(struct ppp_link *, const struct user_verdict *);
/* What is awaited is not wanted any more. */
void aaa_cancel(struct ppp_link *);
/* Nor what was said of a user before: another one is asked about. */
void aaa_forget(struct ppp_link *);

/* IP is up, with this address of the peer. */
void aaa_up(struct ppp_link *, struct in_addr);
/* What pppd has counted in the end. */
void aaa_counted(struct ppp_link *, const struct wire_down *);
/* The link has ended. */
void aaa_ended(struct ppp_link *, const struct ppp_end *);

/* Whether the order can be carried out, as a whole, if it means this link. */
bool aaa_can_obey(const struct ppp_link *, const struct radius_order *,
    const struct radius_view *) must_check;
/* Does as a server has ordered, if it means this link; false: it does not. */
bool aaa_obey(struct ppp_link *, const struct radius_order *,
    const struct radius_view *) must_check;

#endif
