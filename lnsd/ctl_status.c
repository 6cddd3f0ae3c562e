/* SPDX-License-Identifier: ISC */
/* How the server is, in one answer; contract in ctl_server.h. */

#include "ctl_server.h"

#include <stdlib.h>
#include <unistd.h>

#include "ipsec_view.h"
#include "log.h"
#include "loop.h"
#include "story_json.h"
#include "survey.h"
#include "survey_json.h"

#define FAILURES 5

static const struct ctl_server *server;

#define ADDRESSES_MAX 64

static json_t *
addresses_json(void)
{
	struct lns_addr at[ADDRESSES_MAX];
	json_t *list = json_array();
	size_t n, i;

	n = listener_addresses(glue_listener(server->glue), at, ADDRESSES_MAX);
	for (i = 0; i < n && i < ADDRESSES_MAX; i++)
		(void)json_array_append_new(list, json_address(&at[i]));
	return list;
}

static const char *
mode_text(enum conf_ipsec_mode mode)
{
	switch (mode) {
	case CONF_IPSEC_MANAGED:
		return "managed";
	case CONF_IPSEC_SYSTEM:
		return "system";
	case CONF_IPSEC_OFF:
		break;
	}
	return "off";
}

static uint32_t
sessions_up(void)
{
	struct survey *s = survey_new(server->glue, server->ipsec);
	uint32_t n = 0;
	size_t i;

	for (i = 0; s != NULL && i < s->n_sessions; i++)
		n += s->sessions[i].path.has_ppp && s->sessions[i].path.ppp.up;
	survey_free(s);
	return n;
}

/* What there is of each state. */
static json_t *
numbers_json(void)
{
	struct lns_stats s;

	lns_stats(glue_lns(server->glue), &s);
	return json_pack("{s:I, s:I, s:I, s:I, s:I}", "tunnels",
	    (json_int_t)s.tunnels, "tunnels_established",
	    (json_int_t)s.tunnels_established, "tunnels_lingering",
	    (json_int_t)s.lingering, "sessions", (json_int_t)s.sessions,
	    "sessions_up", (json_int_t)sessions_up());
}

static json_t *
failures_json(void)
{
	(void)stories_expire(server->stories, clock_now());
	return stories_failures_json(server->stories, FAILURES);
}

static void
show_status(void *arg, struct ctl_request *r)
{
	const struct conf *c = *server->conf;
	int64_t up = mono_diff_ms(clock_now(), server->started) / 1000;
	struct ipsec_status ipsec;
	json_t *o;

	(void)arg;
	ipsec_view_status(server->ipsec, &ipsec);
	o = json_pack("{s:s, s:I, s:o, s:I, s:I, s:b, s:o, s:o}", "version",
	    LNSD_VERSION, "pid", (json_int_t)getpid(), "hostname",
	    json_peer_text(c->hostname), "since",
	    (json_int_t)(clock_wall_s() - up), "seconds", (json_int_t)up,
	    "draining", (int)ctl_act_draining(), "addresses", addresses_json(),
	    "pools", ctl_pools_json(server));
	(void)json_object_update_new(
	    o, json_pack("{s:{s:s, s:s, s:b}, s:o, s:o, s:I}", "ipsec", "mode",
		   mode_text(c->ipsec.mode), "pluto", ipsec.pluto, "guard",
		   (int)ipsec.guarded, "radius", ctl_radius_json(server),
		   "failures", failures_json(), "log_level",
		   (json_int_t)log_level()));
	(void)json_object_update_new(o, numbers_json());
	ctl_done(r, o);
}

void
ctl_status_add(struct ctl *ctl, const struct ctl_server *s)
{
	server = s;
	ctl_add(ctl, "status", show_status, NULL);
}
