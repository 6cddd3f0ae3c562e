/* SPDX-License-Identifier: ISC */
#ifndef ADDR_H
#define ADDR_H

/*
 * The machine's IPv4 addresses as they come and go (rtnetlink).  Loopback
 * addresses are left out.
 */

#include <netinet/in.h>
#include <stdbool.h>

#include "compiler.h"

typedef void (*addr_fn)(struct in_addr address, bool present, void *arg);

/* Calls fn for every address there is, before it returns, and later for every
 * change.  Fatal on failure. */
void addr_watch(addr_fn fn, void *arg);
void addr_unwatch(void);

#endif
