/* SPDX-License-Identifier: ISC */
/*
 * Counters of our interface, by rtnetlink: those that pppd 2.4.9 reads are 32
 * bits wide and wrap at 4 GB.
 */

#include "plugin.h"

#include <unistd.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

static int
ask_kernel(int fd, unsigned int ifindex)
{
	struct {
		struct nlmsghdr h;
		struct ifinfomsg i;
	} req = {
		.h = { .nlmsg_len = sizeof(req),
		    .nlmsg_type = RTM_GETLINK,
		    .nlmsg_flags = NLM_F_REQUEST },
		.i = { .ifi_family = AF_UNSPEC, .ifi_index = (int)ifindex },
	};

	return send(fd, &req, sizeof(req), 0) == (ssize_t)sizeof(req);
}

static void
take_link(const struct nlmsghdr *h, struct wire_down *d)
{
	const struct ifinfomsg *i = NLMSG_DATA(h);
	struct rtnl_link_stats64 s;
	const struct rtattr *a;
	long left = (long)h->nlmsg_len - (long)NLMSG_LENGTH(sizeof(*i));

	for (a = IFLA_RTA(i); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		if (a->rta_type != IFLA_STATS64)
			continue;
		if (RTA_PAYLOAD(a) < sizeof(s))
			return;
		memcpy(&s, RTA_DATA(a), sizeof(s));
		d->rx_bytes = s.rx_bytes;
		d->tx_bytes = s.tx_bytes;
		d->rx_packets = s.rx_packets;
		d->tx_packets = s.tx_packets;
	}
}

void
stats_read(struct wire_down *d)
{
	union {
		struct nlmsghdr h;
		char space[16384];
	} buf;
	unsigned int ifindex = if_nametoindex(ppp_ifname());
	ssize_t n;
	int fd;

	memset(d, 0, sizeof(*d));
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd == -1)
		return;
	if (ifindex != 0 && ask_kernel(fd, ifindex)) {
		n = recv(fd, &buf, sizeof(buf), 0);
		if (n > 0 && NLMSG_OK(&buf.h, (size_t)n) &&
		    buf.h.nlmsg_type == RTM_NEWLINK)
			take_link(&buf.h, d);
	}
	close(fd);
}
