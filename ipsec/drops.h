/* SPDX-License-Identifier: ISC */
#ifndef DROPS_H
#define DROPS_H

/*
 * What the guard's rules (guard.h, steer.h) have dropped.  A rule says why in
 * its comment, and its counter begins anew when its table is made anew; the sum
 * does not.  Pure.
 */

#include <stdbool.h>
#include <stdint.h>
#include <linux/netlink.h>

#include "compiler.h"
#include "ipsec_view.h"

#define DROPS_TABLES 4 /* two in each family */

struct drops {
	uint64_t last[DROPS_TABLES][IPSEC_DROP_N];
	struct ipsec_drops sum;
};

/* A rule of nf_tables netlink, a whole message: adds its packets, by the reason
 * that its comment names.  False: it is none of ours. */
bool drops_take_rule(const struct nlmsghdr *, uint64_t packets[IPSEC_DROP_N]);
/* All rules of a table have now dropped so many; none: it is not there. */
void drops_add(
    struct drops *, unsigned int table, const uint64_t packets[IPSEC_DROP_N]);

#endif
