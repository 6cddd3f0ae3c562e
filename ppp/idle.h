/* SPDX-License-Identifier: ISC */
#ifndef IDLE_H
#define IDLE_H

/* Whether a link is idle, by looking at its counters every now and then.  Pure.
 */

#include <stdint.h>

#include "compiler.h"
#include "mono.h"

struct idle {
	uint64_t packets;     /* when looked at last */
	struct mono moved_at; /* when they were found to have risen, */
};

void idle_begin(struct idle *, struct mono now);
/* When to look first. */
int64_t idle_first_ms(unsigned int limit_s);
/* packets: as counted now.  Milliseconds until it is to be looked at again; 0:
 * nothing has come or gone for limit_s, which is found out by an eighth of it
 * late, and never early. */
int64_t idle_look(struct idle *, uint64_t packets, unsigned int limit_s,
    struct mono now) must_check;

#endif
