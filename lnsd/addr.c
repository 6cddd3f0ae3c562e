/* SPDX-License-Identifier: ISC */
/* Local addresses by rtnetlink; contract in addr.h. */

#include "addr.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "log.h"
#include "loop.h"
#include "nl.h"

/* A list that changes while it is read is read again, so often. */
#define DUMP_TRIES 20

static struct mnl_socket *nl;
static struct loop_io *nl_io;
static struct addr_set *set;

/* IFA_LOCAL and IFA_ADDRESS differ on a point-to-point link, where the latter
 * is the peer's; of IPv6 there may be only the latter. */
struct told {
	size_t len; /* of an address of this family */
	uint8_t ip[16];
	uint32_t flags;
	bool local;
	bool found;
};

static int
on_attr(const struct nlattr *attr, void *arg)
{
	struct told *t = arg;
	const void *value = mnl_attr_get_payload(attr);
	size_t len = mnl_attr_get_payload_len(attr);
	uint16_t type = mnl_attr_get_type(attr);

	if (type == IFA_FLAGS && len == sizeof(t->flags)) {
		memcpy(&t->flags, value, len);
	} else if (len == t->len &&
		   (type == IFA_LOCAL || (type == IFA_ADDRESS && !t->local))) {
		memcpy(t->ip, value, len);
		t->local = type == IFA_LOCAL;
		t->found = true;
	}
	return MNL_CB_OK;
}

static int
on_message(const struct nlmsghdr *h, void *arg)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(h);
	struct lns_addr a = { 0 };
	struct told t = { 0 };
	bool there = h->nlmsg_type == RTM_NEWADDR;

	(void)arg;
	if ((!there && h->nlmsg_type != RTM_DELADDR) ||
	    (ifa->ifa_family != AF_INET && ifa->ifa_family != AF_INET6))
		return MNL_CB_OK;
	a.family = ifa->ifa_family == AF_INET ? 4 : 6;
	t.len = a.family == 4 ? 4 : 16;
	t.flags = ifa->ifa_flags;
	(void)mnl_attr_parse(h, sizeof(*ifa), on_attr, &t);
	if (!t.found)
		return MNL_CB_OK;
	memcpy(a.ip, t.ip, t.len);
	addr_set_put(set, ifa->ifa_index, &a,
	    there ? addr_use_of(&a, ifa->ifa_scope, t.flags) : ADDR_NONE);
	return MNL_CB_OK;
}

/* Puts every address there is; short, and from the kernel: may block.  Returns
 * 0, or -1 with errno, EINTR if the list was changing meanwhile. */
static int
dump_once(void)
{
	char buf[256];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct ifaddrmsg *ifa;

	h->nlmsg_type = RTM_GETADDR;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	ifa = mnl_nlmsg_put_extra_header(h, sizeof(*ifa));
	ifa->ifa_family = AF_UNSPEC;
	return nl_ask(NETLINK_ROUTE, h, on_message, NULL);
}

static int
dump(void)
{
	int i, rc;

	addr_set_begin(set);
	i = 0;
	do
		rc = dump_once();
	while (rc == -1 && errno == EINTR && ++i < DUMP_TRIES);
	if (rc != -1)
		addr_set_end(set);
	return rc;
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
		/* Changes were lost. */
		if (dump() == -1)
			log_warn("addr", "cannot read the addresses");
	} else if (errno != EAGAIN && errno != EINTR) {
		log_warn("addr", "rtnetlink");
	}
}

void
addr_watch(addr_fn fn, void *arg)
{
	set = addr_set_new(fn, arg);
	if (set == NULL)
		fatalx("addr", "out of memory");
	/* Listen for changes first, so that none falls between. */
	nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (nl == NULL ||
	    mnl_socket_bind(nl, RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR,
		MNL_SOCKET_AUTOPID) == -1)
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
	addr_set_free(set);
	set = NULL;
}
