/* SPDX-License-Identifier: ISC */
#ifndef XFRM_LIST_H
#define XFRM_LIST_H

/* An SA of XFRM netlink as people read it.  Pure. */

#include <stdbool.h>
#include <linux/netlink.h>

#include "compiler.h"
#include "ipsec_view.h"

/* h: a whole message, as long as nlmsg_len says.  False: it is no ESP SA.  No
 * key gets into the detail. */
bool xfrm_list_parse(
    const struct nlmsghdr *h, struct ipsec_sa_detail *) must_check;

#endif
