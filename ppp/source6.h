/* SPDX-License-Identifier: ISC */
#ifndef SOURCE6_H
#define SOURCE6_H

/*
 * A client sends from its own IPv6 addresses only: what comes in by an
 * interface of WIRE_LINK_GROUP is dropped unless its source is link-local or
 * the route back to it is by that interface.  That is IPv4's rp_filter, which
 * the kernel does not have for IPv6: one rule of an nftables table that dies
 * with lnsd, at the same cost for any number of clients.
 */

#include "compiler.h"

struct source6;

/* NULL with errno. */
struct source6 *source6_new(void) must_check;
void source6_free(struct source6 *);

#endif
