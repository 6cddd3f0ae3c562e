/* SPDX-License-Identifier: ISC */
#ifndef GUARD_H
#define GUARD_H

/*
 * The kernel guard: nftables tables (ip, ip6) that drop every datagram of UDP
 * 1701 that would leave without an IPsec SA.  They stand before pluto starts
 * and until everything else is gone; when lnsd is killed, they stay.  What
 * comes in without one is dropped by steer.h's tables, which packets pass
 * anyway.
 *
 * The table ip also marks what leaves from the addresses of uplink sections, so
 * that the administrator's routing rules see it.
 */

#include <stdbool.h>
#include <stdio.h>

#include "conf.h"

#define GUARD_TABLE "lnsd_guard"
#define GUARD_NFT "/usr/sbin/nft"

/* Comments of the rules that drop, here and in steer.c; see enum ipsec_drop. */
#define GUARD_CLEAR_IN "clear_in"
#define GUARD_CLEAR_OUT "clear_out"
#define GUARD_ICMP_OUT "icmp_out"
#define GUARD_FORGED "forged"
#define GUARD_NO_TUNNEL "no_tunnel"

/* done is called on the loop; an error has been logged then. */
typedef void (*guard_fn)(bool ok, void *arg);

/* Loads the tables, in one transaction, over those that may be there.  0, or -1
 * with errno and done is not called. */
int guard_load(const struct conf *, guard_fn done, void *arg);
int guard_unload(guard_fn done, void *arg);

/* The rule set that is loaded, for nft -f. */
void guard_write(FILE *, const struct conf *);

#endif
