/* SPDX-License-Identifier: ISC */
#ifndef PPP_VIEW_H
#define PPP_VIEW_H

/* Links and pools as values, for whoever shows them; see ppp.h. */

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"
#include "mono.h"
#include "ppp.h"

#define PPP_VIEW_USER 257 /* with its NUL */

struct ppp_view {
	char user[PPP_VIEW_USER]; /* as the peer said it; "": not yet */
	size_t profile;		  /* index into conf.ppp */
	bool up;		  /* the rest is set only then */
	struct mono since;
	char ifname[IFNAMSIZ];
	uint32_t ifindex;
	struct in_addr address; /* of the peer */
	bool has_prefix;
	struct in6_addr prefix; /* a /64 */
};

void ppp_link_view(const struct ppp_link *, struct ppp_view *);

struct ppp_pool_view {
	bool dhcp; /* the LAN's server knows how many there are */
	/* Some that are used may be of the pool no more. */
	uint64_t size, used, left;
	bool has_ipv6;
	uint64_t prefixes, prefixes_used, prefixes_left;
};

/* Of a profile, by its index in conf.ppp. */
void ppp_service_view_pool(
    const struct ppp_service *, size_t profile, struct ppp_pool_view *);

/* How long a server took from the first packet of a request to its answer.
 * bucket[i]: how many took at most radius_bucket_ms[i], but more than the one
 * before. */
#define RADIUS_BUCKETS 11
extern const int64_t radius_bucket_ms[RADIUS_BUCKETS];
struct radius_times {
	uint64_t bucket[RADIUS_BUCKETS];
	uint64_t n, sum_ms; /* of all, the longer ones included */
};

struct ppp_radius_view {
	struct lns_addr server; /* with its port */
	bool accounting;
	/* It has not answered, and what is asked goes to others.  One that was
	 * never asked is not. */
	bool dead;
	uint64_t resent, unanswered; /* packets; requests */
	struct radius_times times;
};

/* The servers of a profile, those of both ports one by one; how many.  room is
 * PPP_RADIUS_VIEWS, or less are told. */
#define PPP_RADIUS_VIEWS (2 * CONF_RADIUS_SERVERS)
size_t ppp_service_view_radius(const struct ppp_service *, size_t profile,
    struct ppp_radius_view *, size_t room);

/* What an interface has carried since it came. */
struct ppp_counters {
	uint32_t ifindex;
	uint64_t rx_octets, tx_octets; /* from the peer, to it */
	uint64_t rx_packets, tx_packets;
};

/* Those of all interfaces, by their index, for the caller to free; NULL: they
 * could not be read.  Waits for the kernel: for a worker. */
struct ppp_counters *ppp_counters_read(size_t *n) must_check;
/* NULL: there is none. */
const struct ppp_counters *ppp_counters_find(
    const struct ppp_counters *, size_t n, uint32_t ifindex);
/* For how long no user data has come or gone; false: unknown.  For a worker. */
bool ppp_idle_read(const char *ifname, uint32_t *seconds) must_check;

#endif
