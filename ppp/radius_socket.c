/* SPDX-License-Identifier: ISC */
/* UDP sockets of RADIUS; contract in radius_socket.h. */

#include "radius_socket.h"

#include <errno.h>
#include <string.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sockaddr.h"

static int
udp_socket(uint8_t family)
{
	return socket(family == 6 ? AF_INET6 : AF_INET,
	    SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static int
close_failed(int fd)
{
	int err = errno;

	close(fd);
	errno = err;
	return -1;
}

int
radius_socket_to(const struct lns_addr *server)
{
	union sockaddr_any u;
	socklen_t len = sockaddr_from(server, &u);
	int fd = udp_socket(server->family);

	if (fd == -1)
		return -1;
	return connect(fd, &u.sa, len) == 0 ? fd : close_failed(fd);
}

int
radius_socket_at(const struct lns_addr *local)
{
	const bool v6 = local->family == 6;
	const int on = 1;
	union sockaddr_any u;
	socklen_t len = sockaddr_from(local, &u);
	int fd = udp_socket(local->family);

	if (fd == -1)
		return -1;
	if ((v6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) ==
		       -1) ||
	    setsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP,
		v6 ? IPV6_RECVPKTINFO : IP_PKTINFO, &on, sizeof(on)) == -1 ||
	    bind(fd, &u.sa, len) == -1)
		return close_failed(fd);
	return fd;
}

/* Room for either. */
union control {
	struct cmsghdr align;
	char space[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

static void
take_local(const struct cmsghdr *c, struct lns_addr *to)
{
	struct in6_pktinfo six;
	struct in_pktinfo four;

	if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
		memcpy(&six, CMSG_DATA(c), sizeof(six));
		to->family = 6;
		memcpy(to->ip, &six.ipi6_addr, 16);
	} else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
		memcpy(&four, CMSG_DATA(c), sizeof(four));
		to->family = 4;
		memcpy(to->ip, &four.ipi_addr, 4);
	}
}

ssize_t
radius_socket_recv(int fd, void *buf, size_t size, struct radius_ends *ends)
{
	struct iovec iov = { .iov_base = buf, .iov_len = size };
	union sockaddr_any u = { 0 };
	union control control;
	struct msghdr m = { .msg_name = &u,
		.msg_namelen = sizeof(u),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	ssize_t n;

	n = recvmsg(fd, &m, 0);
	if (n == -1)
		return -1;
	sockaddr_to(&u, &ends->from);
	memset(&ends->to, 0, sizeof(ends->to));
	for (c = CMSG_FIRSTHDR(&m); c != NULL; c = CMSG_NXTHDR(&m, c))
		take_local(c, &ends->to);
	return n;
}

static size_t
put_local(struct msghdr *m, const struct lns_addr *from)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	struct in6_pktinfo six = { 0 };
	struct in_pktinfo four = { 0 };

	if (from->family == 6) {
		memcpy(&six.ipi6_addr, from->ip, 16);
		c->cmsg_level = IPPROTO_IPV6;
		c->cmsg_type = IPV6_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(six));
		memcpy(CMSG_DATA(c), &six, sizeof(six));
		return CMSG_SPACE(sizeof(six));
	}
	memcpy(&four.ipi_spec_dst, from->ip, 4);
	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(four));
	memcpy(CMSG_DATA(c), &four, sizeof(four));
	return CMSG_SPACE(sizeof(four));
}

int
radius_socket_reply(
    int fd, const void *buf, size_t len, const struct radius_ends *ends)
{
	uint8_t octets[4096];
	struct iovec iov = { .iov_base = octets, .iov_len = len };
	union control control = { 0 };
	union sockaddr_any u;
	struct msghdr m = { .msg_name = &u, .msg_iov = &iov, .msg_iovlen = 1 };

	if (len > sizeof(octets)) {
		errno = EMSGSIZE;
		return -1;
	}
	memcpy(octets, buf, len); /* an iovec wants no const */
	m.msg_namelen = sockaddr_from(&ends->from, &u);
	if (ends->to.family != 0) {
		m.msg_control = &control;
		m.msg_controllen = sizeof(control);
		m.msg_controllen = put_local(&m, &ends->to);
	}
	return sendmsg(fd, &m, MSG_NOSIGNAL) == -1 ? -1 : 0;
}
