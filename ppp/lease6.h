/* SPDX-License-Identifier: ISC */
#ifndef LEASE6_H
#define LEASE6_H

/*
 * Who has which IPv6 networks: the /64 of a link, of a pool or his own, and
 * what RADIUS has behind him.  No two links have anything in common.  Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <netinet/in.h>

#include "compiler.h"
#include "conf.h"
#include "grant.h"

struct leases6; /* of all links */

struct lease6 {
	struct in6_addr prefix; /* a /64 */
	struct conf_prefix behind[GRANT_ROUTES6_MAX];
	size_t n_behind;
	/* Of lease6.c. */
	LIST_ENTRY(lease6) entry;
	size_t pool; /* 1 + its index; 0: the user's own */
};

/* The conf must outlive it.  NULL: out of memory. */
struct leases6 *leases6_new(const struct conf *) must_check;
/* Only when no lease is left. */
void leases6_free(struct leases6 *);

/* The prefixes of these users, besides those of the conf, are given to nobody
 * of a pool; in the place of those told before.  False: out of memory. */
bool leases6_reserve(struct leases6 *, const struct conf_users *) must_check;
/* For so many profiles as there will be.  False: out of memory. */
bool leases6_make_room(struct leases6 *, size_t n_ppp) must_check;
/* conf's place is taken by one with the same pools, and maybe more profiles,
 * without, for which there is room. */
void leases6_reload(struct leases6 *, const struct conf *next);

/* Of a profile's prefixes; false: it has none. */
bool leases6_pool_use(const struct leases6 *, size_t profile, uint64_t *size,
    uint64_t *used, uint64_t *left);

/* One of the profile's pool, which it has; NULL: none is left, or no memory. */
struct lease6 *lease6_take(
    struct leases6 *, size_t profile, const char *user) must_check;
/* This /64; NULL: somebody has it, or some of it, or no memory. */
struct lease6 *lease6_take_own(
    struct leases6 *, const struct conf_prefix *) must_check;
/* False: another has some of it, or the lease has it or no room for more. */
bool lease6_add_network(
    struct leases6 *, struct lease6 *, const struct conf_prefix *) must_check;
/* Whether it is what lease6_take() of this profile gives. */
bool lease6_is_of_pool(const struct lease6 *, size_t profile);
void lease6_give(struct leases6 *, struct lease6 *);

#endif
