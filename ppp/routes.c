/* SPDX-License-Identifier: ISC */
/* Routes by rtnetlink; contract in routes.h. */

#include "routes.h"

#include <linux/rtnetlink.h>

#include "nl.h"

int
routes_add(uint32_t ifindex, const struct conf_route *route)
{
	char buf[256];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct rtmsg *r;

	h->nlmsg_type = RTM_NEWROUTE;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
	r = mnl_nlmsg_put_extra_header(h, sizeof(*r));
	r->rtm_family = AF_INET;
	r->rtm_dst_len = (uint8_t)route->bits;
	r->rtm_table = RT_TABLE_MAIN;
	r->rtm_protocol = RTPROT_STATIC;
	r->rtm_scope = RT_SCOPE_LINK;
	r->rtm_type = RTN_UNICAST;
	mnl_attr_put(h, RTA_DST, sizeof(route->network), &route->network);
	mnl_attr_put_u32(h, RTA_OIF, ifindex);
	return nl_ask(NETLINK_ROUTE, h, NULL, NULL) == -1 ? -1 : 0;
}
