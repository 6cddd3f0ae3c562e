/* SPDX-License-Identifier: ISC */
#ifndef POLICY_H
#define POLICY_H

/*
 * IPsec policies of one socket (IP_XFRM_POLICY): they bind the socket to its
 * client's SAs, whatever other policies the kernel has, and die with it.
 * Texts are built here, purely; policy_set() hands one to the kernel.
 */

#include <stdint.h>
#include <linux/types.h>
#include <linux/xfrm.h>

#include "compiler.h"
#include "lns.h"

/* What the kernel takes: a policy and its only template. */
struct policy {
	struct xfrm_userpolicy_info info;
	struct xfrm_user_tmpl tmpl;
	size_t len; /* of what counts: a block has no template */
};

/* Nothing comes in that was not in ESP, in transport mode. */
void policy_in(struct policy *, uint8_t family);
/* Nothing goes out. */
void policy_block(struct policy *, uint8_t family);
/* From local to peer (with their ports) only by this SA; anything else is not
 * covered. */
void policy_out(
    struct policy *, const struct lns_path *, uint32_t reqid, uint32_t spi);
/* Replaces the socket's policy of that direction.  0, or -1 with errno. */
int policy_set(int fd, const struct policy *) must_check;

#endif
