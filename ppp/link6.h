/* SPDX-License-Identifier: ISC */
#ifndef LINK6_H
#define LINK6_H

/*
 * IPv6 of a link: a /64, the route to it, and a router that tells the client.
 * All of it comes after IPV6CP is up and never delays IPv4, which goes on
 * without it.  pppd makes the link-local addresses.
 *
 * A prefix is the link's until it ends, also while IPV6CP is down in between;
 * so is the route, which the kernel takes away with the interface.
 */

#include <stdbool.h>
#include <stdint.h>
#include <netinet/in.h>

#include "compiler.h"
#include "conf.h"
#include "plugin/wire.h"

struct ppp_link;
struct ppp_service;
struct link6_service; /* what the links of one service share */
struct lease6;
struct link6_job;
struct radv_link;

/* Zero: IPV6CP was never up. */
struct link6 {
	bool up;
	bool waiting; /* up, and no prefix is left */
	struct in6_addr local, remote;
	unsigned int ifindex;
	uint32_t mtu;
	struct lease6 *lease;  /* NULL: none */
	struct link6_job *job; /* sets the route; NULL: none does */
	bool again;	       /* the route may have gone meanwhile */
	struct radv_link *radv;
};

/* The conf must outlive it.  NULL: out of memory, or the cause has been
 * logged. */
struct link6_service *link6_service_new(const struct conf *) must_check;
/* Only when no link is left. */
void link6_service_free(struct link6_service *);

/* The prefixes of these users, too, are given to nobody else; in the place of
 * those told before.  False: out of memory. */
bool link6_service_reserve(
    struct link6_service *, const struct conf_users *) must_check;

/* For so many profiles as there will be.  False: out of memory. */
bool link6_service_make_room(struct link6_service *, size_t n_ppp) must_check;
/* conf's place is taken by one with the same pools, and maybe more profiles,
 * without, for which there is room. */
void link6_service_reload(struct link6_service *, const struct conf *next);

/* False: what pppd says makes no sense. */
bool link6_up(struct ppp_link *, const struct wire_ipv6_up *) must_check;
void link6_down(struct ppp_link *);
/* What is routed to the client; NULL: nothing. */
const struct in6_addr *link6_prefix(const struct ppp_link *);
/* Of a profile's prefixes; false: it has none. */
bool link6_pool_use(const struct link6_service *, size_t profile,
    uint64_t *size, uint64_t *used, uint64_t *left);
/* pppd has gone, and its interface. */
void link6_end(struct ppp_link *);

#endif
