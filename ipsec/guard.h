/* SPDX-License-Identifier: ISC */
#ifndef GUARD_H
#define GUARD_H

/*
 * The kernel guard: an nftables table that drops every datagram of UDP 1701
 * that did not come out of an IPsec SA or would leave without one.  It stands
 * before pluto starts and until everything else is gone; when lnsd is killed,
 * it stays.
 *
 * The same table marks what leaves from the addresses of uplink sections, so
 * that the administrator's routing rules see it.
 */

#include <stdbool.h>
#include <stdio.h>

#include "conf.h"

#define GUARD_TABLE "lnsd_guard"
#define GUARD_NFT "/usr/sbin/nft"

/* done is called on the loop; an error has been logged then. */
typedef void (*guard_fn)(bool ok, void *arg);

/* Loads the table, in one transaction, over one that may be there.  0, or -1
 * with errno and done is not called. */
int guard_load(const struct conf *, guard_fn done, void *arg);
int guard_unload(guard_fn done, void *arg);

/* The rule set that is loaded, for nft -f. */
void guard_write(FILE *, const struct conf *);

#endif
