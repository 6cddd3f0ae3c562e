/* SPDX-License-Identifier: ISC */
#ifndef PROXYARP_H
#define PROXYARP_H

/*
 * The entries by which this machine answers ARP on the LAN for a client.  pppd
 * makes them (proxy-arp), and cannot take them back when it is killed.
 */

#include <netinet/in.h>

#include "compiler.h"

/* All entries for this address, on whatever interface; there need not be one.
 * Asks the kernel and waits for its answer.  0, or -1 with errno. */
int proxyarp_forget(struct in_addr) must_check;

#endif
