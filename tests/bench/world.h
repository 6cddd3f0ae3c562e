/* SPDX-License-Identifier: ISC */
#ifndef WORLD_H
#define WORLD_H

/*
 * A server and a client on one wire, each a network namespace, for measuring
 * what a packet costs between them.  There are no keys to agree on: the SAs
 * are put in as pluto would.  Whatever fails ends the program.
 */

#include <stdbool.h>
#include <stdint.h>

#include "../../include/lns.h"

enum cipher { CLEAR, GCM, CBC, NCIPHERS };

struct world {
	int srv, cli; /* namespaces */
};

void world_make(struct world *);
/* From now on we are there. */
void world_enter(int ns);
/* family: 4 or 6.  SAs and policies of clients first to last at the server, for
 * L2TP's port, and the same of client 1 at the client. */
void world_protect(
    const struct world *, uint8_t family, enum cipher, uint32_t clients);
/* One pair for everything between the two. */
void world_protect_all(const struct world *, uint8_t family, enum cipher);

/* The address that is dialled, and client n's (from 1), with L2TP's port. */
struct lns_addr world_server(uint8_t family);
struct lns_addr world_client(uint8_t family, uint32_t n);
/* An address as text; buf has LNS_ADDR_TEXT octets. */
const char *world_text(const struct lns_addr *, char *buf);
uint32_t world_spi_in(uint32_t client);
uint32_t world_spi_out(uint32_t client);

/* PPP on a session socket, as pppd leaves it: an interface with an address and
 * the peer's. */
struct ppp_unit {
	int channel, unit;
};
void ppp_unit_open(
    struct ppp_unit *, int session_fd, const char *local, const char *remote);
void ppp_unit_close(struct ppp_unit *);

/* a and b are addresses of one family.  Nanoseconds for each packet of many,
 * one after the other: an ICMP echo from the client to b and its reply; a UDP
 * datagram of 64 octets, from the client's address a to the server's b or back.
 */
double echo_cost(const struct world *, const char *b);
double datagram_cost(
    const struct world *, const char *a, const char *b, bool to_server);

double now_ns(void);

#endif
