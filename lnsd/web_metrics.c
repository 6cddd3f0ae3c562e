/* SPDX-License-Identifier: ISC */
/*
 * Metrics, gathered: values on the loop, what the kernel counts by a worker.
 * There is one job at a time, so that counts never go back; who asks meanwhile
 * gets its answer with it.
 */

#include "web.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "log.h"
#include "loop.h"
#include "metrics.h"
#include "survey.h"
#include "traffic.h"
#include "worker.h"

#define WAITING_MAX 64

struct sampling {
	struct survey *survey;
	struct metrics metrics; /* what a worker can find out */
};

static const struct ctl_server *server;
static struct stories *stories;
static struct loop_timer *timer;
static struct sampling *sampling; /* NULL: none is under way */
static bool due;		  /* the next one is to be kept */
static struct http_request *waiting[WAITING_MAX];
static size_t n_waiting;
static struct traffic traffic;
static uint32_t sessions_up;
static int64_t started_s; /* as it was told last */

/* --- by a worker --- */

static uint64_t
count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	uint64_t n = 0;

	if (d == NULL)
		return 0;
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n > 3 ? n - 3 : 0; /* ".", "..", and its own */
}

static uint64_t
resident_octets(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	unsigned long size, pages = 0;

	if (f == NULL)
		return 0;
	if (fscanf(f, "%lu %lu", &size, &pages) != 2)
		pages = 0;
	fclose(f);
	return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static double
seconds(const struct timeval *tv)
{
	return (double)tv->tv_sec + (double)tv->tv_usec / 1e6;
}

static void
look_at_process(struct metrics_process *p)
{
	struct rusage ru = { 0 };
	struct rlimit rl = { 0 };

	(void)getrusage(RUSAGE_SELF, &ru);
	(void)getrlimit(RLIMIT_NOFILE, &rl);
	p->cpu_s = seconds(&ru.ru_utime) + seconds(&ru.ru_stime);
	p->resident_octets = resident_octets();
	p->fds = count_fds();
	p->max_fds = rl.rlim_cur;
}

static void
sampling_work(void *arg)
{
	struct sampling *s = arg;
	FILE *f = fopen("/proc/net/xfrm_stat", "re");

	survey_count_octets(s->survey);
	ipsec_read_drops(&s->metrics.guard);
	look_at_process(&s->metrics.process);
	if (f == NULL)
		return;
	metrics_read_drops(&s->metrics, f);
	fclose(f);
}

/* --- on the loop --- */

static struct metrics_pool *
view_pools(const struct conf *c, size_t *n)
{
	struct metrics_pool *list = calloc(c->n_ppp + 1, sizeof(*list));
	struct ppp_pool_view v;
	size_t i;

	*n = 0;
	for (i = 0; list != NULL && i < c->n_ppp; i++) {
		if (c->ppp[i].gone)
			continue;
		datapath_view_pool(glue_datapath(server->glue), i, &v);
		list[(*n)++] = (struct metrics_pool){ .profile = c->ppp[i].name,
			.sized = !v.dhcp,
			.used = v.used,
			.free = v.left,
			.has_ipv6 = v.has_ipv6,
			.prefixes_used = v.prefixes_used,
			.prefixes_free = v.prefixes_left };
	}
	return list;
}

/* For the caller to free. */
static struct metrics_radius *
view_radius(const struct conf *c, size_t *n)
{
	struct metrics_radius *list =
	    calloc(PPP_RADIUS_VIEWS * c->n_ppp + 1, sizeof(*list));
	struct ppp_radius_view v[PPP_RADIUS_VIEWS];
	size_t i, k, m;

	*n = 0;
	for (i = 0; list != NULL && i < c->n_ppp; i++) {
		if (c->ppp[i].gone)
			continue;
		m = datapath_view_radius(
		    glue_datapath(server->glue), i, v, nitems(v));
		for (k = 0; k < m; k++)
			metrics_add_radius(list, n,
			    &(struct metrics_radius){ c->ppp[i].name, v[k] });
	}
	return list;
}

static void
take_values(struct metrics *m, const struct survey *s)
{
	const int64_t up_ms = mono_diff_ms(clock_now(), server->started);
	struct ipsec_status status;
	size_t i;

	ipsec_view_status(server->ipsec, &status);
	lns_stats(glue_lns(server->glue), &m->l2tp);
	m->version = LNSD_VERSION;
	m->started_s = started_s =
	    metrics_started(started_s, clock_wall_s(), up_ms);
	m->draining = ctl_act_draining();
	m->guarded = status.guarded;
	m->pluto_runs = strcmp(status.pluto, "running") == 0;
	for (i = 0; i < s->n_sessions; i++)
		m->sessions_up +=
		    s->sessions[i].path.has_ppp && s->sessions[i].path.ppp.up;
	for (i = 0; i < s->n_sas; i++)
		*(s->sas[i].sa.inbound ? &m->sas_in : &m->sas_out) += 1;
	m->rx_octets = traffic.rx;
	m->tx_octets = traffic.tx;
	m->story = stories_counts(stories);
}

static void
answer(struct http_request *r, const struct metrics *m)
{
	enum metrics_format format = metrics_format(http_header(r, "Accept"));
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (f != NULL) {
		metrics_write(m, format, f);
		if (fclose(f) == 0)
			http_reply(r, metrics_content_type(format), text, len);
		else
			f = NULL;
	}
	if (f == NULL)
		http_fail(r, 503, "out of memory");
	free(text);
}

static void
answer_all(struct metrics *m)
{
	struct metrics_pool *pools = view_pools(*server->conf, &m->n_pools);
	struct metrics_radius *radius =
	    view_radius(*server->conf, &m->n_radius);
	size_t i;

	m->pools = pools;
	m->radius = radius;
	for (i = 0; i < n_waiting; i++)
		answer(waiting[i], m);
	n_waiting = 0;
	free(pools);
	free(radius);
}

static void
take_traffic(const struct survey *s)
{
	struct traffic_link *links = calloc(s->n_sessions + 1, sizeof(*links));
	const struct survey_session *x;
	size_t i, n = 0;

	for (i = 0; links != NULL && i < s->n_sessions; i++) {
		x = &s->sessions[i];
		if (!x->path.has_ppp || !x->path.ppp.up)
			continue;
		links[n++] =
		    (struct traffic_link){ .ifindex = x->path.ppp.ifindex,
			    .rx = x->counters.rx_octets,
			    .tx = x->counters.tx_octets,
			    .unknown = !x->counted };
	}
	if (links != NULL)
		traffic_add(&traffic, links, n);
	free(links);
}

static void
sampling_free(struct sampling *s)
{
	if (s == NULL)
		return;
	survey_free(s->survey);
	free(s);
}

static void
sampling_done(void *arg)
{
	struct sampling *s = arg;

	take_traffic(s->survey);
	take_values(&s->metrics, s->survey);
	if (due)
		traffic_keep(&traffic, clock_wall_s(), s->metrics.sessions_up);
	due = false;
	sessions_up = s->metrics.sessions_up;
	answer_all(&s->metrics);
	sampling_free(s);
	sampling = NULL;
}

static bool
sampling_begin(void)
{
	struct sampling *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return false;
	s->survey = survey_new(server->glue, server->ipsec);
	if (s->survey == NULL ||
	    worker_submit(sampling_work, sampling_done, s) == -1) {
		sampling_free(s);
		return false;
	}
	sampling = s;
	return true;
}

static void
tick(void *arg)
{
	(void)arg;
	due = true;
	if (sampling == NULL)
		(void)sampling_begin();
	loop_timer_set(timer, TRAFFIC_INTERVAL_S * 1000);
}

static void
show_metrics(void *arg, struct http_request *r)
{
	(void)arg;
	if (n_waiting == WAITING_MAX ||
	    (sampling == NULL && !sampling_begin())) {
		http_fail(r, 503, "busy");
		return;
	}
	waiting[n_waiting++] = r;
}

uint32_t
web_sessions_up(void)
{
	return sessions_up;
}

const struct traffic *
web_traffic(void)
{
	return &traffic;
}

void
web_metrics_init(struct http *http, const struct conf *c,
    const struct ctl_server *s, struct stories *st)
{
	server = s;
	stories = st;
	timer = loop_timer_new(tick, NULL);
	if (timer == NULL)
		fatalx("http", "out of memory");
	loop_timer_set(timer, 0);
	if (c->http.metrics)
		http_add(http, "/metrics", show_metrics, NULL);
}

void
web_metrics_close(void)
{
	loop_timer_free(timer);
	timer = NULL;
	n_waiting = 0;
}

void
web_metrics_fini(void)
{
	sampling_free(sampling);
	sampling = NULL;
	traffic_fini(&traffic);
}
