/* SPDX-License-Identifier: ISC */
#ifndef XFRM_EVENT_H
#define XFRM_EVENT_H

/*
 * What XFRM netlink tells of SAs, as values.  Pure: a message goes in.  Only
 * ESP in transport mode for UDP 1701 is looked at.
 */

#include <stdbool.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>

#include "sadb.h"

enum xfrm_event_type {
	XFRM_EVENT_NONE, /* nothing that matters here */
	XFRM_EVENT_SA,	 /* an SA is there: new, changed, or dumped */
	XFRM_EVENT_GONE, /* deleted or expired; only dst and spi are told */
	XFRM_EVENT_FLUSH,
	/* A client's ESP comes from another port: dst and spi of the inbound
	 * SA, src and encap_sport are the new ones. */
	XFRM_EVENT_MAPPING,
};

struct xfrm_event {
	enum xfrm_event_type type;
	struct sa_info sa;
};

/* h: a whole message, as long as nlmsg_len says. */
void xfrm_event_parse(const struct nlmsghdr *h, struct xfrm_event *);

/* An address of XFRM netlink; false: of an unknown family. */
bool xfrm_addr_get(const xfrm_address_t *, uint16_t family, struct lns_addr *);
void xfrm_addr_put(const struct lns_addr *, xfrm_address_t *);
/* AF_INET or AF_INET6. */
uint16_t xfrm_family(const struct lns_addr *);

#endif
