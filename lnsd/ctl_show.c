/* SPDX-License-Identifier: ISC */
/*
 * What an administrator may look at; contract in ctl_server.h.  What there may
 * be thousands of is gathered on the loop, and counted and written down by a
 * worker.
 */

#include "ctl_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "log.h"
#include "loop.h"
#include "survey.h"
#include "survey_json.h"
#include "worker.h"

/* --- lists --- */

struct show_kind {
	const char *method;
	json_t *(*json)(const struct survey *, const struct conf *);
	bool ike; /* pluto is asked first */
};

static const struct show_kind kinds[] = {
	{ "sessions", survey_json_sessions, false },
	{ "tunnels", survey_json_tunnels, false },
	{ "ipsec.sas", survey_json_sas, true },
};

struct show {
	LIST_ENTRY(show) entry;
	const struct show_kind *kind;
	struct conf *conf;	     /* held: a worker reads it */
	struct ctl_request *request; /* NULL: nobody waits */
	struct ipsec_ask *ask;	     /* NULL: pluto is not asked */
	struct survey *survey;
	char *text; /* NULL: no memory */
};

static LIST_HEAD(, show) shows = LIST_HEAD_INITIALIZER(shows);
static const struct ctl_server *server;

static void
show_free(struct show *s)
{
	LIST_REMOVE(s, entry);
	ipsec_ask_cancel(s->ask);
	survey_free(s->survey);
	conf_free(s->conf);
	free(s->text);
	free(s);
}

static void
show_work(void *arg)
{
	struct show *s = arg;
	json_t *o;

	survey_count(s->survey);
	o = s->kind->json(s->survey, s->conf);
	s->text = o == NULL ? NULL : json_dumps(o, JSON_COMPACT);
	json_decref(o);
}

static void
show_done(void *arg)
{
	struct show *s = arg;

	if (s->request != NULL && s->text != NULL)
		ctl_done_text(s->request, s->text);
	else if (s->request != NULL)
		ctl_done(s->request, NULL);
	show_free(s);
}

static void
show_gone(void *arg)
{
	struct show *s = arg;

	s->request = NULL;
}

/* Takes ike. */
static void
show_gather(struct show *s, struct ipsec_ike *ike)
{
	s->survey = survey_new(server->glue, server->ipsec);
	if (s->survey == NULL)
		ipsec_ike_free(ike);
	else
		s->survey->ike = ike;
	if (s->survey != NULL && worker_submit(show_work, show_done, s) == 0)
		return;
	if (s->request != NULL)
		ctl_done(s->request, NULL);
	show_free(s);
}

static void
pluto_told(void *arg, struct ipsec_ike *ike)
{
	struct show *s = arg;

	s->ask = NULL;
	show_gather(s, ike);
}

static void
show_list(void *arg, struct ctl_request *r)
{
	struct show *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		ctl_done(r, NULL);
		return;
	}
	LIST_INSERT_HEAD(&shows, s, entry);
	s->kind = arg;
	s->conf = conf_hold(*server->conf);
	s->request = r;
	ctl_on_gone(r, show_gone, s);
	if (s->kind->ike)
		s->ask = ipsec_ask_ike(server->ipsec, pluto_told, s);
	if (s->ask == NULL)
		show_gather(s, NULL);
}

/* --- the rest --- */

json_t *
ctl_pools_json(const struct ctl_server *sv)
{
	const struct conf *c = *sv->conf;
	json_t *list = json_array(), *o;
	struct ppp_pool_view v;
	size_t i;

	for (i = 0; i < c->n_ppp; i++) {
		if (c->ppp[i].gone)
			continue;
		datapath_view_pool(glue_datapath(sv->glue), i, &v);
		o = json_pack("{s:o, s:b, s:I, s:I, s:I}", "profile",
		    json_peer_text(c->ppp[i].name), "dhcp", (int)v.dhcp, "size",
		    (json_int_t)v.size, "used", (json_int_t)v.used, "free",
		    (json_int_t)v.left);
		if (v.has_ipv6)
			(void)json_object_update_new(
			    o, json_pack("{s:I, s:I}", "prefixes",
				   (json_int_t)v.prefixes, "prefixes_used",
				   (json_int_t)v.prefixes_used));
		(void)json_array_append_new(list, o);
	}
	return list;
}

static void
show_pools(void *arg, struct ctl_request *r)
{
	(void)arg;
	ctl_done(r, json_pack("{s:o}", "pools", ctl_pools_json(server)));
}

static const char *
auth_text(const struct conf_peer *p)
{
	if (p->psk != NULL)
		return p->certificate != NULL ? "psk, certificate" : "psk";
	return p->certificate != NULL ? "certificate" : "none";
}

static void
show_peers(void *arg, struct ctl_request *r)
{
	const struct conf *c = *server->conf;
	json_t *list = json_array();
	const struct conf_peer *p;
	uint32_t tunnels, sessions, i;

	(void)arg;
	for (i = 0; i < c->n_peers; i++) {
		p = &c->peers[i];
		if (p->gone)
			continue;
		lns_view_peer(glue_lns(server->glue), i, &tunnels, &sessions);
		(void)json_array_append_new(list,
		    json_pack("{s:o, s:o, s:o, s:s, s:I, s:I, s:I, s:I}",
			"peer", json_peer_text(p->name), "address",
			p->any ? json_string("any") : json_address(&p->address),
			"profile", json_peer_text(c->ppp[p->ppp].name),
			"authentication", auth_text(p), "tunnels",
			(json_int_t)tunnels, "sessions", (json_int_t)sessions,
			"max_tunnels", (json_int_t)p->max_tunnels,
			"max_sessions", (json_int_t)p->max_sessions));
	}
	ctl_done(r, json_pack("{s:o}", "peers", list));
}

static void
show_config(void *arg, struct ctl_request *r)
{
	(void)arg;
	ctl_done(r, ctl_conf_json(*server->conf));
}

void
ctl_show_add(struct ctl *ctl, const struct ctl_server *s)
{
	static struct show_kind mine[nitems(kinds)];
	size_t i;

	server = s;
	memcpy(mine, kinds, sizeof(mine));
	for (i = 0; i < nitems(kinds); i++)
		ctl_add(ctl, kinds[i].method, show_list, &mine[i]);
	ctl_add(ctl, "pools", show_pools, NULL);
	ctl_add(ctl, "peers", show_peers, NULL);
	ctl_counters_add(ctl, s);
	ctl_status_add(ctl, s);
	ctl_add(ctl, "config", show_config, NULL);
}

void
ctl_show_fini(void)
{
	while (!LIST_EMPTY(&shows))
		show_free(LIST_FIRST(&shows));
	ctl_counters_fini();
}
