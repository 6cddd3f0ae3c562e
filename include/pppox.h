/* SPDX-License-Identifier: ISC */
#ifndef PPPOX_H
#define PPPOX_H

/*
 * The kernel's L2TP data path: PPPoL2TP sockets (linux/Documentation/
 * networking/l2tp.rst).  A tunnel hangs on a connected UDP socket and lives
 * until that socket is closed; a session on the tunnel.  Order of closing:
 * PPP, session, tunnel, UDP socket: with the UDP socket gone first, what PPP
 * still says would leave without its IPsec policy.
 */

#include <stdbool.h>
#include <stdint.h>

#include "compiler.h"

/* Attaches L2TP to udp_fd and returns the socket that manages the tunnel; -1
 * with errno.  From here on, data messages of known sessions no longer reach
 * udp_fd, control messages still do. */
int pppox_tunnel(int udp_fd, uint16_t tid, uint16_t peer_tid) must_check;

struct pppox_session {
	int udp_fd;
	uint16_t tid, peer_tid;
	uint16_t sid, peer_sid;
};

/* Returns a session socket whose PPP channel is there: frames wait in it until
 * pppd comes (up to 32).  Sleeps for an RCU grace period: for a worker.  -1
 * with errno. */
int pppox_session(const struct pppox_session *) must_check;

/* Ns and Nr in data messages, RFC 2661 5.4: the client asks for them in ICCN.
 * 0, or -1 with errno. */
int pppox_sequencing(int session_fd) must_check;

struct pppox_traffic {
	uint64_t rx_packets;   /* data messages of the peer, PPP's own too */
	uint64_t user_packets; /* both ways, network protocols only */
};

/* Adds what the session has carried; ifname: of its PPP, "" if not up.  May
 * sleep: for a worker.  What cannot be read is left out. */
void pppox_add_traffic(
    int session_fd, const char *ifname, struct pppox_traffic *);

/* What the kernel lacks, in words; NULL if PPPoL2TP can be used. */
const char *pppox_missing(void);

#endif
