/* SPDX-License-Identifier: ISC */
#ifndef STEER_H
#define STEER_H

/*
 * Which socket a packet of UDP 1701 goes to is decided by the SA that it came
 * out of, not by the address and port that it claims: behind a NAT several
 * clients have the same, and a client can write what it likes into them.
 *
 * An nftables table for each family, which dies with lnsd, does it:
 *
 *  - A request for a tunnel (tunnel id 0), and any control message of an SA
 *    without an element here, goes to the listening socket.  Its mark is the
 *    SPI, which SO_RCVMARK tells.
 *  - Everything else of an SA is given the local address of its client, one
 *    that nobody else has, as its destination; the selector of the SA has to
 *    allow that (xfrm_sa.h).  Connections are not tracked.
 *  - IPv4: routes call it a broadcast address: a socket that is bound to it
 *    sends from the address that was dialled, so that what goes out is not
 *    touched at all.
 *  - IPv6, which has no broadcast: what the socket sends is given the dialled
 *    address as its source.  That is after the kernel has chosen the SA, which
 *    therefore has to allow the other.
 *  - What comes in clear is dropped: the half of the guard (guard.h) that only
 *    matters as long as there is a socket.  What would leave in clear is
 *    dropped here, too: others can flush the guard, but not these tables.
 *
 * The cost per packet does not depend on the number of clients.
 */

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "compiler.h"
#include "lns.h"

#define STEER_TABLE "lnsd"

struct steer;

/* Makes table and route.  range: the first address of a /16.  NULL: the cause
 * has been logged. */
struct steer *steer_new(struct in_addr range) must_check;
void steer_free(struct steer *);
/* An address that clients dial has come or gone. */
void steer_address(struct steer *, const struct lns_addr *, bool present);
/* The local address of client n, which has dialled dst, with L2TP's port; 0:
 * one that nothing is steered to, for a socket that only sends (IPv4). */
void steer_client_addr(const struct steer *, const struct lns_addr *dst,
    uint32_t client, struct lns_addr *);
/* The client, which has dialled dst, has a socket bound to its address, or no
 * longer.  0, or -1 with errno. */
int steer_client(struct steer *, const struct lns_addr *dst, uint32_t client,
    bool present) must_check;
/* The inbound SA belongs to such a client. 0, or -1 with errno. */
int steer_add(struct steer *, const struct lns_addr *dst, uint32_t spi,
    uint32_t client) must_check;
void steer_remove(struct steer *, const struct lns_addr *dst, uint32_t spi);

/* What is missing in this kernel, in words; NULL: nothing. */
const char *steer_missing(void);

#endif
