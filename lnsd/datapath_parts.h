/* SPDX-License-Identifier: ISC */
#ifndef DATAPATH_PARTS_H
#define DATAPATH_PARTS_H

/*
 * What the files of datapath.h share: datapath.c opens and closes what tunnels
 * and sessions hold, and keeps the order; datapath_ppp.c has PPP on a session,
 * datapath_traffic.c what sessions have carried.
 */

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "datapath.h"
#include "ipsec.h"
#include "lns.h"
#include "loop.h"
#include "ppp.h"
#include "pppox.h"

struct dp_session {
	LIST_ENTRY(dp_session) entry;
	struct dp_tunnel *tunnel;
	struct pppox_session key;
	int fd;
	int error; /* of opening, from the worker */
	struct ppp_link *link;
	bool busy; /* a worker has it */
	bool closing;
	char label[32];	       /* PP[ANONYMOUS01] */
	char ifname[IFNAMSIZ]; /* "": PPP is not up */
};

LIST_HEAD(dp_session_list, dp_session);

struct dp_tunnel {
	struct datapath *dp;
	uint16_t tid, peer_tid;
	uint32_t slot, peer;
	struct lns_path path;
	int udp_fd, mgmt_fd;
	struct ipsec_socket *tie;
	struct loop_io *io;
	bool up, closing;
	struct dp_session_list sessions;
};

struct datapath {
	const struct conf *conf;
	struct ipsec *ipsec;
	struct datapath_ops ops;
	void *arg;
	struct stories *stories; /* NULL: nobody is told */
	struct ppp_service *ppp;
	/* By tid: tunnels that the engine still knows. */
	struct dp_tunnel *by_tid[UINT16_MAX + 1];
	size_t n_tunnels; /* those on their way out included */
	size_t n_half_open;
	size_t n_probes;
};

/* --- datapath.c --- */

/* NULL: there is none, or (a session) it is closing. */
struct dp_tunnel *datapath_find_tunnel(const struct datapath *, uint16_t tid);
struct dp_session *datapath_find_session(
    const struct datapath *, uint16_t tid, uint16_t sid);
/* Closes it once nothing holds it any more. */
void datapath_session_finish(struct dp_session *);

#endif
