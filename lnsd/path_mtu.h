/* SPDX-License-Identifier: ISC */
#ifndef PATH_MTU_H
#define PATH_MTU_H

#include "compiler.h"
#include "conf.h"
#include "lns.h"

/* The MTU of the route to a client, as far as this machine knows: of its
 * interface, or what routers on the way have said.  Nothing is sent.  0:
 * unknown. */
unsigned int path_mtu(const struct conf *, const struct lns_path *);

#endif
