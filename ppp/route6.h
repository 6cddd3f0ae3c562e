/* SPDX-License-Identifier: ISC */
#ifndef ROUTE6_H
#define ROUTE6_H

/* IPv6 routes to clients by rtnetlink. */

#include <netinet/in.h>

#include "compiler.h"

/* The way to a /64 is this interface; in the place of another that was there.
 * It goes with the interface.  May wait for the kernel's lock on interfaces:
 * for a worker.  0, or -1 with errno. */
int route6_add(unsigned int ifindex, const struct in6_addr *) must_check;

#endif
