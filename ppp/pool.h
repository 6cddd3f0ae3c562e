/* SPDX-License-Identifier: ISC */
#ifndef POOL_H
#define POOL_H

/*
 * The addresses of one PPP profile.  A user gets again what he had last, if it
 * is free.  Otherwise those never used go out first, lowest first; then
 * whichever has been free for longest, so that what others still remember of
 * an address has time to fade.  Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <netinet/in.h>

#include "compiler.h"
#include "conf.h"

struct pool;

/* never: addresses that this pool must not give although they lie inside (our
 * own, those fixed for a user).  Ranges may overlap.  NULL: out of memory. */
struct pool *pool_new(const struct conf_range *, size_t n,
    const struct in_addr *never, size_t n_never) must_check;
void pool_free(struct pool *);
/* Others in their place.  One that is out stays out, and is not given again
 * once it has come back.  False: out of memory, nothing has changed. */
bool pool_reserve(
    struct pool *, const struct in_addr *never, size_t n_never) must_check;

/* Other ranges in the place of those before.  What is out stays out, and is not
 * given again if it lies in none of them.  False: out of memory, nothing has
 * changed. */
bool pool_resize(struct pool *, const struct conf_range *, size_t n) must_check;

/* user: his name; of the same user more than one may be out.  False: none is
 * left (or no memory). */
bool pool_take(struct pool *, const char *user, struct in_addr *) must_check;
enum pool_claim {
	POOL_CLAIMED,
	POOL_TAKEN,   /* it is out, or never given */
	POOL_FOREIGN, /* it is none of this pool's, or there is no memory */
};

/* This very address, for a user whom others have given it. */
enum pool_claim pool_claim(
    struct pool *, const char *user, struct in_addr) must_check;
/* Only what these gave, once.  Cannot fail. */
void pool_give(struct pool *, struct in_addr);
/* The same, of one that somebody else has: it goes out again last of all. */
void pool_avoid(struct pool *, struct in_addr);
size_t pool_in_use(const struct pool *);
/* How many it has, in use or not. */
uint64_t pool_size(const struct pool *);
/* Of these, not in use.  What is out may be of it no more, after
 * pool_resize() or pool_reserve(). */
uint64_t pool_left(const struct pool *);

#endif
