/* SPDX-License-Identifier: ISC */
#ifndef MONO_H
#define MONO_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A point on the monotonic clock, as a type of its own so that it cannot be
 * mixed with a duration or with wall-clock time.  Durations are plain
 * int64_t named *_ms.
 */
struct mono {
	int64_t ms;
};

#define MONO_NEVER ((struct mono){ INT64_MAX })

static inline bool
mono_is_never(struct mono t)
{
	return t.ms == INT64_MAX;
}

static inline struct mono
mono_add_ms(struct mono t, int64_t ms)
{
	return mono_is_never(t) ? t : (struct mono){ t.ms + ms };
}

/* Milliseconds from b to a; negative when a lies before b. */
static inline int64_t
mono_diff_ms(struct mono a, struct mono b)
{
	return a.ms - b.ms;
}

static inline bool
mono_before(struct mono a, struct mono b)
{
	return a.ms < b.ms;
}

static inline struct mono
mono_min(struct mono a, struct mono b)
{
	return mono_before(b, a) ? b : a;
}

#endif
