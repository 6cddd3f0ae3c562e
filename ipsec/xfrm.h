/* SPDX-License-Identifier: ISC */
#ifndef XFRM_H
#define XFRM_H

/*
 * What a pluto leaves in the kernel: SAs and policies of L2TP when it was
 * killed, and its exceptions for neighbour discovery even when it ended well.
 * Short netlink dialogues, for start and stop.
 */

#include <stdbool.h>

#include "compiler.h"

/* Removes the SAs and policies of UDP 1701 and, if neighbour is set, the
 * neighbour discovery exceptions.  Returns how many objects went, or -1 with
 * errno. */
int xfrm_reap(bool neighbour) must_check;
/* Are there such exceptions now?  False also if that cannot be told. */
bool xfrm_has_neighbour_policies(void);
/* Can this kernel do ESP, and may we ask?  In words; NULL: yes. */
const char *xfrm_missing(void);

#endif
