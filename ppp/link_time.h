/* SPDX-License-Identifier: ISC */
#ifndef LINK_TIME_H
#define LINK_TIME_H

/*
 * The session's time and its idle time, where RADIUS may change them: pppd
 * cannot be told of a change, and so has neither limit then.
 */

#include <stdbool.h>

#include "compiler.h"
#include "idle.h"

struct ppp_link;
struct link_count;

struct link_time {
	struct loop_timer *session, *look; /* NULL: no RADIUS */
	struct idle idle;
	struct link_count *count; /* not NULL: a worker counts */
};

/* False: out of memory. */
bool link_time_init(struct ppp_link *) must_check;
void link_time_fini(struct ppp_link *);

/* Whether they are kept here rather than by pppd. */
bool link_time_is_kept(const struct ppp_link *);
/* IP is up, or l->grant has changed. */
void link_time_set_session(struct ppp_link *);
void link_time_set_idle(struct ppp_link *);
/* It has ended; it need not have been up. */
void link_time_end(struct ppp_link *);

#endif
