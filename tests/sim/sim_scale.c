/* SPDX-License-Identifier: ISC */
/*
 * One engine as full as the id space of RFC 2661 4.4.3 allows: brought up,
 * kept alive for a day, taken down.  With -l there is a HELLO every 10 minutes,
 * otherwise every four hours; that, and nothing else, decides how long it
 * takes.  No time is measured: see tests/bench for that.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "heap.h"
#include "run.h"
#include "swarm.h"

#define TUNNELS 65000
#define DAY_S (24 * 60 * 60)
/* Per tunnel with its session. */
#define STATE_MAX 2048
/* RFC 2661 5.8: 1 + 2 + 4 + 8 + 8 + 8 s; 5.7 keeps a closed tunnel so long. */
#define CYCLE_MS 31000
/* What the engine may keep of its busiest time: its heap of timers (1 MiB) and
 * its queue of effects. */
#define KEPT_MAX (2 * 1024 * 1024)

static struct swarm swarm;

static void
check_up(const struct swarm *s)
{
	struct lns_stats st;

	lns_stats(s->lns, &st);
	ck_assert_uint_eq(st.tunnels, TUNNELS);
	ck_assert_uint_eq(st.tunnels_established, TUNNELS);
	ck_assert_uint_eq(st.sessions, TUNNELS);
	ck_assert_uint_eq(st.lingering, 0);
	ck_assert_uint_eq(st.out_of_memory, 0);
	ck_assert_uint_eq(s->effects[LNS_TUNNEL_OPEN], TUNNELS);
	ck_assert_uint_eq(s->effects[LNS_TUNNEL_UP], TUNNELS);
	ck_assert_uint_eq(s->effects[LNS_SESSION_OPEN], TUNNELS);
	ck_assert_uint_eq(s->effects[LNS_PPP_START], TUNNELS);
	ck_assert_uint_eq(s->effects[LNS_TUNNEL_CLOSE], 0);
	ck_assert_uint_eq(s->effects[LNS_PPP_STOP], 0);
}

static void
check_gone(const struct swarm *s)
{
	struct lns_stats st;

	lns_stats(s->lns, &st);
	ck_assert_uint_eq(st.tunnels, 0);
	ck_assert_uint_eq(st.tunnels_established, 0);
	ck_assert_uint_eq(st.sessions, 0);
	ck_assert_uint_eq(st.lingering, 0);
	ck_assert_uint_eq(
	    s->effects[LNS_TUNNEL_CLOSE], s->effects[LNS_TUNNEL_OPEN]);
	ck_assert_uint_eq(
	    s->effects[LNS_SESSION_CLOSE], s->effects[LNS_SESSION_OPEN]);
	ck_assert_uint_eq(s->effects[LNS_PPP_STOP], s->effects[LNS_PPP_START]);
	ck_assert(lns_idle(s->lns));
	ck_assert(mono_is_never(lns_deadline(s->lns)));
}

/* One dial per virtual millisecond: 65 s until all are up. */
static void
bring_up(struct swarm *s)
{
	for (size_t i = 0; i < TUNNELS; i++) {
		swarm_dial(s, i);
		swarm_run(s, mono_add_ms(s->now, 1));
	}
}

static void
report(const char *what, size_t octets)
{
	if (run_is_verbose())
		printf("%-44s %zu octets\n", what, octets);
	fflush(stdout);
}

START_TEST(engine_full_lives_a_day_and_leaves_nothing)
{
	struct swarm *s = &swarm;
	uint32_t interval_s = run_is_long() ? 600 : DAY_S / 6;
	size_t before, full, left;
	struct mono born;

	swarm_init(s, TUNNELS, interval_s);
	before = heap_in_use();
	born = s->now;
	bring_up(s);
	check_up(s);
	full = heap_in_use() - before;
	report("tunnel and session", full / TUNNELS);
	ck_assert_uint_le(full / TUNNELS, STATE_MAX);

	swarm_run(s, mono_add_ms(born, (int64_t)DAY_S * 1000));
	check_up(s);
	/* The first falls due an interval after the dial, which takes up to
	 * 65 s of the day. */
	ck_assert_uint_ge(
	    s->hellos, (size_t)(DAY_S / interval_s - 2) * TUNNELS);
	ck_assert_uint_le(s->hellos, (size_t)(DAY_S / interval_s) * TUNNELS);
	left = heap_in_use() - before;
	report("the same after a day", left / TUNNELS);
	ck_assert_uint_le(left / TUNNELS, STATE_MAX);

	/* Half hang up; the server ends the others. */
	for (size_t i = 0; i < TUNNELS; i += 2)
		swarm_hangup(s, i);
	lns_shutdown(s->lns, s->now);
	swarm_run(s, mono_add_ms(s->now, 2 * CYCLE_MS));
	ck_assert_uint_ge(s->stopccns, TUNNELS / 2);
	check_gone(s);
	left = heap_in_use();
	left = left > before ? left - before : 0;
	report("left when all have gone", left);
	ck_assert_uint_le(left, KEPT_MAX);
	swarm_fini(s);
}
END_TEST

/* The id space is full, and a client more comes: refused, and nobody else
 * notices; when one has gone, the next is served. */
START_TEST(client_beyond_the_id_space_is_refused)
{
	struct swarm *s = &swarm;
	struct lns_stats st;
	size_t sends;

	swarm_init(s, SWARM_MAX + 1, 0);
	for (size_t i = 0; i < SWARM_MAX; i++)
		swarm_dial(s, i);
	lns_stats(s->lns, &st);
	ck_assert_uint_eq(st.tunnels_established, SWARM_MAX);
	sends = s->effects[LNS_SEND];
	swarm_say(s, SWARM_MAX, LAC_SCCRQ);
	ck_assert_uint_eq(s->stopccns, 1);
	ck_assert_uint_eq(s->effects[LNS_SEND], sends + 1);
	lns_stats(s->lns, &st);
	ck_assert_uint_eq(st.tunnels_established, SWARM_MAX);
	ck_assert_uint_eq(st.sessions, SWARM_MAX);

	/* Its id lingers, and is given up for whoever needs it. */
	swarm_hangup(s, 4711);
	swarm_dial(s, SWARM_MAX);
	lns_stats(s->lns, &st);
	ck_assert_uint_eq(st.tunnels_established, SWARM_MAX);
	ck_assert_uint_eq(st.sessions, SWARM_MAX);
	ck_assert_uint_eq(s->effects[LNS_PPP_START], SWARM_MAX + 1);
	swarm_fini(s);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *s = suite_create("sim_scale");
	TCase *t = tcase_create("scale");

	tcase_set_timeout(t, 1200);
	tcase_add_test(t, engine_full_lives_a_day_and_leaves_nothing);
	tcase_add_test(t, client_beyond_the_id_space_is_refused);
	suite_add_tcase(s, t);
	return run_main(argc, argv, s);
}
