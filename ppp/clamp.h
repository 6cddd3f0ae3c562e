/* SPDX-License-Identifier: ISC */
#ifndef CLAMP_H
#define CLAMP_H

/*
 * TCP between clients and the hosts behind this machine is told the segment
 * size that fits through the tunnel: the MSS option of each SYN that is
 * forwarded from or to a client is made smaller where the route there or back
 * has a smaller MTU.  ICMP errors, which say the same later, do not come
 * through everywhere.
 *
 * An nftables table (inet lnsd_ppp) that dies with lnsd does it.  A packet that
 * is no SYN is looked at once, whatever the number of clients.
 */

#include <stdbool.h>
#include <stdint.h>

#include "compiler.h"

struct clamp;

/* NULL with errno. */
struct clamp *clamp_new(void) must_check;
void clamp_free(struct clamp *);
/* A client's interface has come, or has gone.  Does not sleep.  0, or -1 with
 * errno. */
int clamp_interface(struct clamp *, uint32_t ifindex, bool present) must_check;

#endif
