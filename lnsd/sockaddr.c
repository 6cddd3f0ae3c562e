/* SPDX-License-Identifier: ISC */
/* Addresses of sockets; contract in sockaddr.h. */

#include "sockaddr.h"

#include <string.h>

socklen_t
sockaddr_from(const struct lns_addr *a, union sockaddr_any *u)
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

void
sockaddr_to(const union sockaddr_any *u, struct lns_addr *a)
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
