/* SPDX-License-Identifier: ISC */
/*
 * The status page and what it asks for; contract in web.h.  Sessions, of which
 * there may be thousands, are gathered on the loop, and counted and written
 * down by a worker.
 */

#include "web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "ladder.h"
#include "loop.h"
#include "page_files.h"
#include "page_json.h"
#include "survey.h"
#include "survey_json.h"
#include "worker.h"

struct job {
	LIST_ENTRY(job) entry;
	struct http_request *request;
	struct conf *conf; /* held: a worker reads it */
	struct survey *survey;
	char *text; /* NULL: no memory */
};

static LIST_HEAD(, job) jobs = LIST_HEAD_INITIALIZER(jobs);
/* Whose requests may have gone: the worker is everybody's. */
#define JOBS_MAX 8
static size_t n_jobs;
static const struct ctl_server *server;
static struct stories *stories;

static void
reply_text(struct http_request *r, const char *type, const char *text)
{
	if (text == NULL)
		http_fail(r, 503, "out of memory");
	else
		http_reply(r, type, text, strlen(text));
}

/* Takes the reference. */
static void
reply_json(struct http_request *r, json_t *o)
{
	char *text = o == NULL ? NULL : json_dumps(o, JSON_COMPACT);

	reply_text(r, "application/json", text);
	free(text);
	json_decref(o);
}

/* --- sessions --- */

static void
job_free(struct job *j)
{
	LIST_REMOVE(j, entry);
	n_jobs--;
	survey_free(j->survey);
	conf_free(j->conf);
	free(j->text);
	free(j);
}

static void
job_work(void *arg)
{
	struct job *j = arg;
	json_t *o;

	survey_count(j->survey);
	o = survey_json_sessions(j->survey, j->conf);
	j->text = o == NULL ? NULL : json_dumps(o, JSON_COMPACT);
	json_decref(o);
}

static void
job_done(void *arg)
{
	struct job *j = arg;

	reply_text(j->request, "application/json", j->text);
	job_free(j);
}

static void
show_sessions(void *arg, struct http_request *r)
{
	struct job *j = n_jobs < JOBS_MAX ? calloc(1, sizeof(*j)) : NULL;

	(void)arg;
	if (j == NULL) {
		http_fail(r, 503, "too many requests at once");
		return;
	}
	LIST_INSERT_HEAD(&jobs, j, entry);
	n_jobs++;
	j->request = r;
	j->conf = conf_hold(*server->conf);
	j->survey = survey_new(server->glue, server->ipsec);
	if (j->survey != NULL && worker_submit(job_work, job_done, j) == 0)
		return;
	job_free(j);
	http_fail(r, 503, "out of memory");
}

/* --- the rest --- */

static uint64_t
failures(const struct story_counts *c)
{
	enum story_stage stage;
	uint64_t n = 0;
	size_t cause;

	for (stage = STORY_IKE; stage <= STORY_PPP; stage++)
		for (cause = 0; cause < CAUSE_N; cause++)
			n += c->failed[stage][cause];
	return n;
}

static json_t *
counts_json(void)
{
	const struct story_counts *c = stories_counts(stories);
	struct lns_stats s;

	lns_stats(glue_lns(server->glue), &s);
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "tunnels",
	    (json_int_t)s.tunnels, "tunnels_established",
	    (json_int_t)s.tunnels_established, "sessions",
	    (json_int_t)s.sessions, "sessions_up",
	    (json_int_t)web_sessions_up(), "setups",
	    (json_int_t)c->reached[STORY_UP], "failures",
	    (json_int_t)failures(c), "times", page_json_times(c), "bucket_ms",
	    page_json_bucket_ms());
}

static void
show_status(void *arg, struct http_request *r)
{
	const int64_t up = mono_diff_ms(clock_now(), server->started) / 1000;
	struct ipsec_status ipsec;
	json_t *o;

	(void)arg;
	ipsec_view_status(server->ipsec, &ipsec);
	o = json_pack("{s:s, s:o, s:I, s:b, s:s, s:b, s:o}", "version",
	    LNSD_VERSION, "hostname", json_peer_text((*server->conf)->hostname),
	    "seconds", (json_int_t)up, "draining", (int)ctl_act_draining(),
	    "pluto", ipsec.pluto, "guard", (int)ipsec.guarded, "pools",
	    ctl_pools_json(server));
	if (o != NULL)
		(void)json_object_update_new(o, counts_json());
	reply_json(r, o);
}

static void
show_history(void *arg, struct http_request *r)
{
	(void)arg;
	reply_json(r, page_json_history(web_traffic()));
}

static void
show_attempts(void *arg, struct http_request *r)
{
	(void)arg;
	(void)stories_expire(stories, clock_now());
	reply_json(r, page_json_attempts(stories));
}

static void
show_ladder(void *arg, struct http_request *r)
{
	const uint64_t n = page_query_n(http_query(r));
	const struct story *s;
	char *text = NULL;
	size_t len;
	FILE *f;

	(void)arg;
	for (s = stories_first(stories); s != NULL && s->n != n;)
		s = stories_next(s);
	if (s == NULL) {
		http_fail(r, 404, "no such attempt");
		return;
	}
	f = open_memstream(&text, &len);
	if (f != NULL) {
		ladder_svg(s, f);
		fclose(f);
	}
	reply_text(r, "image/svg+xml", text);
	free(text);
}

static void
show_file(void *arg, struct http_request *r)
{
	const struct page_file *f = arg;

	http_reply(r, f->type, f->text, (size_t)(f->end - f->text));
}

void
web_page_init(struct http *http, const struct ctl_server *s, struct stories *st)
{
	static struct page_file files[PAGE_FILES];
	size_t i;

	server = s;
	stories = st;
	memcpy(files, page_files, sizeof(files));
	for (i = 0; i < PAGE_FILES; i++)
		http_add(http, files[i].path, show_file, &files[i]);
	http_add(http, "/api/status.json", show_status, NULL);
	http_add(http, "/api/sessions.json", show_sessions, NULL);
	http_add(http, "/api/history.json", show_history, NULL);
	http_add(http, "/api/attempts.json", show_attempts, NULL);
	http_add(http, "/api/ladder.svg", show_ladder, NULL);
}

void
web_page_fini(void)
{
	struct job *j, *next;

	for (j = LIST_FIRST(&jobs); j != NULL; j = next) {
		next = LIST_NEXT(j, entry);
		job_free(j);
	}
}
