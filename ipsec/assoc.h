/* SPDX-License-Identifier: ISC */
#ifndef ASSOC_H
#define ASSOC_H

/*
 * Clients, their SAs and their sockets brought together: which client a packet
 * is from, which SA a socket sends by, when a client has lost its protection.
 */

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "compiler.h"
#include "ipsec_view.h"
#include "lns.h"

struct assoc;
struct ipsec_socket;

struct assoc_ops {
	/* The last SA of a client has gone some time ago, and it still has
	 * sockets. */
	void (*client_gone)(
	    void *arg, const struct lns_addr *peer, uint32_t client);
	/* An SA, by its inbound SPI, is of before its client dialled again; or
	 * (lost) its client does not answer any more. */
	void (*stale)(void *arg, uint32_t spi, bool lost);
};

/* range: see steer.h.  NULL: the cause has been logged. */
struct assoc *assoc_new(
    struct in_addr range, const struct assoc_ops *, void *arg) must_check;
/* No socket may be left. */
void assoc_free(struct assoc *);
/* An address that clients dial has come or gone. */
void assoc_address(struct assoc *, const struct lns_addr *, bool present);

/* See include/ipsec_view.h. */
bool assoc_view_client(
    const struct assoc *, uint32_t client, struct lns_addr *) must_check;
void assoc_view_sas(const struct assoc *,
    void (*fn)(void *arg, const struct ipsec_sa_view *), void *arg);

/* See include/ipsec.h. */
/* Of which client an inbound SA is; 0: it is not known. */
uint32_t assoc_client_of(struct assoc *, uint32_t spi);
bool assoc_client(struct assoc *, struct lns_path *, uint32_t mark);
struct ipsec_socket *assoc_socket_new(struct assoc *, const struct lns_path *,
    int fd, bool receives, struct lns_addr *bind_to) must_check;
void assoc_socket_lost(struct ipsec_socket *);
bool assoc_socket_in_udp(const struct ipsec_socket *);
void assoc_socket_free(struct ipsec_socket *);

#endif
