/* SPDX-License-Identifier: ISC */
/* What has been counted; contract in ctl_server.h.  What the kernel counts is
 * asked for by a worker. */

#include "ctl_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "ipsec_view.h"
#include "survey_json.h"
#include "worker.h"

struct counting {
	LIST_ENTRY(counting) entry;
	struct ctl_request *request; /* NULL: nobody waits */
	struct ipsec_drops guard;
	json_t *xfrm; /* NULL: no memory */
};

static LIST_HEAD(, counting) countings = LIST_HEAD_INITIALIZER(countings);
static const struct ctl_server *server;

/* --- by a worker --- */

/* What the kernel's IPsec has dropped and why. */
static json_t *
xfrm_json(void)
{
	FILE *f = fopen("/proc/net/xfrm_stat", "re");
	json_t *o = json_object();
	unsigned long long n;
	char name[64];

	while (f != NULL && fscanf(f, "%63s %llu", name, &n) == 2)
		(void)json_object_set_new(o, name, json_integer((json_int_t)n));
	if (f != NULL)
		fclose(f);
	return o;
}

static void
counting_work(void *arg)
{
	struct counting *c = arg;

	ipsec_read_drops(&c->guard);
	c->xfrm = xfrm_json();
}

/* --- on the loop --- */

static json_t *
l2tp_json(void)
{
	struct lns_stats s;
	json_t *o;

	lns_stats(glue_lns(server->glue), &s);
	o = json_pack("{s:I, s:I, s:I, s:I}", "tunnels", (json_int_t)s.tunnels,
	    "tunnels_established", (json_int_t)s.tunnels_established,
	    "sessions", (json_int_t)s.sessions, "lingering",
	    (json_int_t)s.lingering);
	(void)json_object_update_new(
	    o, json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
			 "s:I, s:I}",
		   "rx_malformed", (json_int_t)s.rx_malformed, "rx_unknown",
		   (json_int_t)s.rx_unknown, "rx_duplicate",
		   (json_int_t)s.rx_duplicate, "tx_retransmit",
		   (json_int_t)s.tx_retransmit, "rx_limited",
		   (json_int_t)s.rx_limited, "rx_refused",
		   (json_int_t)s.rx_refused, "hello_sent",
		   (json_int_t)s.hello_sent, "hello_missed",
		   (json_int_t)s.hello_missed, "calls_limited",
		   (json_int_t)s.calls_limited, "half_open_lost",
		   (json_int_t)s.half_open_lost, "out_of_memory",
		   (json_int_t)s.out_of_memory, "log_suppressed",
		   (json_int_t)s.log_suppressed));
	return o;
}

static json_t *
guard_json(const struct ipsec_drops *d)
{
	json_t *o = json_object();
	enum ipsec_drop i;

	for (i = 0; i < IPSEC_DROP_N; i++)
		(void)json_object_set_new(o, ipsec_drop_name(i),
		    json_integer((json_int_t)d->packets[i]));
	return o;
}

/* Whether it is there is known when it was asked. */
static const char *
radius_state(const struct ppp_radius_view *v)
{
	if (v->dead)
		return "silent";
	return v->times.n > 0 ? "answers" : "unknown";
}

static json_t *
radius_object(const char *profile, const struct ppp_radius_view *v)
{
	return json_pack("{s:o, s:s, s:o, s:i, s:s, s:I, s:o, s:I, s:I}",
	    "profile", json_peer_text(profile), "kind",
	    v->accounting ? "accounting" : "access", "server",
	    json_address(&v->server), "port", v->server.port, "state",
	    radius_state(v), "answers", (json_int_t)v->times.n, "mean_ms",
	    v->times.n > 0
		? json_integer((json_int_t)(v->times.sum_ms / v->times.n))
		: json_null(),
	    "retransmissions", (json_int_t)v->resent, "timeouts",
	    (json_int_t)v->unanswered);
}

json_t *
ctl_radius_json(const struct ctl_server *sv)
{
	const struct conf *c = *sv->conf;
	struct ppp_radius_view v[PPP_RADIUS_VIEWS];
	json_t *list = json_array();
	size_t i, k, n;

	for (i = 0; i < c->n_ppp; i++) {
		if (c->ppp[i].gone)
			continue;
		n = datapath_view_radius(
		    glue_datapath(sv->glue), i, v, nitems(v));
		for (k = 0; k < n; k++)
			(void)json_array_append_new(
			    list, radius_object(c->ppp[i].name, &v[k]));
	}
	return list;
}

static void
counting_free(struct counting *c)
{
	LIST_REMOVE(c, entry);
	json_decref(c->xfrm);
	free(c);
}

static void
counting_done(void *arg)
{
	struct counting *c = arg;

	if (c->request != NULL)
		ctl_done(c->request,
		    json_pack("{s:o, s:o, s:o, s:O}", "l2tp", l2tp_json(),
			"guard", guard_json(&c->guard), "radius",
			ctl_radius_json(server), "xfrm", c->xfrm));
	counting_free(c);
}

static void
counting_gone(void *arg)
{
	struct counting *c = arg;

	c->request = NULL;
}

static void
show_counters(void *arg, struct ctl_request *r)
{
	struct counting *c = calloc(1, sizeof(*c));

	(void)arg;
	if (c == NULL) {
		ctl_done(r, NULL);
		return;
	}
	LIST_INSERT_HEAD(&countings, c, entry);
	c->request = r;
	if (worker_submit(counting_work, counting_done, c) == -1) {
		counting_free(c);
		ctl_done(r, NULL);
		return;
	}
	ctl_on_gone(r, counting_gone, c);
}

void
ctl_counters_add(struct ctl *ctl, const struct ctl_server *s)
{
	server = s;
	ctl_add(ctl, "counters", show_counters, NULL);
}

void
ctl_counters_fini(void)
{
	struct counting *c, *next;

	for (c = LIST_FIRST(&countings); c != NULL; c = next) {
		next = LIST_NEXT(c, entry);
		counting_free(c);
	}
}
