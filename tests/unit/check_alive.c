/* SPDX-License-Identifier: ISC */

/* What proves that a peer lives, and that its tunnel is in use. */

#include "l2tp_world.h"

#define INTERVAL_S 10
#define INTERVAL_MS (INTERVAL_S * 1000)
#define COUNT 3
#define IDLE_S 60
#define IDLE_MS (IDLE_S * 1000)

static struct world w;

static void
init(bool keepalive, bool idle, bool tells)
{
	struct lns_peer p = world_peer();

	p.keepalive_interval_s = keepalive ? INTERVAL_S : 0;
	p.keepalive_count = COUNT;
	p.disconnect_time_s = idle ? IDLE_S : 0;
	world_init(&w, NULL, &p);
	w.tells = tells;
	world_session_up(&w);
	world_clear(&w);
}

START_TEST(alive_data_is_asked_for_before_a_hello)
{
	init(true, false, true);
	world_pass(&w, INTERVAL_MS - LNS_TRAFFIC_MS - 1);
	ck_assert_uint_eq(w.n_asked, 0);
	world_pass(&w, 1);
	ck_assert_uint_eq(w.n_asked, 1);
	ck_assert_uint_eq(w.last[LNS_TRAFFIC].tid, w.tid);
	world_pass(&w, LNS_TRAFFIC_MS - 1);
	world_expect_silence(&w);
	world_pass(&w, 1);
	world_expect_fx(&w, "SEND HELLO ns=2 nr=4");
	ck_assert_uint_eq(w.n_asked, 1);
	world_fini(&w);
}
END_TEST

START_TEST(alive_peer_that_sends_data_gets_no_hello)
{
	int i;

	init(true, false, true);
	for (i = 0; i < 1000; i++) {
		w.rx_packets++;
		world_pass(&w, INTERVAL_MS / 2);
	}
	world_expect_silence(&w);
	ck_assert_uint_ge(w.n_asked, 500);
	ck_assert_uint_le(w.n_asked, 520);
	world_fini(&w);
}
END_TEST

/* Many phones do not acknowledge HELLO while they sleep. */
START_TEST(alive_peer_that_never_acknowledges_hello_but_sends_is_kept)
{
	int i;

	init(true, false, true);
	for (i = 0; i < 200; i++) {
		/* Something now and then: less often than we ask. */
		if (i % COUNT == 0)
			w.rx_packets += 5;
		world_pass(&w, INTERVAL_MS);
	}
	ck_assert_uint_gt(world_count(&w, "SEND HELLO ns=2"), 50);
	ck_assert_uint_eq(world_stats(&w).sessions, 1);
	world_fini(&w);
}
END_TEST

START_TEST(alive_peer_that_vanishes_is_found)
{
	init(true, false, _i != 0);
	w.rx_packets = 1000;
	world_pass(&w, INTERVAL_MS); /* with an answer: lives until here */
	world_clear(&w);
	world_pass(&w, INTERVAL_MS * COUNT);
	ck_assert_uint_eq(world_stats(&w).sessions, _i != 0);
	world_pass(&w, INTERVAL_MS);
	ck_assert_uint_eq(world_stats(&w).sessions, 0);
	ck_assert_uint_eq(
	    world_count(
		&w, world_line("LOG keepalive timer expired tunnel #", w.tid)),
	    1);
	world_fini(&w);
}
END_TEST

START_TEST(alive_report_that_says_nothing_new_proves_nothing)
{
	int i;

	init(true, false, false);
	lns_traffic(w.e, w.tid, 77, 0, w.now);
	for (i = 0; i < (COUNT + 1) * INTERVAL_S; i++) {
		lns_traffic(w.e, w.tid, 77, 0, w.now);
		world_pass(&w, 1000);
	}
	ck_assert_uint_eq(world_stats(&w).sessions, 0);
	world_fini(&w);
}
END_TEST

START_TEST(alive_nothing_is_asked_without_need)
{
	/* Neither HELLO nor an idle limit; no session. */
	init(false, false, true);
	world_pass(&w, 3600000);
	ck_assert_uint_eq(w.n_asked, 0);
	world_fini(&w);
	init(true, true, true);
	world_say(&w, L2TP_CDN);
	world_pass(&w, 20000);
	ck_assert_uint_eq(w.n_asked, 0);
	world_fini(&w);
}
END_TEST

START_TEST(alive_unused_tunnel_is_closed)
{
	init(false, true, _i != 0);
	/* LCP echoes are received, but they are not use. */
	w.rx_packets = 50;
	world_pass(&w, IDLE_MS - 1);
	world_expect_silence(&w);
	ck_assert_uint_eq(w.n_asked, 1);
	world_pass(&w, 1);
	ck_assert_str_eq(w.fx[0],
	    world_line("LOG disconnect timer expired tunnel #", w.tid));
	ck_assert_uint_eq(world_count(&w, "PPP_STOP"), 1);
	ck_assert_str_eq(w.last[LNS_PPP_STOP].text, "the tunnel is not used");
	ck_assert_uint_eq(world_count(&w, "SESSION_CLOSE"), 1);
	ck_assert_uint_eq(world_count(&w, "SEND StopCCN"), 1);
	ck_assert_uint_eq(world_last_result(&w), STOPCCN_CLEAR);
	world_say(&w, L2TP_ZLB);
	ck_assert(lns_idle(w.e));
	world_fini(&w);
}
END_TEST

