/* SPDX-License-Identifier: ISC */
/* Stories on the control socket; contract in ctl_story.h. */

#include "ctl_story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "log.h"
#include "loop.h"
#include "story_json.h"

#define TICK_MS 2000
#define LISTED 20

struct tracer {
	LIST_ENTRY(tracer) entry;
	struct ctl_request *request;
	char who[128]; /* "": all */
};

LIST_HEAD(tracer_list, tracer);

static struct tracer_list tracers;
static struct stories *stories;
static struct loop_timer *timer;

static void
tick(void *arg)
{
	(void)arg;
	(void)stories_expire(stories, clock_now());
	loop_timer_set(timer, TICK_MS);
}

static void
do_list(void *arg, struct ctl_request *r)
{
	json_t *a = json_array();
	const struct story *s;
	size_t n = 0;

	(void)arg;
	(void)stories_expire(stories, clock_now());
	for (s = stories_first(stories); s != NULL && n < LISTED;
	     s = stories_next(s), n++)
		(void)json_array_append_new(a, story_to_json(s, false));
	ctl_done(r, a);
}

static void
do_story(void *arg, struct ctl_request *r)
{
	const char *who = ctl_param(r, "who");
	const struct story *s;

	(void)arg;
	(void)stories_expire(stories, clock_now());
	s = stories_find(stories, who);
	if (s == NULL)
		ctl_fail(r, CTL_NOT_FOUND,
		    "nothing was heard of %s: lnsctl explain lists who came, "
		    "and who failed before he said a name has an address only; "
		    "if no packet of the client arrives, see what name or "
		    "address it dials, that UDP 500 and 4500 are let through, "
		    "and what lnsctl doctor finds on this machine",
		    who == NULL || strcmp(who, "last") == 0 ? "any client yet"
							    : who);
	else
		ctl_done(r, story_to_json(s, true));
}

static void
on_event(void *arg, const struct story *s, const struct story_event *e)
{
	struct tracer *t;
	json_t *o;

	(void)arg;
	LIST_FOREACH (t, &tracers, entry) {
		if (t->who[0] != '\0' && !story_is_of(s, t->who))
			continue;
		o = story_to_json(s, false);
		if (o != NULL)
			(void)json_object_set_new(
			    o, "event", story_event_to_json(s, e));
		ctl_item(t->request, o);
	}
}

static void
tracer_gone(void *arg)
{
	struct tracer *t = arg;

	LIST_REMOVE(t, entry);
	free(t);
}

static void
do_events(void *arg, struct ctl_request *r)
{
	struct tracer *t = calloc(1, sizeof(*t));
	const char *who = ctl_param(r, "who");

	(void)arg;
	if (t == NULL) {
		ctl_fail(r, CTL_INTERNAL, "out of memory");
		return;
	}
	t->request = r;
	story_text(t->who, sizeof(t->who), who != NULL ? who : "");
	LIST_INSERT_HEAD(&tracers, t, entry);
	ctl_on_gone(r, tracer_gone, t);
}

void
ctl_story_add(struct ctl *c, struct stories *st)
{
	stories = st;
	LIST_INIT(&tracers);
	timer = loop_timer_new(tick, NULL);
	if (timer == NULL || !stories_watch(st, on_event, NULL))
		fatalx("lnsd", "out of memory");
	loop_timer_set(timer, TICK_MS);
	ctl_add(c, "stories", do_list, NULL);
	ctl_add(c, "story", do_story, NULL);
	ctl_add(c, "events", do_events, NULL);
}

void
ctl_story_end(void)
{
	stories_unwatch(stories, on_event, NULL);
	loop_timer_free(timer);
	timer = NULL;
}
