/* SPDX-License-Identifier: ISC */
#ifndef ROUTE6_H
#define ROUTE6_H

/* IPv6 routes to clients by rtnetlink. */

#include <stdbool.h>
#include <netinet/in.h>

#include "compiler.h"
#include "conf.h"

/* The way to a network is this interface; in the place of another that was
 * there. It goes with the interface.  May wait for the kernel's lock on
 * interfaces: for a worker.  0, or -1 with errno. */
int route6_add(unsigned int ifindex, const struct conf_prefix *) must_check;
/* What has no such way is answered as unreachable, or no longer: by a default
 * route it would go back to where it came from, and round and round.  At start
 * and stop.  0, or -1 with errno. */
int route6_refuse(const struct conf_prefix *, bool add) must_check;

#endif
