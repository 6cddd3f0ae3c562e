/* SPDX-License-Identifier: ISC */
/* What routes tell of their MTU; contract in path_mtu.h. */

#include "path_mtu.h"

#include <string.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "udp.h"

/* The mark decides about the route on some machines. */
static unsigned int
mark_of(const struct conf *c, const struct lns_addr *local)
{
	for (size_t i = 0; i < c->n_uplinks; i++)
		if (local->family == 4 &&
		    memcmp(&c->uplinks[i].address, local->ip, 4) == 0)
			return c->uplinks[i].fwmark;
	return 0;
}

/* From another port than L2TP's: no IPsec policy is of this socket, so that the
 * MTU is that of the naked route. */
static int
ask(int fd, const struct lns_path *path, unsigned int mark)
{
	const bool v6 = path->local.family == 6;
	struct lns_path p = *path;
	socklen_t len = sizeof(int);
	int mtu;

	p.local.port = 0;
	if (mark != 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) == -1)
		return -1;
	if (udp_connect(fd, &p.local, &p) == -1 ||
	    getsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP,
		v6 ? IPV6_MTU : IP_MTU, &mtu, &len) == -1)
		return -1;
	return mtu;
}

unsigned int
path_mtu(const struct conf *c, const struct lns_path *path)
{
	int fd = udp_open(path->local.family), mtu;

	if (fd == -1)
		return 0;
	mtu = ask(fd, path, mark_of(c, &path->local));
	close(fd);
	return mtu > 0 ? (unsigned int)mtu : 0;
}
