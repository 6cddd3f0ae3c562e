/* SPDX-License-Identifier: ISC */
/* The interface of a LAN; contract in lan.h. */

#include "lan.h"

#include <errno.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <string.h>

static struct in_addr
ipv4_of(const struct sockaddr *sa)
{
	struct sockaddr_in sin = { 0 };

	if (sa != NULL && sa->sa_family == AF_INET)
		memcpy(&sin, sa, sizeof(sin));
	return sin.sin_addr;
}

static bool
is_on_lan(const struct ifaddrs *i, struct in_addr local)
{
	uint32_t mask = ipv4_of(i->ifa_netmask).s_addr;

	if ((i->ifa_flags & IFF_BROADCAST) == 0 ||
	    (i->ifa_flags & IFF_UP) == 0 || i->ifa_addr == NULL ||
	    i->ifa_addr->sa_family != AF_INET)
		return false;
	return (ipv4_of(i->ifa_addr).s_addr & mask) == (local.s_addr & mask);
}

bool
lan_find(struct in_addr local, char ifname[IFNAMSIZ])
{
	struct ifaddrs *all, *i;

	if (getifaddrs(&all) == -1)
		return false;
	for (i = all; i != NULL && !is_on_lan(i, local); i = i->ifa_next)
		;
	if (i != NULL)
		snprintf(ifname, IFNAMSIZ, "%s", i->ifa_name);
	freeifaddrs(all);
	errno = ENODEV;
	return i != NULL;
}
