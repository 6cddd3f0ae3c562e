/* SPDX-License-Identifier: ISC */
/* Tunnels, sessions and SAs of one moment; contract in survey.h. */

#include "survey.h"

#include <stdlib.h>
#include <string.h>

#include "client_kind.h"
#include "loop.h"

static int
by_slot(const void *va, const void *vb)
{
	const struct survey_tunnel *a = va, *b = vb;

	return (a->l2tp.slot > b->l2tp.slot) - (a->l2tp.slot < b->l2tp.slot);
}

static bool
take_tunnels(struct survey *s, const struct glue *g, const struct ipsec *ipsec)
{
	const struct lns *lns = glue_lns(g);
	struct survey_tunnel *t;
	struct lns_stats stats;
	uint16_t tid = 0;
	size_t room;

	lns_stats(lns, &stats);
	room = stats.tunnels;
	s->tunnels = calloc(room + 1, sizeof(*s->tunnels));
	if (s->tunnels == NULL)
		return false;
	while (s->n_tunnels < room &&
	       lns_next_tunnel(lns, &tid, &s->tunnels[s->n_tunnels].l2tp)) {
		t = &s->tunnels[s->n_tunnels++];
		if (!ipsec_view_client(ipsec, t->l2tp.path.client, &t->outer))
			t->outer = t->l2tp.path.peer;
		t->kind = client_kind(
		    t->l2tp.hostname, t->l2tp.vendor, t->l2tp.firmware);
	}
	qsort(s->tunnels, s->n_tunnels, sizeof(*s->tunnels), by_slot);
	return true;
}

static bool
take_sessions(struct survey *s, const struct glue *g)
{
	struct survey_session *x;
	struct survey_tunnel *t;
	size_t i, k, n = 0;

	for (i = 0; i < s->n_tunnels; i++)
		n += s->tunnels[i].l2tp.n_sessions;
	s->sessions = calloc(n + 1, sizeof(*s->sessions));
	if (s->sessions == NULL)
		return false;
	for (i = 0; i < s->n_tunnels; i++) {
		t = &s->tunnels[i];
		t->first_session = s->n_sessions;
		for (k = 0; k < t->l2tp.n_sessions; k++) {
			x = &s->sessions[s->n_sessions++];
			x->tunnel = i;
			x->l2tp = t->l2tp.sessions[k];
			/* Without one it is zero. */
			(void)datapath_view_session(glue_datapath(g),
			    t->l2tp.tid, x->l2tp.sid, &x->path);
		}
	}
	return true;
}

static void
count_sa(void *arg, const struct ipsec_sa_view *v)
{
	size_t *n = arg;

	(void)v;
	++*n;
}

static void
take_sa(void *arg, const struct ipsec_sa_view *v)
{
	struct survey *s = arg;

	s->sas[s->n_sas++].sa = *v;
}

static int
by_client(const void *va, const void *vb)
{
	const struct survey_sa *a = va, *b = vb;

	if (a->sa.client != b->sa.client)
		return a->sa.client < b->sa.client ? -1 : 1;
	if (a->sa.inbound != b->sa.inbound)
		return a->sa.inbound ? 1 : -1;
	return (a->sa.spi > b->sa.spi) - (a->sa.spi < b->sa.spi);
}

static bool
take_sas(struct survey *s, const struct ipsec *ipsec)
{
	size_t n = 0;

	ipsec_view_sas(ipsec, count_sa, &n);
	s->sas = calloc(n + 1, sizeof(*s->sas));
	if (s->sas == NULL)
		return false;
	ipsec_view_sas(ipsec, take_sa, s);
	qsort(s->sas, s->n_sas, sizeof(*s->sas), by_client);
	return true;
}

struct survey *
survey_new(const struct glue *g, const struct ipsec *ipsec)
{
	struct survey *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->now = clock_now();
	s->wall_s = clock_wall_s();
	if (take_tunnels(s, g, ipsec) && take_sessions(s, g) &&
	    take_sas(s, ipsec))
		return s;
	survey_free(s);
	return NULL;
}

void
survey_free(struct survey *s)
{
	if (s == NULL)
		return;
	free(s->tunnels);
	free(s->sessions);
	free(s->sas);
	ipsec_ike_free(s->ike);
	free(s);
}

/* --- what the kernel counts --- */

void
survey_count_octets(struct survey *s)
{
	const struct ppp_counters *c;
	struct survey_session *x;
	struct ppp_counters *all;
	size_t i, n = 0;

	if (s->n_sessions == 0)
		return;
	all = ppp_counters_read(&n);
	for (i = 0; i < s->n_sessions; i++) {
		x = &s->sessions[i];
		if (!x->path.has_ppp || !x->path.ppp.up)
			continue;
		c = ppp_counters_find(all, n, x->path.ppp.ifindex);
		x->counted = c != NULL;
		if (c != NULL)
			x->counters = *c;
	}
	free(all);
}

static void
read_idle(struct survey *s)
{
	struct survey_session *x;
	size_t i;

	for (i = 0; i < s->n_sessions; i++) {
		x = &s->sessions[i];
		x->has_idle = x->path.has_ppp && x->path.ppp.up &&
			      ppp_idle_read(x->path.ppp.ifname, &x->idle_s);
	}
}

static void
detail_sas(struct survey *s)
{
	const struct ipsec_sa_detail *d;
	struct ipsec_sa_detail *all;
	struct survey_sa *x;
	size_t i, n = 0;

	if (s->n_sas == 0)
		return;
	all = ipsec_read_sas(&n);
	for (i = 0; i < s->n_sas; i++) {
		x = &s->sas[i];
		d = ipsec_find_sa(all, n, x->sa.spi,
		    x->sa.inbound ? &x->sa.local : &x->sa.peer);
		x->has_detail = d != NULL;
		if (d != NULL)
			x->detail = *d;
	}
	free(all);
}

/* The first SA of a client, or behind it. */
static size_t
first_of_client(const struct survey *s, uint32_t client)
{
	size_t lo = 0, hi = s->n_sas, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (s->sas[mid].sa.client < client)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The cipher of the newest SA. */
static void
name_cipher(const struct survey *s, struct survey_tunnel *t)
{
	const uint32_t client = t->l2tp.path.client;
	const struct survey_sa *x, *newest = NULL;
	size_t i;

	for (i = first_of_client(s, client);
	     client != 0 && i < s->n_sas && s->sas[i].sa.client == client;
	     i++) {
		x = &s->sas[i];
		if (x->has_detail &&
		    (newest == NULL ||
			x->detail.made_s > newest->detail.made_s))
			newest = x;
	}
	if (newest != NULL)
		memcpy(t->cipher, newest->detail.cipher, sizeof(t->cipher));
}

void
survey_count(struct survey *s)
{
	size_t i;

	survey_count_octets(s);
	read_idle(s);
	detail_sas(s);
	for (i = 0; i < s->n_tunnels; i++)
		name_cipher(s, &s->tunnels[i]);
}
