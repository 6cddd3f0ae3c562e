/* SPDX-License-Identifier: ISC */
#ifndef XFRM_SA_H
#define XFRM_SA_H

/*
 * Changes to SAs that pluto has made, by XFRM netlink.  An SA is named by the
 * destination and SPI of sa; nl: of nl_open(NETLINK_XFRM, ), blocking.  Others
 * hear of the changes as those of nl's port id (nlmsg_pid).
 */

#include <libmnl/libmnl.h>

#include "compiler.h"
#include "sadb.h"

/* The SA is encapsulated as sa says now (RFC 3948; the ports are all that
 * changes).  0, or -1 with errno. */
int xfrm_sa_remap(struct mnl_socket *nl, const struct sa_info *sa) must_check;

/*
 * The selector of an SA has any address of ours from now on, and so has an
 * outbound SA itself: the kernel compares them with what steer.h has made of a
 * packet, or will make.  The selector still holds the address that it had
 * (with a prefix of 0 bits).  The kernel cannot change a selector, so the SA is
 * deleted and made again, with its keys, lifetimes, sequence numbers and replay
 * window, in two system calls: a packet between them is lost, and if pluto
 * deletes the SA between them it stays until pluto ends.  To be done before it
 * can have been used.
 *
 * 0, or -1 with errno: EACCES if the kernel does not tell keys.  *lost: the SA
 * could not be made again.
 */
int xfrm_sa_widen(struct mnl_socket *nl, const struct sa_info *sa, bool inbound,
    bool *lost) must_check;

#endif
