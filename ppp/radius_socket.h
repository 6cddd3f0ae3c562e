/* SPDX-License-Identifier: ISC */
#ifndef RADIUS_SOCKET_H
#define RADIUS_SOCKET_H

/* UDP sockets of RADIUS, which never block. */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "compiler.h"
#include "lns.h"

/* A socket with a port of its own that is connected to a server.  -1 with
 * errno. */
int radius_socket_to(const struct lns_addr *server) must_check;
/* One that is bound.  -1 with errno. */
int radius_socket_at(const struct lns_addr *local) must_check;

/* Both ends of a datagram that came to a bound socket. */
struct radius_ends {
	struct lns_addr from;
	struct lns_addr to; /* family 0: not known */
};
/* As recvfrom(2). */
ssize_t radius_socket_recv(
    int fd, void *buf, size_t size, struct radius_ends *) must_check;
/* Back, from the address that it came to.  0, or -1 with errno. */
int radius_socket_reply(
    int fd, const void *buf, size_t len, const struct radius_ends *) must_check;

#endif
