/* SPDX-License-Identifier: ISC */
/* Netlink; contract in nl.h. */

#include "nl.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

struct mnl_socket *
nl_open(int bus, int flags)
{
	struct mnl_socket *nl = mnl_socket_open2(bus, SOCK_CLOEXEC | flags);

	if (nl == NULL)
		return NULL;
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) == -1) {
		mnl_socket_close(nl);
		return NULL;
	}
	return nl;
}

int
nl_talk(struct mnl_socket *nl, struct nlmsghdr *h, mnl_cb_t cb, void *arg)
{
	char buf[NL_BUF];
	size_t most = 0;
	ssize_t n;
	int more, err;

	if (mnl_socket_sendto(nl, h, h->nlmsg_len) == -1)
		return -1;
	do {
		n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
		if (n > (ssize_t)most)
			most = (size_t)n;
		more = n == -1 ? -1
			       : mnl_cb_run(buf, (size_t)n, h->nlmsg_seq,
				     mnl_socket_get_portid(nl), cb, arg);
	} while (more > MNL_CB_STOP);
	err = errno;
	explicit_bzero(buf, most); /* keys of SAs */
	errno = err;
	return more;
}

int
nl_ask(int bus, struct nlmsghdr *h, mnl_cb_t cb, void *arg)
{
	struct mnl_socket *nl = nl_open(bus, 0);
	int rc, err;

	if (nl == NULL)
		return -1;
	rc = nl_talk(nl, h, cb, arg);
	err = errno;
	mnl_socket_close(nl);
	errno = err;
	return rc;
}
