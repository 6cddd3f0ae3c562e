/* SPDX-License-Identifier: ISC */
/* Entries of proxy ARP by rtnetlink; contract in proxyarp.h. */

#include "proxyarp.h"

#include <errno.h>
#include <string.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "nl.h"

struct wanted {
	struct in_addr address;
	int ifindex; /* 0: none */
};

static int
on_attr(const struct nlattr *attr, void *arg)
{
	const struct nlattr **dst = arg;

	if (mnl_attr_get_type(attr) == NDA_DST &&
	    mnl_attr_get_payload_len(attr) == sizeof(struct in_addr))
		*dst = attr;
	return MNL_CB_OK;
}

static int
on_entry(const struct nlmsghdr *h, void *arg)
{
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(h);
	const struct nlattr *dst = NULL;
	struct wanted *w = arg;

	if (h->nlmsg_type != RTM_NEWNEIGH || (ndm->ndm_flags & NTF_PROXY) == 0)
		return MNL_CB_OK;
	(void)mnl_attr_parse(h, sizeof(*ndm), on_attr, &dst);
	if (dst != NULL && memcmp(mnl_attr_get_payload(dst), &w->address,
			       sizeof(w->address)) == 0)
		w->ifindex = ndm->ndm_ifindex;
	return MNL_CB_OK;
}

static struct ndmsg *
put_request(struct nlmsghdr *h, uint16_t type, uint16_t flags)
{
	struct ndmsg *ndm;

	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | flags;
	ndm = mnl_nlmsg_put_extra_header(h, sizeof(*ndm));
	ndm->ndm_family = AF_INET;
	ndm->ndm_flags = NTF_PROXY;
	return ndm;
}

static int
find(struct wanted *w)
{
	char buf[256];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);

	(void)put_request(h, RTM_GETNEIGH, NLM_F_DUMP);
	return nl_ask(NETLINK_ROUTE, h, on_entry, w);
}

static int
forget(const struct wanted *w)
{
	char buf[256];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);

	put_request(h, RTM_DELNEIGH, NLM_F_ACK)->ndm_ifindex = w->ifindex;
	mnl_attr_put(h, NDA_DST, sizeof(w->address), &w->address);
	return nl_ask(NETLINK_ROUTE, h, NULL, NULL);
}

int
proxyarp_forget(struct in_addr address, int *ifindex)
{
	struct wanted w = { address, *ifindex };

	if (w.ifindex != 0 && forget(&w) != -1)
		return 0;
	w.ifindex = 0;
	if (find(&w) == -1)
		return -1;
	if (w.ifindex == 0)
		return 0;
	*ifindex = w.ifindex;
	return forget(&w) == -1 ? -1 : 0;
}
