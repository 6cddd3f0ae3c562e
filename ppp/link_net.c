/* SPDX-License-Identifier: ISC */
/* What the kernel has for a link besides pppd's interface; contract in
 * link.h. */

#include "link.h"

#include "clamp.h"
#include "log.h"

static bool
is_clamped(const struct ppp_link *l)
{
	return l->svc->clamp != NULL && l->ifindex != 0 &&
	       profile_of(l)->mss_clamp;
}

void
link_net_up(struct ppp_link *l)
{
	if (is_clamped(l) &&
	    clamp_interface(l->svc->clamp, l->ifindex, true) == -1)
		log_warn("ppp", "mss-clamp for '%s'", l->user);
}

void
link_net_down(struct ppp_link *l)
{
	if (is_clamped(l) &&
	    clamp_interface(l->svc->clamp, l->ifindex, false) == -1)
		log_warn("ppp", "mss-clamp for '%s'", l->user);
	l->ifindex = 0;
}
