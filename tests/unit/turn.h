/* SPDX-License-Identifier: ISC */
#ifndef TURN_H
#define TURN_H

/* The loop for a moment, for tests that have both ends of a socket. */

#include "loop.h"

static struct loop_timer *turn_end;

static inline void
end_turn(void *arg)
{
	(void)arg;
	loop_stop();
}

/* After loop_init(). */
static inline void
turn_init(void)
{
	turn_end = loop_timer_new(end_turn, NULL);
}

static inline void
turn_fini(void)
{
	loop_timer_free(turn_end);
}

static inline void
turn(void)
{
	loop_timer_set(turn_end, 2);
	loop_run();
}

#endif
