/* SPDX-License-Identifier: ISC */
/* Counters of an interface; contract in ifstats.h. */

#include "ifstats.h"

#include <string.h>
#include <net/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "nl.h"

static int
take_attr(const struct nlattr *a, void *arg)
{
	struct radius_usage *u = arg;
	struct rtnl_link_stats64 s;

	if (mnl_attr_get_type(a) != IFLA_STATS64 ||
	    mnl_attr_get_payload_len(a) < sizeof(s))
		return MNL_CB_OK;
	memcpy(&s, mnl_attr_get_payload(a), sizeof(s));
	u->rx_octets = s.rx_bytes;
	u->tx_octets = s.tx_bytes;
	u->rx_packets = s.rx_packets;
	u->tx_packets = s.tx_packets;
	return MNL_CB_STOP;
}

static int
take_link(const struct nlmsghdr *h, void *arg)
{
	return mnl_attr_parse(h, sizeof(struct ifinfomsg), take_attr, arg);
}

bool
ifstats_read(const char *ifname, struct radius_usage *u)
{
	_Alignas(struct nlmsghdr) char buf[256];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *i;

	h->nlmsg_type = RTM_GETLINK;
	h->nlmsg_flags = NLM_F_REQUEST;
	h->nlmsg_seq = 1;
	i = mnl_nlmsg_put_extra_header(h, sizeof(*i));
	i->ifi_family = AF_UNSPEC;
	mnl_attr_put_strz(h, IFLA_IFNAME, ifname);
	memset(u, 0, sizeof(*u));
	return nl_ask(NETLINK_ROUTE, h, take_link, u) != -1;
}
