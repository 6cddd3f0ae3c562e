/* SPDX-License-Identifier: ISC */
#ifndef PROXYARP_H
#define PROXYARP_H

/*
 * The entries by which this machine answers ARP on the LAN for a client.  pppd
 * makes them (proxy-arp), and cannot take them back when it is killed.
 */

#include <netinet/in.h>

#include "compiler.h"

/* The entry of this address; there need not be one.  *ifindex: of the interface
 * that the last one was on, which is tried first, so that no list is asked for
 * when many are killed; 0: unknown.  Waits for the kernel.  0, or -1 with
 * errno. */
int proxyarp_forget(struct in_addr, int *ifindex) must_check;

#endif
