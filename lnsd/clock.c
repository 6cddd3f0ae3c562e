/* SPDX-License-Identifier: ISC */
/* The only reader of the clocks. */

#include "loop.h"

#include <time.h>

struct mono
clock_now(void)
{
	struct timespec ts;

	/* Cannot fail: CLOCK_MONOTONIC exists and ts is ours. */
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (
	    struct mono){ (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000 };
}

int64_t
clock_wall_s(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec;
}
