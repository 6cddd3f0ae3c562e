/* SPDX-License-Identifier: ISC */
#ifndef LAN_H
#define LAN_H

/* The interface of a LAN that clients seem to be part of. */

#include <stdbool.h>
#include <net/if.h>
#include <netinet/in.h>

#include "compiler.h"

/* The one, up and with a broadcast address, whose network local is of.  False:
 * there is none, errno says ENODEV, or what else has failed. */
bool lan_find(struct in_addr local, char ifname[IFNAMSIZ]) must_check;

#endif
