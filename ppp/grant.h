/* SPDX-License-Identifier: ISC */
#ifndef GRANT_H
#define GRANT_H

/*
 * What a user who was let in gets: the profile's, unless whoever knows the user
 * says otherwise.  A value: it points to nothing, and outlives the
 * configuration or the answer that it was made from.  Pure.
 */

#include <stdbool.h>
#include <netinet/in.h>

#include "conf.h"
#include "plugin/wire.h"
#include "rate.h"

/* Names of filters, with blanks between. */
#define GRANT_FILTER_SIZE 256
/* IPv6 networks behind one user. */
#define GRANT_ROUTES6_MAX 8

struct grant {
	bool has_address; /* his own; else one of a pool */
	struct in_addr address;
	/* It comes from elsewhere than the configuration: it may be one of a
	 * pool, or somebody else's. */
	bool address_is_told;
	/* Which profile's pool: 1 + its index; 0: that of his own. */
	size_t pool;
	unsigned int max_sessions; /* 0: no limit */
	/* A login ends the older ones of the same user. */
	bool one_login;
	struct conf_prefix ipv6_prefix; /* his own /64; none: one of a pool */
	size_t pool6;			/* whose: as of pool */
	/* Address 0: none. */
	struct in_addr dns[2], wins[2];
	struct in6_addr dns6[2];
	size_t n_dns6;
	struct conf_route routes[CONF_ROUTES_MAX]; /* over his interface */
	size_t n_routes;
	struct conf_prefix routes6[GRANT_ROUTES6_MAX];
	size_t n_routes6;
	struct rate_limit rate;
	char filter[GRANT_FILTER_SIZE]; /* for ip-up; "": none */
	unsigned int idle_timeout_s;	/* without user data; 0: never */
	unsigned int session_timeout_s; /* 0: never */
};

/* What everybody gets. */
void grant_of_profile(struct grant *, const struct conf_ppp *);
/* The same, and what is said of this user. */
void grant_of_user(
    struct grant *, const struct conf_ppp *, const struct conf_user *);
/* Into a verdict that has nothing else in it but the peer's address and his
 * proof.  One server of a kind is told twice: a phone that asks for two and is
 * refused one needs another round trip. */
void grant_write(const struct grant *, struct wire_verdict *);

#endif
