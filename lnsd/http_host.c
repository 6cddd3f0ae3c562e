/* SPDX-License-Identifier: ISC */
/* Which Host a request may have; contract in http_host.h. */

#include "http_host.h"

#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <arpa/inet.h>

static bool
is_port(const char *text)
{
	const size_t n = strspn(text, "0123456789");

	return n >= 1 && n <= 5 && text[n] == '\0';
}

bool
http_host_is_ours(const char *host)
{
	char name[INET6_ADDRSTRLEN];
	unsigned char ip[sizeof(struct in6_addr)];
	const char *end;
	bool v6;

	if (host == NULL)
		return false;
	v6 = host[0] == '[';
	host += v6;
	end = host + strcspn(host, v6 ? "]" : ":");
	if ((size_t)(end - host) >= sizeof(name) || (v6 && *end != ']'))
		return false;
	memcpy(name, host, (size_t)(end - host));
	name[end - host] = '\0';
	end += v6;
	if (*end != '\0' && (*end != ':' || !is_port(end + 1)))
		return false;
	if (v6)
		return inet_pton(AF_INET6, name, ip) == 1;
	return strcasecmp(name, "localhost") == 0 ||
	       inet_pton(AF_INET, name, ip) == 1;
}
