/* SPDX-License-Identifier: ISC */
#ifndef SOCKADDR_H
#define SOCKADDR_H

/* An address and UDP port as sockets have it. */

#include <netinet/in.h>
#include <sys/socket.h>

#include "lns.h"

union sockaddr_any {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* Returns the length of what is in use. */
socklen_t sockaddr_from(const struct lns_addr *, union sockaddr_any *);
/* What the kernel has filled in; of another family it is nonsense of IPv4. */
void sockaddr_to(const union sockaddr_any *, struct lns_addr *);

#endif
