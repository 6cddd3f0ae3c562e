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

/* A non-blocking socket bound to local.  -1 with errno. */
int udp_listen(const struct lns_addr *local) must_check;
/* Bound to path->local and connected to path->peer. */
int udp_connect(const struct lns_path *path) must_check;
/* The next datagram and its sender; -1 with errno, EAGAIN when there is none.
 * A datagram that is longer than size is cut, and the return value says its
 * real length. */
ssize_t udp_recv(int fd, void *buf, size_t size, struct lns_addr *from);
/* to NULL: fd is connected.  0, or -1 with errno. */
int udp_send(int fd, const void *buf, size_t len, const struct lns_addr *to);

#endif
