/* SPDX-License-Identifier: ISC */
#ifndef RADIUS_OWN_H
#define RADIUS_OWN_H

/* What a RADIUS server says of addresses, compared with the configuration:
 * names of pools that it has, and networks that are not RADIUS's to give.
 * Pure. */

#include "conf.h"
#include "radius_map.h"

/*
 * Resolves the names of pools in the answer of this profile, adds the network
 * around the user's address, and takes from its grant IPv6 where the profile
 * has none, and networks that overlap a pool or a user's ipv6-prefix, or hold
 * an address of ours; unheeded is called for the attribute of each.
 */
void radius_compare_own(const struct conf *, const struct conf_ppp *,
    struct radius_answer *, radius_unheeded_fn unheeded, void *arg);

#endif
