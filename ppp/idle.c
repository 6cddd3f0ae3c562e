/* SPDX-License-Identifier: ISC */
/* Idle links; contract in idle.h. */

#include "idle.h"

#define LOOKS 8
#define LOOK_MIN_MS 500
#define LOOK_MAX_MS 60000

void
idle_begin(struct idle *i, struct mono now)
{
	i->packets = 0;
	i->moved_at = now;
}

int64_t
idle_first_ms(unsigned int limit_s)
{
	const int64_t ms = (int64_t)limit_s * 1000 / LOOKS;

	return ms < LOOK_MIN_MS	  ? LOOK_MIN_MS
	       : ms > LOOK_MAX_MS ? LOOK_MAX_MS
				  : ms;
}

int64_t
idle_look(
    struct idle *i, uint64_t packets, unsigned int limit_s, struct mono now)
{
	const int64_t step_ms = idle_first_ms(limit_s);
	int64_t left_ms;

	if (packets != i->packets) {
		i->packets = packets;
		i->moved_at = now;
		return step_ms;
	}
	left_ms = (int64_t)limit_s * 1000 - mono_diff_ms(now, i->moved_at);
	if (left_ms <= 0)
		return 0;
	return left_ms < step_ms ? left_ms : step_ms;
}
