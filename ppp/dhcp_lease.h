/* SPDX-License-Identifier: ISC */
#ifndef DHCP_LEASE_H
#define DHCP_LEASE_H

/*
 * One lease of a DHCP client (RFC 2131 4.4), from DISCOVER to its end.  Pure:
 * replies and the time go in, what is to be done comes out.
 *
 * The client is not on the wire itself: somebody else answers for its address.
 * What a server sends to that address would go to the client, so a lease is
 * never renewed from there (ciaddr) but asked for again, as after a restart
 * (4.3.2, INIT-REBOOT), which every server answers to all of the wire.
 */

#include <stdbool.h>
#include <stdint.h>
#include <netinet/in.h>

#include "compiler.h"
#include "dhcp_msg.h"
#include "mono.h"

enum dhcp_state {
	DHCP_SELECTING,
	DHCP_REQUESTING,
	DHCP_BOUND,
	DHCP_RENEWING,
	DHCP_OVER,
};

struct dhcp_lease {
	struct dhcp_identity id;
	enum dhcp_state state;
	uint32_t xid;
	unsigned int sent; /* times, in this state */
	struct mono begun, deadline, expires;
	struct in_addr address, server;
	struct in_addr dns[2]; /* 0: none */
	const char *why;       /* OVER: a constant, in words */
};

/* What is to be done now. */
enum dhcp_step {
	DHCP_WAIT,
	DHCP_SEND, /* what dhcp_lease_request() says */
	DHCP_GOT,  /* address is the client's, until DHCP_LOST */
	DHCP_LOST, /* it is not, or never was: why says it */
};

/* How long a client waits for its first address.  Who dials waits as long, and
 * pppd for 20 s. */
#define DHCP_PATIENCE_MS 12000

/* xid: random.  The first step is DHCP_SEND. */
void dhcp_lease_begin(struct dhcp_lease *, const struct dhcp_identity *,
    uint32_t xid, struct mono now);
/* The deadline has passed; early, it waits. */
enum dhcp_step dhcp_lease_expire(struct dhcp_lease *, struct mono now);
/* A reply with this lease's xid and mac. */
enum dhcp_step dhcp_lease_reply(
    struct dhcp_lease *, const struct dhcp_reply *, struct mono now);
/* The message for DHCP_SEND; r->id points into the lease. */
void dhcp_lease_request(
    const struct dhcp_lease *, struct mono now, struct dhcp_request *r);
/* The message that gives the address back.  False: there is none to give. */
bool dhcp_lease_release(
    const struct dhcp_lease *, struct dhcp_request *) must_check;

#endif
