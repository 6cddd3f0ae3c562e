/* SPDX-License-Identifier: ISC */
/* IPv6 routes; contract in route6.h. */

#include "route6.h"

#include <linux/rtnetlink.h>

#include "nl.h"

/* After any other. */
#define METRIC_LAST UINT32_MAX

static struct rtmsg *
put_request(struct nlmsghdr *h, bool add, const struct conf_prefix *p)
{
	struct rtmsg *r;

	h->nlmsg_type = add ? RTM_NEWROUTE : RTM_DELROUTE;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	if (add)
		h->nlmsg_flags |= NLM_F_CREATE | NLM_F_REPLACE;
	r = mnl_nlmsg_put_extra_header(h, sizeof(*r));
	r->rtm_family = AF_INET6;
	r->rtm_dst_len = (unsigned char)p->len;
	r->rtm_table = RT_TABLE_MAIN;
	r->rtm_protocol = RTPROT_STATIC;
	r->rtm_scope = RT_SCOPE_UNIVERSE;
	r->rtm_type = RTN_UNICAST;
	mnl_attr_put(h, RTA_DST, sizeof(p->address), &p->address);
	return r;
}

int
route6_add(unsigned int ifindex, const struct conf_prefix *p)
{
	char buf[256];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);

	(void)put_request(h, true, p);
	mnl_attr_put_u32(h, RTA_OIF, ifindex);
	return nl_ask(NETLINK_ROUTE, h, NULL, NULL) == -1 ? -1 : 0;
}

int
route6_refuse(const struct conf_prefix *p, bool add)
{
	char buf[256];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);

	put_request(h, add, p)->rtm_type = RTN_UNREACHABLE;
	mnl_attr_put_u32(h, RTA_PRIORITY, METRIC_LAST);
	return nl_ask(NETLINK_ROUTE, h, NULL, NULL) == -1 ? -1 : 0;
}
