/* SPDX-License-Identifier: ISC */
/* What the status page asks for; contract in page_json.h. */

#include "page_json.h"

#include <stdlib.h>
#include <string.h>

#include "story_json.h"

struct funnel {
	json_int_t reached[STORY_STAGES], failed[STORY_STAGES];
};

/* Whoever got further was there before. */
static void
add_to_funnel(struct funnel *f, const struct story *s)
{
	enum story_stage stage = story_stage(s), i;

	for (i = STORY_IKE; i <= stage; i++)
		f->reached[i]++;
	if (s->result == STORY_FAILED)
		f->failed[stage]++;
}

static json_t *
funnel_json(const struct funnel *f)
{
	json_t *o = json_object();
	enum story_stage i;

	for (i = STORY_IKE; i <= STORY_UP; i++)
		(void)json_object_set_new(o, story_stage_name(i),
		    json_pack("{s:I, s:I}", "reached", f->reached[i], "failed",
			f->failed[i]));
	return o;
}

json_t *
page_json_attempts(const struct stories *st)
{
	struct funnel f = { { 0 }, { 0 } };
	json_t *list = json_array();
	const struct story *s;
	json_int_t n = 0;

	for (s = stories_first(st); s != NULL; s = stories_next(s), n++) {
		add_to_funnel(&f, s);
		if (n < PAGE_ATTEMPTS)
			(void)json_array_append_new(
			    list, story_to_json(s, false));
	}
	return json_pack("{s:I, s:o, s:o}", "kept", n, "funnel",
	    funnel_json(&f), "attempts", list);
}

json_t *
page_json_history(const struct traffic *t)
{
	const struct traffic_sample *x;
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < t->n_samples; i++) {
		x = traffic_sample(t, i);
		(void)json_array_append_new(
		    list, json_pack("[I, I, I, I]", (json_int_t)x->wall_s,
			      (json_int_t)x->sessions, (json_int_t)x->rx,
			      (json_int_t)x->tx));
	}
	return json_pack(
	    "{s:i, s:o}", "interval", TRAFFIC_INTERVAL_S, "samples", list);
}

json_t *
page_json_times(const struct story_counts *c)
{
	json_t *list = json_array(), *buckets;
	enum story_stage stage;
	size_t i;

	for (stage = STORY_IKE; stage <= STORY_PPP; stage++) {
		buckets = json_array();
		for (i = 0; i < STORY_BUCKETS; i++)
			(void)json_array_append_new(buckets,
			    json_integer(
				(json_int_t)c->times[stage].bucket[i]));
		(void)json_array_append_new(
		    list, json_pack("{s:s, s:I, s:I, s:o}", "stage",
			      story_stage_name(stage), "n",
			      (json_int_t)c->times[stage].n, "sum_ms",
			      (json_int_t)c->times[stage].sum_ms, "buckets",
			      buckets));
	}
	return list;
}

json_t *
page_json_bucket_ms(void)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < STORY_BUCKETS; i++)
		(void)json_array_append_new(
		    list, json_integer(story_bucket_ms[i]));
	return list;
}

uint64_t
page_query_n(const char *query)
{
	uint64_t n = 0;

	if (query == NULL || strncmp(query, "n=", 2) != 0)
		return 0;
	query += 2;
	if (strlen(query) > 18 || strspn(query, "0123456789") != strlen(query))
		return 0;
	for (; *query != '\0'; query++)
		n = n * 10 + (uint64_t)(*query - '0');
	return n;
}
