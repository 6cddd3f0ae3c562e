/* SPDX-License-Identifier: ISC */
#ifndef ADDRESS_H
#define ADDRESS_H

/* The address of a link: the user's own, or one of a pool. */

#include <stdbool.h>
#include <netinet/in.h>

#include "link.h"

/* To a user who was let in, by l->grant.  Afterwards l->lease is held; or
 * l->waiting is set, and link_answer() is called later; or l->reason says why
 * there is none. */
void address_assign(struct ppp_link *);
/* What the link holds goes back, or to who waits for it.  It need not hold
 * any. */
void address_release(struct ppp_link *);
bool address_held(const struct ppp_link *, struct in_addr);

#endif
