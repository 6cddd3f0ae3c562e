/* SPDX-License-Identifier: ISC */
#ifndef SADB_H
#define SADB_H

/*
 * Who is protected by what: the SAs of UDP 1701 that the kernel has, and the
 * clients that they belong to.  Pure.
 *
 * A client is an address and the UDP port that its ESP comes from (0 if that
 * is not in UDP): two households behind one NAT differ in nothing else, not
 * even in the connection that pluto has for them; and an address of ours: a NAT
 * may give both the same port if they dial different ones.  It has a number,
 * which is not used again soon after it was given back, and which the L2TP
 * engine knows it by (struct lns_path).
 *
 * Pointers are valid until the object is removed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "compiler.h"
#include "lns.h"
#include "mono.h"

/* Numbers are 1 .. SADB_CLIENTS_MAX. */
#define SADB_CLIENTS_MAX 65534u

/* An SA as XFRM netlink tells it; integers in host order. */
struct sa_info {
	struct lns_addr src, dst; /* port 0 */
	uint32_t spi, reqid;
	uint16_t encap_sport, encap_dport; /* of ESP in UDP; 0: bare ESP */
	uint16_t sel_sport, sel_dport;	   /* of the selector; 0: any */
};

struct client;

struct sa {
	LIST_ENTRY(sa) hash;
	TAILQ_ENTRY(sa) entry;
	struct client *client;
	struct sa_info info;
	bool inbound;
	bool seen; /* for assoc.c: in a resync */
};

TAILQ_HEAD(sa_list, sa);

struct ipsec_socket;
LIST_HEAD(ipsec_socket_list, ipsec_socket);

struct client {
	LIST_ENTRY(client) hash;
	uint16_t n;
	struct lns_addr addr;	/* port: that of its ESP */
	struct lns_addr local;	/* that it has dialled; port 0 */
	struct sa_list in, out; /* newest first */
	/* For assoc.c. */
	struct ipsec_socket_list sockets;
	TAILQ_ENTRY(client) leaving;
	struct mono leaves; /* MONO_NEVER: stays */
};

struct sadb;

/* NULL: out of memory. */
struct sadb *sadb_new(void) must_check;
void sadb_free(struct sadb *);

/* A new SA, or one that is known: then its encapsulation is updated and
 * nothing else.  NULL: out of memory or numbers. */
struct sa *sadb_add(
    struct sadb *, const struct sa_info *, bool inbound) must_check;
/* By destination and SPI; NULL: unknown. */
struct sa *sadb_find_sa(
    const struct sadb *, const struct lns_addr *dst, uint32_t spi);
/* The SA goes; its client stays, perhaps without any. */
void sadb_remove(struct sadb *, struct sa *);

struct client *sadb_find(const struct sadb *, uint32_t n);
/* The client goes; it must have neither SAs nor sockets. */
void sadb_drop(struct sadb *, struct client *);
/* Its ESP comes from another port: all its SAs are changed accordingly. */
void sadb_move(struct sadb *, struct client *, uint16_t port);

/* Calls fn for every SA; fn may remove the one it is called for. */
typedef void (*sadb_fn)(struct sa *, void *arg);
void sadb_each(struct sadb *, sadb_fn, void *arg);

/* The next older SA from the client's UDP port, behind one that it also was
 * called for; NULL: the newest.  NULL: there is none. */
const struct sa *client_in(
    const struct client *, const struct sa *behind, uint16_t port);
/* The newest SA to the client's UDP port; NULL: there is none. */
const struct sa *client_out(const struct client *, uint16_t port);
bool client_is_protected(const struct client *);

#endif
