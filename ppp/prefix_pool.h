/* SPDX-License-Identifier: ISC */
#ifndef PREFIX_POOL_H
#define PREFIX_POOL_H

/*
 * The /64 prefixes of one PPP profile, one for each client (RFC 8273), in the
 * order that pool.h has for addresses: a user gets again what he had last, if
 * it is free; then those never used, lowest first; then whichever has been free
 * for longest.  Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <netinet/in.h>

#include "compiler.h"
#include "conf.h"

struct prefix_pool;

/* never: prefixes (the first 64 bits count) that this pool must not give
 * although they may lie inside: those fixed for a user.  The conf_prefix has a
 * length from 32 to 64.  NULL: out of memory. */
struct prefix_pool *prefix_pool_new(const struct conf_prefix *,
    const struct in6_addr *never, size_t n_never) must_check;
void prefix_pool_free(struct prefix_pool *);
/* As pool_reserve(). */
bool prefix_pool_reserve(struct prefix_pool *, const struct in6_addr *never,
    size_t n_never) must_check;

/* The last 64 bits of the prefix are 0.  False: none is left (or no memory). */
bool prefix_pool_take(
    struct prefix_pool *, const char *user, struct in6_addr *) must_check;
/* Only what prefix_pool_take() gave, once.  Cannot fail. */
void prefix_pool_give(struct prefix_pool *, const struct in6_addr *);
size_t prefix_pool_in_use(const struct prefix_pool *);
uint64_t prefix_pool_size(const struct prefix_pool *);
uint64_t prefix_pool_left(const struct prefix_pool *);

#endif
