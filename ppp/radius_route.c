/* SPDX-License-Identifier: ISC */
/* Framed-Route and Framed-IPv6-Route; contract in radius_map.h. */

#include "radius_map.h"

#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>

/* Networks of old, for who leaves the length out. */
static unsigned int
bits_of_class(struct in_addr a)
{
	const uint32_t h = ntohl(a.s_addr);

	return IN_CLASSA(h) ? 8 : IN_CLASSB(h) ? 16 : IN_CLASSC(h) ? 24 : 0;
}

static bool
parse_network(const char *text, struct conf_route *r)
{
	char ip[INET_ADDRSTRLEN];
	unsigned int bits = 0;
	int n, used = 0;

	n = sscanf(text, "%15[0-9.]/%2u%n", ip, &bits, &used);
	if (n == 1)
		used = (int)strlen(ip);
	if (n < 1 || text[used] != '\0' ||
	    inet_pton(AF_INET, ip, &r->network) != 1)
		return false;
	r->bits = n == 1 ? bits_of_class(r->network) : bits;
	return r->bits >= 1 && r->bits <= 32 &&
	       (r->bits == 32 ||
		   (ntohl(r->network.s_addr) & (~0u >> r->bits)) == 0) &&
	       r->network.s_addr != INADDR_ANY &&
	       ntohl(r->network.s_addr) >> 24 != IN_LOOPBACKNET &&
	       !IN_MULTICAST(ntohl(r->network.s_addr));
}

/* Metrics behind them would only choose among routes of ours. */
static bool
parse_words(const struct radius_attr *a, char network[64], char gateway[64])
{
	char text[RADIUS_VALUE_MAX + 1];

	if (memchr(a->value, '\0', a->len) != NULL)
		return false;
	memcpy(text, a->value, a->len);
	text[a->len] = '\0';
	return sscanf(text, "%63s %63s", network, gateway) >= 1;
}

bool
radius_take_route(
    const struct radius_attr *a, struct in_addr user, struct conf_route *r)
{
	char network[64], gateway[64] = "0.0.0.0";
	struct in_addr via;

	if (!parse_words(a, network, gateway) || !parse_network(network, r) ||
	    inet_pton(AF_INET, gateway, &via) != 1)
		return false;
	return via.s_addr == INADDR_ANY || via.s_addr == user.s_addr;
}

static bool
is_masked(const struct conf_prefix *p)
{
	unsigned int bit;

	for (bit = p->len; bit < 128; bit++)
		if ((p->address.s6_addr[bit / 8] & 0x80u >> bit % 8) != 0)
			return false;
	return true;
}

bool
radius_may_be_routed(const struct in6_addr *a)
{
	return !IN6_IS_ADDR_UNSPECIFIED(a) && !IN6_IS_ADDR_LOOPBACK(a) &&
	       !IN6_IS_ADDR_MULTICAST(a) && !IN6_IS_ADDR_LINKLOCAL(a);
}

bool
radius_take_route6(const struct radius_attr *a, struct conf_prefix *p)
{
	char network[64], gateway[64] = "::", ip[INET6_ADDRSTRLEN];
	struct in6_addr via;
	int used = 0;

	memset(p, 0, sizeof(*p));
	return parse_words(a, network, gateway) &&
	       sscanf(network, "%45[0-9a-fA-F:.]/%3u%n", ip, &p->len, &used) ==
		   2 &&
	       network[used] == '\0' && p->len >= 1 && p->len <= 128 &&
	       inet_pton(AF_INET6, ip, &p->address) == 1 && is_masked(p) &&
	       inet_pton(AF_INET6, gateway, &via) == 1 &&
	       IN6_IS_ADDR_UNSPECIFIED(&via);
}
