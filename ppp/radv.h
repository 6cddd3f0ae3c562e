/* SPDX-License-Identifier: ISC */
#ifndef RADV_H
#define RADV_H

/*
 * The router of clients' links (RFC 4861 6.2): sends advertisements (ra.h) when
 * a link begins, when it is solicited, and from time to time.  One socket for
 * all of them.
 */

#include "compiler.h"
#include "ra.h"

struct radv;
struct radv_link;

struct radv_spec {
	unsigned int ifindex;
	struct in6_addr source; /* our link-local address on it */
	struct in6_addr prefix; /* a /64 */
	uint32_t mtu;		/* of the interface */
	struct in6_addr dns[RA_DNS_MAX];
	size_t n_dns;
};

/* NULL with errno. */
struct radv *radv_new(void) must_check;
/* Only when all links have been stopped. */
void radv_free(struct radv *);

/* Sends the first one at once.  Of an interface there is at most one.  NULL:
 * out of memory. */
struct radv_link *radv_start(
    struct radv *, const struct radv_spec *) must_check;
void radv_stop(struct radv_link *);

#endif
