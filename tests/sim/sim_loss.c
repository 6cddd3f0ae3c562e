/* SPDX-License-Identifier: ISC */
/*
 * One client of each kind over a bad line: how long until its call stands,
 * and is everything gone after the end, whoever ends it?
 *
 * Where the bounds come from.  All repetitions follow RFC 2661 5.8: the
 * server's after 1, 2, 4, 8, 8 s, the client's by its own law.  A datagram is
 * as good as lost when it is lost or (to a client that takes nothing out of
 * step) late, so with probability
 *	p = loss + reordering,
 * and an exchange (a message, and the answer that carries its
 * acknowledgement) fails with
 *	q = 1 - (1 - p)^2
 * and is tried again.  Four exchanges make a call: SCCRQ/SCCRP, SCCCN/ZLB,
 * ICRQ/ICRP, ICCN/ZLB.  How many tries more than four they need is therefore
 * distributed as a negative binomial; what k of them cost at worst is what
 * the slower of both laws says when all fall on as few messages as possible.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "run.h"

#define SEEDS 100
#define ENDINGS 3
#define DELAY_MS 25
#define JITTER_MS 10
#define OPEN_MS 60
#define KEEPALIVE_S 10
#define KEEPALIVE_COUNT 6

/* RFC 2661 5.8: six transmissions, 1 + 2 + 4 + 8 + 8 + 8 s until the peer is
 * given up.  5.7 has a closed tunnel remembered for so long. */
#define SERVER_TRIES 6
#define CYCLE_MS 31000
/* A vanished client: HELLO after an interval of silence, then count. */
#define KEEPALIVE_MS ((int64_t)(KEEPALIVE_COUNT + 1) * KEEPALIVE_S * 1000)

/* People look at "connecting" for a minute, then try again. */
#define PATIENCE_MS 60000
#define REDIAL_MS 1000

#define NLOSSES 3
static const unsigned losses_pm[NLOSSES] = { 0, 100, 250 };

/* Datagrams one after the other until both ends have the call: what is on
 * the way while something else is does not count. */
static const int64_t legs[LAC_NKINDS] = {
	[LAC_ANDROID] = 8, /* waits for the ZLB of SCCCN and of ICCN */
	[LAC_APPLE] = 5,   /* SCCCN and ICRQ together, up with its ICCN */
	[LAC_XL2TPD] = 7,  /* waits for the ZLB of SCCCN */
	[LAC_WINDOWS] = 5,
};

enum ending { BY_CLIENT, BY_SERVER, BY_SHUTDOWN };

/* Time that k repeated tries take, when each message may be repeated until it
 * is given up: RFC 2661 5.8. */
static int64_t
law_ms(unsigned k, int64_t rto_ms, int64_t cap_ms, unsigned max_tries)
{
	int64_t sum = 0, rto = rto_ms;

	for (unsigned i = 0; i < k; i++) {
		if (i % (max_tries - 1) == 0)
			rto = rto_ms;
		sum += rto;
		rto = rto * 2 < cap_ms ? rto * 2 : cap_ms;
	}
	return sum;
}

/* The smallest k with P(no more than k tries fail) >= share. */
static unsigned
tries_for(double share, double q)
{
	double s4 = pow(1 - q, 4), sum = 0;
	unsigned k = 0;

	for (;; k++) {
		sum += s4 * pow(q, k) * (k + 3) * (k + 2) * (k + 1) / 6;
		if (sum >= share)
			return k;
	}
}

static double
exchange_fails(const struct net_config *f)
{
	double p = (f->loss_pm + f->reorder_pm) / 1000.0;

	return 1 - (1 - p) * (1 - p);
}

/* How long the path alone takes. */
static int64_t
undisturbed_ms(enum lac_kind kind)
{
	return legs[kind] * (DELAY_MS + JITTER_MS) + OPEN_MS;
}

