/* SPDX-License-Identifier: ISC */
/* Entries of proxy ARP by rtnetlink; contract in proxyarp.h. */

#include "proxyarp.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

/* A list that changes while it is read is read again, so often. */
#define DUMP_TRIES 20
/* Interfaces that an address has an entry on: as a rule one. */
#define ENTRIES_MAX 8

struct found {
	struct in_addr address;
	int ifindex[ENTRIES_MAX];
	size_t n;
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
	struct found *f = arg;

	if (h->nlmsg_type != RTM_NEWNEIGH ||
	    (ndm->ndm_flags & NTF_PROXY) == 0 || f->n == ENTRIES_MAX)
		return MNL_CB_OK;
	(void)mnl_attr_parse(h, sizeof(*ndm), on_attr, &dst);
	if (dst != NULL && memcmp(mnl_attr_get_payload(dst), &f->address,
			       sizeof(f->address)) == 0)
		f->ifindex[f->n++] = ndm->ndm_ifindex;
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
talk(struct mnl_socket *nl, const struct nlmsghdr *h, mnl_cb_t cb, void *arg)
{
	char buf[8192];
	ssize_t n;
	int more;

	if (mnl_socket_sendto(nl, h, h->nlmsg_len) == -1)
		return -1;
	do {
		n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
		more = n == -1 ? -1 : mnl_cb_run(buf, (size_t)n, 0, 0, cb, arg);
	} while (more > MNL_CB_STOP);
	return more;
}

static int
find(struct mnl_socket *nl, struct found *f)
{
	char buf[256];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	int i = 0, rc;

	(void)put_request(h, RTM_GETNEIGH, NLM_F_DUMP);
	do {
		f->n = 0;
		rc = talk(nl, h, on_entry, f);
	} while (rc == -1 && errno == EINTR && ++i < DUMP_TRIES);
	return rc;
}

static int
forget(struct mnl_socket *nl, struct in_addr address, int ifindex)
{
	char buf[256];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);

	put_request(h, RTM_DELNEIGH, NLM_F_ACK)->ndm_ifindex = ifindex;
	mnl_attr_put(h, NDA_DST, sizeof(address), &address);
	return talk(nl, h, NULL, NULL);
}

int
proxyarp_forget(struct in_addr address)
{
	struct found f = { .address = address };
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int rc = -1, err;
	size_t i;

	if (nl == NULL)
		return -1;
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) != -1)
		rc = find(nl, &f);
	for (i = 0; rc != -1 && i < f.n; i++)
		rc = forget(nl, address, f.ifindex[i]);
	err = errno;
	mnl_socket_close(nl);
	errno = err;
	return rc == -1 ? -1 : 0;
}
