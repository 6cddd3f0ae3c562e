/* SPDX-License-Identifier: ISC */
#ifndef DHCP_MSG_H
#define DHCP_MSG_H

/*
 * DHCP messages (RFC 2131, RFC 2132) as a client writes and reads them.  Pure.
 *
 * No library does this for C; what there is runs one process for each client,
 * or hands out the address of an interface that the client owns.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <netinet/in.h>

#include "compiler.h"

#define DHCP_SERVER_PORT 67
#define DHCP_CLIENT_PORT 68
/* All that a client has to accept, 2131 2; we ask for no more. */
#define DHCP_MSG_MAX 548
#define DHCP_MAC_LEN 6
#define DHCP_NAME_MAX 63
#define DHCP_FOREVER UINT32_MAX

enum dhcp_type {
	DHCP_DISCOVER = 1,
	DHCP_OFFER,
	DHCP_REQUEST,
	DHCP_DECLINE,
	DHCP_ACK,
	DHCP_NAK,
	DHCP_RELEASE,
};

/* Who a client is: the same for the same lease, always. */
struct dhcp_identity {
	uint8_t mac[DHCP_MAC_LEN];
	char name[DHCP_NAME_MAX + 1]; /* Host Name, option 12; "": none */
};

struct dhcp_request {
	enum dhcp_type type;
	uint32_t xid;
	uint16_t secs; /* since the client began */
	const struct dhcp_identity *id;
	/* Zero: left out. */
	struct in_addr ciaddr, wanted, server;
};

struct dhcp_reply {
	enum dhcp_type type; /* OFFER, ACK or NAK */
	uint32_t xid;
	uint8_t mac[DHCP_MAC_LEN];
	struct in_addr address, server;
	uint32_t lease_s, renew_s; /* 0: not told */
	struct in_addr dns[2];	   /* 0: none */
};

/* Returns the length, never 0. */
size_t dhcp_msg_write(uint8_t buf[DHCP_MSG_MAX], const struct dhcp_request *);
/* False: not a reply of a server to a client, or not whole. */
bool dhcp_msg_read(
    struct dhcp_reply *, const uint8_t *data, size_t len) must_check;

#endif
