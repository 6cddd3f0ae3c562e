/* SPDX-License-Identifier: ISC */
#ifndef XFRM_NL_H
#define XFRM_NL_H

/* Dialogues with XFRM netlink. */

#include <libmnl/libmnl.h>

#include "compiler.h"

/* What one answer of the kernel holds at most. */
#define XFRM_NL_BUF 32768

/* flags: of socket(2), besides SOCK_CLOEXEC.  NULL with errno; the caller
 * closes it. */
struct mnl_socket *xfrm_nl_open(int flags) must_check;
/* Sends h, and gives cb each message of the answer until that ends; the kernel
 * answers while it is asked, so there is no wait.  0 or 1, or -1 with errno. */
int xfrm_nl_talk(
    struct mnl_socket *, struct nlmsghdr *h, mnl_cb_t cb, void *arg) must_check;

#endif
