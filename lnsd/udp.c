/* SPDX-License-Identifier: ISC */
/* UDP sockets; contract in udp.h. */

#include "udp.h"

#include <errno.h>
#include <string.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sockaddr.h"

int
udp_open(uint8_t family)
{
	const int on = 1;
	int fd, err;

	fd = socket(family == 6 ? AF_INET6 : AF_INET,
	    SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	/* The listening socket and all tunnels share one address and port;
	 * IPv4 has sockets of its own. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	    (family != 6 || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on,
				sizeof(on)) == 0))
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

int
udp_bind(int fd, const struct lns_addr *local)
{
	union sockaddr_any u;

	return bind(fd, &u.sa, sockaddr_from(local, &u));
}

static int
connect_to(int fd, const struct lns_addr *to)
{
	union sockaddr_any u;

	return connect(fd, &u.sa, sockaddr_from(to, &u));
}

#define DISCARD_PORT 9

int
udp_connect(int fd, const struct lns_addr *bind_to, const struct lns_path *path)
{
	const bool own = lns_same_ip(bind_to, &path->local);
	const bool v6 = bind_to->family == 6;
	const int on = 1;
	struct lns_addr self = path->local;

	/* In IPv4 routes know the address (ipsec/steer.h). */
	if (!own && v6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof(on)) == -1)
		return -1;
	if (udp_bind(fd, bind_to) == -1)
		return -1;
	/* Bound to a broadcast address a socket has no source address until
	 * it is connected, and keeps the one that the first route gives it:
	 * that to our own address gives just that, whatever other addresses
	 * and routes there are.  Nothing is sent. */
	self.port = DISCARD_PORT;
	if (!own && !v6 && connect_to(fd, &self) == -1)
		return -1;
	return connect_to(fd, &path->peer);
}

ssize_t
udp_recv(int fd, void *buf, size_t size, struct udp_from *from)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(uint32_t))];
	struct iovec iov = { .iov_base = buf, .iov_len = size };
	union sockaddr_any u = { 0 };
	struct msghdr m = { .msg_name = &u,
		.msg_namelen = sizeof(u),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	ssize_t n;

	n = recvmsg(fd, &m, MSG_TRUNC);
	if (n == -1)
		return -1;
	sockaddr_to(&u, &from->addr);
	from->mark = 0;
	for (c = CMSG_FIRSTHDR(&m); c != NULL; c = CMSG_NXTHDR(&m, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_MARK)
			memcpy(&from->mark, CMSG_DATA(c), sizeof(from->mark));
	return n;
}

int
udp_send(int fd, const void *buf, size_t len, const struct lns_addr *to)
{
	union sockaddr_any u;
	socklen_t ulen = 0;

	if (to != NULL)
		ulen = sockaddr_from(to, &u);
	return sendto(fd, buf, len, MSG_NOSIGNAL, to != NULL ? &u.sa : NULL,
		   ulen) == -1
		   ? -1
		   : 0;
}
