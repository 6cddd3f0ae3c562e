/* SPDX-License-Identifier: ISC */
#ifndef DHCP_H
#define DHCP_H

/*
 * Addresses from the LAN's DHCP server, one lease for each client, on behalf of
 * clients that are not on the LAN themselves.  Everything goes to all of the
 * wire, so that a server on this very machine is found, too.
 *
 * A lease belongs to a user's name: hardware address and client identifier are
 * made from it, and are the same when he dials again.
 */

#include <stdbool.h>
#include <netinet/in.h>

#include "compiler.h"

struct dhcp;	    /* the leases of one LAN */
struct dhcp_client; /* one of them */

struct dhcp_ops {
	/* The client may use the address until lost(). */
	void (*got)(
	    void *arg, struct in_addr address, const struct in_addr dns[2]);
	/* It may not any more, or never will: why is a constant, in words.
	 * Nothing follows; dhcp_release() is still due. */
	void (*lost)(void *arg, const char *why);
};

/* local: our address on the LAN, or one of its network.  NULL: no memory. */
struct dhcp *dhcp_new(struct in_addr local) must_check;
/* Only when no client is left.  NULL is allowed. */
void dhcp_free(struct dhcp *);

/* Asks for a lease; ops are called from the loop, never from in here.  A user
 * who has several asks again for each.  NULL with errno: ENODEV, no interface
 * is on the LAN. */
struct dhcp_client *dhcp_ask(struct dhcp *, const char *user,
    const struct dhcp_ops *, void *arg) must_check;
/* Gives the address back, if there is one, and frees the client. */
void dhcp_release(struct dhcp_client *);

#endif
