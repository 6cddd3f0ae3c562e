/* SPDX-License-Identifier: ISC */
/* UDP sockets; contract in udp.h. */

#include "udp.h"

#include <errno.h>
#include <string.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

union sockaddr_any {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static socklen_t
to_sockaddr(const struct lns_addr *a, union sockaddr_any *u)
{
	memset(u, 0, sizeof(*u));
	if (a->family == 6) {
		u->in6.sin6_family = AF_INET6;
		u->in6.sin6_port = htons(a->port);
		memcpy(&u->in6.sin6_addr, a->ip, 16);
		return sizeof(u->in6);
	}
	u->in.sin_family = AF_INET;
	u->in.sin_port = htons(a->port);
	memcpy(&u->in.sin_addr, a->ip, 4);
	return sizeof(u->in);
}

static void
from_sockaddr(const union sockaddr_any *u, struct lns_addr *a)
{
	memset(a, 0, sizeof(*a));
	if (u->sa.sa_family == AF_INET6) {
		a->family = 6;
		a->port = ntohs(u->in6.sin6_port);
		memcpy(a->ip, &u->in6.sin6_addr, 16);
	} else {
		a->family = 4;
		a->port = ntohs(u->in.sin_port);
		memcpy(a->ip, &u->in.sin_addr, 4);
	}
}

int
udp_listen(const struct lns_addr *local)
{
	union sockaddr_any u;
	const int on = 1;
	socklen_t len;
	int fd, err;

	len = to_sockaddr(local, &u);
	fd = socket(
	    u.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	/* IPv4 has sockets of its own. */
	if (local->family == 6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) == -1)
		goto fail;
	/* The listening socket and all tunnels share one address and port. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	    bind(fd, &u.sa, len) == 0)
		return fd;

fail:
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

int
udp_connect(const struct lns_path *path)
{
	union sockaddr_any u;
	socklen_t len;
	int fd, err;

	fd = udp_listen(&path->local);
	if (fd == -1)
		return -1;
	len = to_sockaddr(&path->peer, &u);
	if (connect(fd, &u.sa, len) == 0)
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

ssize_t
udp_recv(int fd, void *buf, size_t size, struct lns_addr *from)
{
	union sockaddr_any u = { 0 };
	socklen_t len = sizeof(u);
	ssize_t n;

	n = recvfrom(fd, buf, size, MSG_TRUNC, &u.sa, &len);
	if (n != -1)
		from_sockaddr(&u, from);
	return n;
}

int
udp_send(int fd, const void *buf, size_t len, const struct lns_addr *to)
{
	union sockaddr_any u;
	socklen_t ulen = 0;

	if (to != NULL)
		ulen = to_sockaddr(to, &u);
	return sendto(fd, buf, len, MSG_NOSIGNAL, to != NULL ? &u.sa : NULL,
		   ulen) == -1
		   ? -1
		   : 0;
}
