/* SPDX-License-Identifier: ISC */
#ifndef ROUTES_H
#define ROUTES_H

/* Networks behind a user: routes over his interface, which go with it. */

#include <stdint.h>

#include "compiler.h"
#include "conf.h"

/* Waits for the kernel, which may be busy with the interfaces of others.  0, or
 * -1 with errno: EEXIST, somebody else has a route to just this network;
 * ENODEV, the interface has gone. */
int routes_add(uint32_t ifindex, const struct conf_route *) must_check;

#endif