/* That share of the calls stands by then. */
static int64_t
quantile_ms(const struct net_config *f, enum lac_kind kind, double share)
{
	const struct lac_style *s = &lac_styles[kind];
	unsigned k = tries_for(share, exchange_fails(f));
	int64_t client, server;

	client = law_ms(k, s->rto_ms, s->rto_cap_ms, s->max_tries);
	server = law_ms(k, 1000, 8000, SERVER_TRIES);
	return undisturbed_ms(kind) + legs[kind] * f->reorder_ms +
	       (client > server ? client : server);
}

/* All calls stand by then.  A dial fails when one of the eight messages that
 * need an acknowledgement is given up after six transmissions; dials are
 * independent.  So many that one run in a million needs more. */
static int64_t
bound_ms(const struct net_config *f)
{
	double fails = 8 * pow(exchange_fails(f), SERVER_TRIES), left = fails;
	int64_t dials = 1;

	for (; left > 1e-6; left *= fails)
		dials++;
	return dials * (PATIENCE_MS + REDIAL_MS);
}

static bool
settled(struct net *n, void *arg)
{
	(void)arg;
	return net_client_up(n, 0) || n->clients[0].lac.failed;
}

static bool
tunnel_gone(struct net *n, void *arg)
{
	(void)arg;
	return contract_tunnel(&n->contract, n->clients[0].tid) == NULL;
}

/* Dials until the call stands; how long that took, or -1. */
static int64_t
establish(struct net *n, int64_t limit_ms)
{
	struct mono start = n->now, patience;

	for (;;) {
		net_dial(n, 0, false);
		patience = mono_add_ms(n->now, PATIENCE_MS);
		net_run_until(n, settled, NULL, patience);
		if (net_client_up(n, 0))
			return mono_diff_ms(n->now, start);
		if (n->error[0] != '\0' ||
		    mono_diff_ms(n->now, start) > limit_ms)
			return -1;
		lac_vanish(&n->clients[0].lac);
		if (!net_run(n, mono_add_ms(n->now, REDIAL_MS)))
			return -1;
	}
}

/* By when the tunnel must have gone after the end was wished.  Undisturbed:
 * a message, and for the server's CDN the client's StopCCN.  A StopCCN that
 * is not acknowledged (mtpd never does) may cost a cycle; if the client is
 * gone and its StopCCN was lost, keepalive finds that out first. */
static int64_t
end_bound_ms(const struct net_config *f, enum ending ending)
{
	if (f->loss_pm + f->reorder_pm == 0 && ending != BY_SHUTDOWN)
		return 2 * (DELAY_MS + JITTER_MS);
	if (ending == BY_SHUTDOWN)
		return CYCLE_MS;
	/* The last sign of life may still be on its way. */
	return DELAY_MS + JITTER_MS + f->reorder_ms + KEEPALIVE_MS + CYCLE_MS;
}

/* RFC 2661 5.7: whoever has received StopCCN stays to acknowledge it again.
 * Six tries fail at 10 % loss once in 2000 runs, at 25 % too often. */
static bool
hangup_was_answered(const struct net *n)
{
	const struct lac *l = &n->clients[0].lac;

	return l->style->fire_and_forget || n->config.loss_pm > 100 ||
	       l->state == LAC_CLOSED;
}

