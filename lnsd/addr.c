/* SPDX-License-Identifier: ISC */
/* Local addresses by rtnetlink; contract in addr.h. */

#include "addr.h"

#include <errno.h>
#include <string.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "log.h"
#include "loop.h"

static struct mnl_socket *nl;
static struct loop_io *nl_io;
static addr_fn watcher;
static void *watcher_arg;

static int
on_attr(const struct nlattr *attr, void *arg)
{
	struct in_addr *a = arg;

	if (mnl_attr_get_type(attr) == IFA_LOCAL &&
	    mnl_attr_get_payload_len(attr) == sizeof(*a))
		memcpy(a, mnl_attr_get_payload(attr), sizeof(*a));
	return MNL_CB_OK;
}

static int
on_message(const struct nlmsghdr *h, void *arg)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(h);
	struct in_addr a = { 0 };

	(void)arg;
	if ((h->nlmsg_type != RTM_NEWADDR && h->nlmsg_type != RTM_DELADDR) ||
	    ifa->ifa_family != AF_INET)
		return MNL_CB_OK;
	(void)mnl_attr_parse(h, sizeof(*ifa), on_attr, &a);
	if (a.s_addr != 0 && ntohl(a.s_addr) >> 24 != IN_LOOPBACKNET)
		watcher(a, h->nlmsg_type == RTM_NEWADDR, watcher_arg);
	return MNL_CB_OK;
}

/* Tells every address there is; short, and from the kernel: may block. */
static int
dump(void)
{
	char buf[8192];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct mnl_socket *s;
	struct ifaddrmsg *ifa;
	ssize_t n;
	int more = -1;

	h->nlmsg_type = RTM_GETADDR;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	ifa = mnl_nlmsg_put_extra_header(h, sizeof(*ifa));
	ifa->ifa_family = AF_INET;
	s = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (s == NULL)
		return -1;
	if (mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) != -1 &&
	    mnl_socket_sendto(s, h, h->nlmsg_len) != -1) {
		do {
			n = mnl_socket_recvfrom(s, buf, sizeof(buf));
			more = n == -1 ? -1
				       : mnl_cb_run(buf, (size_t)n, 0, 0,
					     on_message, NULL);
		} while (more > 0);
	}
	mnl_socket_close(s);
	return more;
}

static void
changes_ready(int fd, void *arg)
{
	char buf[8192];
	ssize_t n;

	(void)fd;
	(void)arg;
	n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
	if (n != -1) {
		(void)mnl_cb_run(buf, (size_t)n, 0, 0, on_message, NULL);
	} else if (errno == ENOBUFS) {
		/* Changes were lost: at least every new address is found. */
		if (dump() == -1)
			log_warn("addr", "cannot read the addresses");
	} else if (errno != EAGAIN && errno != EINTR) {
		log_warn("addr", "rtnetlink");
	}
}

void
addr_watch(addr_fn fn, void *arg)
{
	watcher = fn;
	watcher_arg = arg;
	/* Listen for changes first, so that none falls between. */
	nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (nl == NULL ||
	    mnl_socket_bind(nl, RTMGRP_IPV4_IFADDR, MNL_SOCKET_AUTOPID) == -1)
		fatal("addr", "cannot open rtnetlink");
	if (dump() == -1)
		fatal("addr", "cannot read the addresses");
	nl_io = loop_io_new(mnl_socket_get_fd(nl), changes_ready, NULL);
	if (nl_io == NULL)
		fatalx("addr", "out of memory");
}

void
addr_unwatch(void)
{
	loop_io_free(nl_io);
	nl_io = NULL;
	if (nl != NULL)
		mnl_socket_close(nl);
	nl = NULL;
}
