/* SPDX-License-Identifier: ISC */
#ifndef STORY_JSON_H
#define STORY_JSON_H

/* A story as lnsctl and others get it. */

#include <jansson.h>

#include "story.h"

/* NULL: out of memory. */
json_t *story_to_json(const struct story *, bool events) must_check;
json_t *story_event_to_json(
    const struct story *, const struct story_event *) must_check;
/* The last of those that failed and did not get in since, at most so many:
 * when, who, how far it got, why; the newest first. */
json_t *stories_failures_json(const struct stories *, size_t most) must_check;
/* Back again, as far as a reader needs it; false: it makes no sense.  On
 * success s->events is to be freed. */
bool story_from_json(const json_t *, struct story *s) must_check;

#endif
