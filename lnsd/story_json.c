/* SPDX-License-Identifier: ISC */
/* Stories as JSON and back; contract in story_json.h. */

#include "story_json.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

json_t *
story_event_to_json(const struct story *s, const struct story_event *e)
{
	return json_pack("{s:I, s:s, s:s, s:s, s:i, s:s}", "at_ms",
	    (json_int_t)mono_diff_ms(e->at, s->begun), "stage",
	    story_stage_name(e->stage), "dir", story_dir_name(e->dir), "text",
	    e->text, "again", e->again, "cause", cause_name(e->cause));
}

static json_t *
stages(const struct story *s)
{
	json_t *o = json_object();
	enum story_stage i;

	for (i = 0; i < STORY_STAGES; i++)
		if (!mono_is_never(s->reached[i]))
			(void)json_object_set_new(o, story_stage_name(i),
			    json_integer(
				mono_diff_ms(s->reached[i], s->begun)));
	return o;
}

static json_t *
events(const struct story *s)
{
	json_t *a = json_array();
	size_t i;

	for (i = 0; i < s->n_events; i++)
		(void)json_array_append_new(
		    a, story_event_to_json(s, &s->events[i]));
	return a;
}

json_t *
story_to_json(const struct story *s, bool all)
{
	char ip[LNS_ADDR_TEXT];
	json_t *o;

	o = json_pack("{s:I, s:I, s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:I, "
		      "s:s, s:s, s:s, s:s, s:i, s:o}",
	    "n", (json_int_t)s->n, "begun", (json_int_t)s->wall_s, "peer",
	    lns_addr_text(&s->peer, ip), "port", s->peer.port, "id", s->id,
	    "host", s->host, "user", s->user, "address", s->address, "result",
	    story_result_name(s->result), "stage",
	    story_stage_name(story_stage(s)), "last_ms",
	    (json_int_t)mono_diff_ms(s->last, s->begun), "cause",
	    cause_name(s->cause), "text", cause_text(s->cause), "mend",
	    cause_mend(s->cause), "detail", s->detail, "left_out",
	    (int)s->left_out, "reached_ms", stages(s));
	if (o != NULL && all)
		(void)json_object_set_new(o, "events", events(s));
	return o;
}

/* By its end. */
static bool
is_earlier(const struct story *a, const struct story *b)
{
	return a->last.ms < b->last.ms ||
	       (a->last.ms == b->last.ms && a->n < b->n);
}

static json_t *
failure(const struct story *s)
{
	const json_int_t at_s =
	    s->wall_s + mono_diff_ms(s->last, s->begun) / 1000;
	char ip[LNS_ADDR_TEXT];

	return json_pack("{s:I, s:I, s:s, s:i, s:s, s:s, s:s, s:s, s:s}", "n",
	    (json_int_t)s->n, "time", at_s, "client_address",
	    lns_addr_text(&s->peer, ip), "client_port", s->peer.port, "user",
	    s->user, "stage", story_stage_name(story_stage(s)), "cause",
	    cause_name(s->cause), "text", cause_text(s->cause), "detail",
	    s->detail);
}

json_t *
stories_failures_json(const struct stories *st, size_t most)
{
	const struct story *s, *next, *behind = NULL;
	json_t *a = json_array();

	while (json_array_size(a) < most) {
		next = NULL;
		for (s = stories_first(st); s != NULL; s = stories_next(s))
			if (s->result == STORY_FAILED &&
			    (behind == NULL || is_earlier(s, behind)) &&
			    (next == NULL || is_earlier(next, s)))
				next = s;
		if (next == NULL)
			break;
		(void)json_array_append_new(a, failure(next));
		behind = next;
	}
	return a;
}

/* --- and back --- */

static void
get_text(const json_t *o, const char *key, char *to, size_t size)
{
	const char *v = json_string_value(json_object_get(o, key));

	story_text(to, size, v != NULL ? v : "");
}

static unsigned int
index_of(const json_t *v, const char *(*name)(unsigned int), unsigned int n)
{
	const char *text = json_string_value(v);
	unsigned int i;

	for (i = 0; text != NULL && i < n; i++)
		if (strcmp(name(i), text) == 0)
			return i;
	return 0;
}

static const char *
stage_name(unsigned int i)
{
	return story_stage_name(i);
}

static const char *
dir_name(unsigned int i)
{
	return story_dir_name(i);
}

static const char *
result_name(unsigned int i)
{
	return story_result_name(i);
}

static const char *
name_of_cause(unsigned int i)
{
	return cause_name(i);
}

static void
get_event(const json_t *o, struct story_event *e)
{
	*e = (struct story_event){ .at = { json_integer_value(
				       json_object_get(o, "at_ms")) },
		.stage = (uint8_t)index_of(
		    json_object_get(o, "stage"), stage_name, STORY_STAGES),
		.dir =
		    (uint8_t)index_of(json_object_get(o, "dir"), dir_name, 3),
		.again =
		    (uint8_t)json_integer_value(json_object_get(o, "again")),
		.cause = (uint8_t)index_of(
		    json_object_get(o, "cause"), name_of_cause, CAUSE_N) };
	get_text(o, "text", e->text, sizeof(e->text));
}

bool
story_from_json(const json_t *o, struct story *s)
{
	const json_t *list = json_object_get(o, "events");
	const json_t *reached = json_object_get(o, "reached_ms"), *v;
	char ip[LNS_ADDR_TEXT];
	size_t i;

	*s = (struct story){ .n = (uint64_t)json_integer_value(
				 json_object_get(o, "n")) };
	get_text(o, "peer", ip, sizeof(ip));
	s->peer.family = strchr(ip, ':') != NULL ? 6 : 4;
	if (inet_pton(
		s->peer.family == 6 ? AF_INET6 : AF_INET, ip, s->peer.ip) != 1)
		return false;
	s->peer.port = (uint16_t)json_integer_value(json_object_get(o, "port"));
	s->wall_s = json_integer_value(json_object_get(o, "begun"));
	s->last.ms = json_integer_value(json_object_get(o, "last_ms"));
	s->left_out =
	    (unsigned int)json_integer_value(json_object_get(o, "left_out"));
	get_text(o, "id", s->id, sizeof(s->id));
	get_text(o, "host", s->host, sizeof(s->host));
	get_text(o, "user", s->user, sizeof(s->user));
	get_text(o, "address", s->address, sizeof(s->address));
	get_text(o, "detail", s->detail, sizeof(s->detail));
	s->result = index_of(json_object_get(o, "result"), result_name, 4);
	s->cause =
	    index_of(json_object_get(o, "cause"), name_of_cause, CAUSE_N);
	for (i = 0; i < STORY_STAGES; i++) {
		v = json_object_get(reached, story_stage_name((unsigned int)i));
		s->reached[i] = v == NULL
				    ? MONO_NEVER
				    : (struct mono){ json_integer_value(v) };
	}
	s->n_events = json_array_size(list);
	if (s->n_events > STORY_EVENTS)
		return false;
	s->events = calloc(s->n_events + 1, sizeof(*s->events));
	for (i = 0; s->events != NULL && i < s->n_events; i++)
		get_event(json_array_get(list, i), &s->events[i]);
	return s->events != NULL;
}