/* Establishes a call, lets it live, ends it, and looks for leftovers. */
static int64_t
one_call(const struct net_config *f, enum lac_kind kind, enum ending ending,
    const char *name)
{
	struct net n;
	int64_t took_ms;
	bool alive;

	net_init(&n, f, 1, kind);
	took_ms = establish(&n, bound_ms(f));
	if (took_ms < 0 || took_ms > bound_ms(f))
		run_failed(&n, name, n.error[0] ? NULL : "too late");

	/* Less than keepalive needs to give up: the server may not end it.
	 * The client may, when its ICCN is not acknowledged in six tries: it
	 * has then vanished, which the bound on the end knows. */
	if (!net_run(&n, mono_add_ms(n.now, (int64_t)KEEPALIVE_S * 2500)) ||
	    tunnel_gone(&n, NULL))
		run_failed(&n, name, n.error[0] ? NULL : "did not last");
	alive = net_client_up(&n, 0);
	if (!alive && f->loss_pm == 0)
		run_failed(&n, name, "the client gave up");

	if (ending == BY_CLIENT)
		net_hangup(&n, 0);
	else if (ending == BY_SERVER)
		net_ppp_exit(&n, 0, (enum lns_ppp_end)net_random(&n, 6));
	else
		net_shutdown(&n);
	if (!net_run_until(&n, tunnel_gone, NULL,
		mono_add_ms(n.now, end_bound_ms(f, ending))))
		run_failed(&n, name, n.error[0] ? NULL : "did not end");

	/* What lingers here: the last tunnel, and those of failed dials. */
	if (!net_run_dry(&n, mono_add_ms(n.now, KEEPALIVE_MS + 2 * CYCLE_MS)))
		run_failed(&n, name, NULL);
	if (ending == BY_CLIENT && alive && !hangup_was_answered(&n))
		run_failed(&n, name, "StopCCN was never acknowledged");
	net_fini(&n);
	return took_ms;
}

static int
compare_ms(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* All seeds and endings of one kind at one loss; the times sorted. */
static size_t
all_calls(
    struct net_config *f, enum lac_kind kind, int64_t *took, const char *name)
{
	uint64_t end, seed = run_seeds(SEEDS, &end);
	size_t n = 0;

	for (; seed < end; seed++) {
		f->seed = seed;
		for (unsigned e = 0; e < ENDINGS; e++)
			took[n++] = one_call(f, kind, (enum ending)e, name);
	}
	qsort(took, n, sizeof(*took), compare_ms);
	return n;
}

START_TEST(call_undisturbed_stands_within_its_legs)
{
	enum lac_kind kind = (enum lac_kind)_i;
	struct net_config f = { .delay_ms = DELAY_MS,
		.jitter_ms = JITTER_MS,
		.open_ms = OPEN_MS,
		.keepalive_interval_s = KEEPALIVE_S,
		.keepalive_count = KEEPALIVE_COUNT };
	int64_t took[SEEDS * ENDINGS];
	size_t n = all_calls(&f, kind, took, lac_styles[kind].name);

	ck_assert_int_le(took[n - 1], undisturbed_ms(kind));
	/* A test of the test: no call is faster than the path. */
	ck_assert_int_ge(took[0], legs[kind] * DELAY_MS);
}
END_TEST

START_TEST(call_over_bad_line_stands_and_leaves_nothing)
{
	enum lac_kind kind = (enum lac_kind)(_i % LAC_NKINDS);
	struct net_config f = { .loss_pm = losses_pm[_i / LAC_NKINDS],
		.dup_pm = 50,
		.reorder_pm = 50,
		.delay_ms = DELAY_MS,
		.jitter_ms = JITTER_MS,
		.reorder_ms = 4 * DELAY_MS,
		.open_ms = OPEN_MS,
		.keepalive_interval_s = KEEPALIVE_S,
		.keepalive_count = KEEPALIVE_COUNT };
	int64_t took[SEEDS * ENDINGS];
	size_t n;
	char name[40];

	snprintf(
	    name, sizeof(name), "%s-%u", lac_styles[kind].name, f.loss_pm / 10);
	n = all_calls(&f, kind, took, name);
	if (n < SEEDS)
		return; /* one seed has no quantiles */
	/* Margins of 10 points: a sample of 300 strays by less than 3
	 * standard deviations of 2.9. */
	ck_assert_int_le(took[n / 2], quantile_ms(&f, kind, 0.6));
	ck_assert_int_le(took[n * 85 / 100], quantile_ms(&f, kind, 0.95));
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *s = suite_create("sim_loss");
	TCase *t = tcase_create("loss");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(
	    t, call_undisturbed_stands_within_its_legs, 0, LAC_NKINDS);
	tcase_add_loop_test(t, call_over_bad_line_stands_and_leaves_nothing, 0,
	    NLOSSES * LAC_NKINDS);
	suite_add_tcase(s, t);
	return run_main(argc, argv, s);
}