START_TEST(alive_used_tunnel_is_kept)
{
	int i;

	init(false, true, true);
	for (i = 0; i < 100; i++) {
		w.user_packets++;
		world_pass(&w, IDLE_MS - 1);
	}
	world_expect_silence(&w);
	world_pass(&w, IDLE_MS);
	ck_assert_uint_eq(world_stats(&w).sessions, 0);
	world_fini(&w);
}
END_TEST

/* HELLO and its acknowledgements are no use either. */
START_TEST(alive_keepalive_does_not_hold_an_unused_tunnel)
{
	int64_t i;

	init(true, true, true);
	for (i = 1; i <= IDLE_S; i++) {
		ck_assert_uint_eq(world_stats(&w).sessions, 1);
		world_pass(&w, 1000);
		if (i < IDLE_S)
			world_say(&w, L2TP_ZLB);
	}
	ck_assert_uint_eq(world_count(&w, "LOG disconnect timer expired"), 1);
	world_fini(&w);
}
END_TEST

/* Both decisions close to each other, asked for once each. */
START_TEST(alive_two_decisions_at_once_ask_twice_at_most)
{
	int64_t ms;
	int i;

	for (ms = -2 * LNS_TRAFFIC_MS; ms <= 2 * LNS_TRAFFIC_MS; ms += 50) {
		init(true, true, true);
		for (i = 0; i < 5; i++) {
			world_pass(&w, INTERVAL_MS + (i == 4 ? ms : 0));
			world_say(&w, L2TP_ZLB);
		}
		world_clear(&w);
		w.rx_packets++; /* moves one of them */
		world_pass(&w, INTERVAL_MS - ms - 1);
		ck_assert_uint_ge(w.n_asked, 1);
		ck_assert_uint_le(w.n_asked, 2);
		ck_assert_uint_eq(world_stats(&w).sessions, 1);
		world_fini(&w);
	}
}
END_TEST

START_TEST(alive_report_for_nobody_does_nothing)
{
	init(true, true, false);
	lns_traffic(w.e, (uint16_t)(w.tid + 1), 1, 1, w.now);
	lns_traffic(w.e, 0, 1, 1, w.now);
	world_drain(&w);
	world_expect_silence(&w);
	/* Nor for a tunnel that has ended. */
	world_say(&w, L2TP_STOPCCN);
	world_clear(&w);
	lns_traffic(w.e, w.tid, 1, 1, w.now);
	world_drain(&w);
	world_expect_silence(&w);
	world_pass(&w, CHAN_CYCLE_MS);
	ck_assert(mono_is_never(lns_deadline(w.e)));
	world_fini(&w);
}
END_TEST

static const struct {
	enum l2tp_type last; /* what the client says last */
	const char *line;
} waits[] = {
	{ L2TP_SCCRQ, "LOG state timer expired for waiting SCCCN" },
	{ L2TP_SCCCN, "LOG state timer expired for waiting ICRQ" },
	{ L2TP_ICRQ, "LOG state timer expired for waiting ICCN" },
};

START_TEST(alive_message_that_does_not_come_is_named)
{
	int i;

	world_init(&w, NULL, NULL);
	world_dial(&w);
	if (waits[_i].last != L2TP_SCCRQ)
		world_say(&w, L2TP_SCCCN);
	if (waits[_i].last == L2TP_ICRQ)
		world_say(&w, L2TP_ICRQ);
	/* It acknowledges, and that is all. */
	for (i = 0; i < 32; i++) {
		world_say(&w, L2TP_ZLB);
		world_pass(&w, 1000);
	}
	ck_assert_uint_eq(world_count(&w, waits[_i].line), 1);
	ck_assert_uint_eq(world_count(&w, "LOG state timer"), 1);
	world_fini(&w);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("alive");
	TCase *t = tcase_create("alive");

	tcase_add_test(t, alive_data_is_asked_for_before_a_hello);
	tcase_add_test(t, alive_peer_that_sends_data_gets_no_hello);
	tcase_add_test(
	    t, alive_peer_that_never_acknowledges_hello_but_sends_is_kept);
	tcase_add_loop_test(t, alive_peer_that_vanishes_is_found, 0, 2);
	tcase_add_test(t, alive_report_that_says_nothing_new_proves_nothing);
	tcase_add_test(t, alive_nothing_is_asked_without_need);
	tcase_add_loop_test(t, alive_unused_tunnel_is_closed, 0, 2);
	tcase_add_test(t, alive_used_tunnel_is_kept);
	tcase_add_test(t, alive_keepalive_does_not_hold_an_unused_tunnel);
	tcase_add_test(t, alive_two_decisions_at_once_ask_twice_at_most);
	tcase_add_test(t, alive_report_for_nobody_does_nothing);
	tcase_add_loop_test(t, alive_message_that_does_not_come_is_named, 0,
	    (int)nitems(waits));
	suite_add_tcase(s, t);
	return world_main(s);
}
