/* SPDX-License-Identifier: ISC */
/* Framed-Route; contract in radius_map.h. */

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

bool
radius_take_route(
    const struct radius_attr *a, struct in_addr user, struct conf_route *r)
{
	char text[RADIUS_VALUE_MAX + 1], network[32], gateway[32] = "0.0.0.0";
	struct in_addr via;

	if (memchr(a->value, '\0', a->len) != NULL)
		return false;
	memcpy(text, a->value, a->len);
	text[a->len] = '\0';
	/* Metrics behind them would only choose among routes of ours. */
	if (sscanf(text, "%31s %31s", network, gateway) < 1 ||
	    !parse_network(network, r) ||
	    inet_pton(AF_INET, gateway, &via) != 1)
		return false;
	return via.s_addr == INADDR_ANY || via.s_addr == user.s_addr;
}
