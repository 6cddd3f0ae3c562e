/* SPDX-License-Identifier: ISC */
#ifndef UDP_H
#define UDP_H

/*
 * UDP sockets of L2TP (RFC 2661 8.1): a listening one for each local address,
 * so that a reply leaves from the address that was dialled, and one for each
 * tunnel, connected, which the kernel's data path hangs on.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "compiler.h"
#include "lns.h"

#define L2TP_PORT 1701

/* A non-blocking socket that can share its address and port with others, not
 * bound yet.  -1 with errno. */
int udp_open(uint8_t family) must_check;
/* 0, or -1 with errno. */
int udp_bind(int fd, const struct lns_addr *local) must_check;
/*
 * Binds fd to bind_to and connects it to path->peer.  bind_to is path->local,
 * which it then sends from; or (IPv4) an address of a broadcast route, which
 * the socket only receives by, while it sends from path->local; or (IPv6) any
 * address, which it sends from, too.  0, or -1 with errno.
 */
int udp_connect(int fd, const struct lns_addr *bind_to,
    const struct lns_path *path) must_check;

struct udp_from {
	struct lns_addr addr;
	uint32_t mark; /* of the packet, if SO_RCVMARK is set; else 0 */
};

/* The next datagram and its sender; -1 with errno, EAGAIN when there is none.
 * A datagram that is longer than size is cut, and the return value says its
 * real length. */
ssize_t udp_recv(int fd, void *buf, size_t size, struct udp_from *from);
/* to NULL: fd is connected.  0, or -1 with errno. */
int udp_send(int fd, const void *buf, size_t len, const struct lns_addr *to);

#endif
