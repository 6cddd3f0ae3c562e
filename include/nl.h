/* SPDX-License-Identifier: ISC */
#ifndef NL_H
#define NL_H

/* Dialogues with the kernel over netlink. */

#include <libmnl/libmnl.h>

#include "compiler.h"

/* What one answer of the kernel holds at most. */
#define NL_BUF 32768

/* bus: NETLINK_ROUTE...; flags: of socket(2), besides SOCK_CLOEXEC.  NULL with
 * errno; the caller closes it. */
struct mnl_socket *nl_open(int bus, int flags) must_check;
/* Sends h, and gives cb each message of the answer until that ends; the kernel
 * answers while it is asked, so there is no wait.  0 or 1, or -1 with errno:
 * what the kernel says, or EINTR, a list has changed meanwhile and is not
 * complete. */
int nl_talk(
    struct mnl_socket *, struct nlmsghdr *h, mnl_cb_t cb, void *arg) must_check;
/* Opens a socket of bus for one nl_talk(), and closes it. */
int nl_ask(int bus, struct nlmsghdr *h, mnl_cb_t cb, void *arg) must_check;

#endif
