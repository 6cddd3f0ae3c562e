/* SPDX-License-Identifier: ISC */
/* Time limits that we keep; contract in link_time.h. */

#include "link_time.h"

#include <stdlib.h>
#include <string.h>

#include "ifstats.h"
#include "link.h"
#include "worker.h"

struct link_count {
	struct ppp_link *link; /* NULL: it has ended */
	char ifname[WIRE_IFNAME_MAX];
	struct radius_usage usage;
	bool ok;
};

static void look(void *arg);

static void
time_over(void *arg)
{
	link_stop(arg, LNS_PPP_IDLE, CAUSE_SESSION_TIME, PPPD_SESSION_TIME);
}

bool
link_time_init(struct ppp_link *l)
{
	l->time.session = loop_timer_new(time_over, l);
	l->time.look = loop_timer_new(look, l);
	return l->time.session != NULL && l->time.look != NULL;
}

void
link_time_fini(struct ppp_link *l)
{
	loop_timer_free(l->time.session);
	loop_timer_free(l->time.look);
	if (l->time.count != NULL)
		l->time.count->link = NULL;
}

bool
link_time_is_kept(const struct ppp_link *l)
{
	return profile_of(l)->radius.coa_listen.family != 0;
}

void
link_time_set_session(struct ppp_link *l)
{
	const unsigned int s = l->grant.session_timeout_s;
	int64_t left_ms;

	loop_timer_stop(l->time.session);
	if (s == 0)
		return;
	left_ms = (int64_t)s * 1000 - mono_diff_ms(clock_now(), l->up_at);
	loop_timer_set(l->time.session, left_ms > 0 ? left_ms : 0);
}

static void
count(void *arg)
{
	struct link_count *c = arg;

	c->ok = ifstats_read(c->ifname, &c->usage);
}

static void
counted(void *arg)
{
	struct link_count c = *(struct link_count *)arg;
	struct ppp_link *l = c.link;
	unsigned int limit_s;
	int64_t ms;

	free(arg);
	if (l == NULL)
		return;
	l->time.count = NULL;
	limit_s = l->grant.idle_timeout_s;
	if (limit_s == 0)
		return;
	ms = idle_first_ms(limit_s);
	if (c.ok)
		ms = idle_look(&l->time.idle,
		    c.usage.rx_packets + c.usage.tx_packets, limit_s,
		    clock_now());
	if (ms > 0)
		loop_timer_set(l->time.look, ms);
	else
		link_stop(l, LNS_PPP_IDLE, CAUSE_IDLE, PPPD_IDLE_TIME);
}

static void
look(void *arg)
{
	struct ppp_link *l = arg;
	struct link_count *c;

	if (l->time.count != NULL)
		return; /* it sets the timer anew */
	c = calloc(1, sizeof(*c));
	if (c != NULL) {
		c->link = l;
		memcpy(c->ifname, l->ifname, sizeof(c->ifname));
		if (worker_submit(count, counted, c) == 0) {
			l->time.count = c;
			return;
		}
		free(c);
	}
	loop_timer_set(l->time.look, idle_first_ms(l->grant.idle_timeout_s));
}

void
link_time_set_idle(struct ppp_link *l)
{
	loop_timer_stop(l->time.look);
	idle_begin(&l->time.idle, clock_now());
	if (l->grant.idle_timeout_s != 0)
		loop_timer_set(
		    l->time.look, idle_first_ms(l->grant.idle_timeout_s));
}

void
link_time_end(struct ppp_link *l)
{
	if (l->time.session == NULL)
		return;
	loop_timer_stop(l->time.session);
	loop_timer_stop(l->time.look);
	if (l->time.count != NULL)
		l->time.count->link = NULL;
	l->time.count = NULL;
}
