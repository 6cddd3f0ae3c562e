/* SPDX-License-Identifier: ISC */

/* Keepalive, failures, and the end of the engine. */

#include "l2tp_world.h"

static struct world w;

/* The last word of a phone. */

static const struct lns_config window_4 = {
	.hostname = "lns", .vendor = "v", .rws = 4
};

START_TEST(engine_stopccn_after_a_lost_cdn_ends_the_tunnel)
{
	world_init(&w, &window_4, NULL);
	world_session_up(&w);
	world_clear(&w);
	w.ns++; /* the CDN, lost */
	world_say(&w, L2TP_STOPCCN);
	ck_assert_uint_eq(world_count(&w, "SEND ZLB ns=2 nr=6"), 1);
	ck_assert_uint_eq(world_count(&w, "PPP_STOP"), 1);
	ck_assert_uint_eq(world_count(&w, "TUNNEL_CLOSE"), 1);
	ck_assert_str_eq(w.last[LNS_PPP_STOP].text, "the peer hung up");
	ck_assert(!w.last[LNS_TUNNEL_CLOSE].lost);
	ck_assert_uint_eq(world_stats(&w).tunnels, 0);
	world_fini(&w);
}
END_TEST

START_TEST(engine_other_early_message_waits_for_its_turn)
{
	world_init(&w, &window_4, NULL);
	world_session_up(&w);
	world_clear(&w);
	w.ns++;
	world_say(&w, L2TP_HELLO);
	ck_assert_uint_eq(world_count(&w, "PPP_STOP"), 0);
	ck_assert_uint_eq(world_stats(&w).tunnels, 1);
	world_fini(&w);
}
END_TEST

/* Another configuration. */

static int
reconfigure(const struct lns_peer *peers, size_t n)
{
	struct lns_config c = {
		.hostname = "lns", .vendor = "v", .peers = peers, .n_peers = n
	};
	int rc = lns_reconfigure(w.e, &c, w.now);

	world_drain(&w);
	return rc;
}

START_TEST(engine_reconfigured_keeps_the_tunnels_of_a_peer_that_stays)
{
	struct lns_peer p[2] = { world_peer(), world_peer() };

	world_init(&w, NULL, &p[0]);
	world_session_up(&w);
	world_clear(&w);
	p[1].any = false;
	ck_assert_int_eq(reconfigure(p, 2), 0);
	ck_assert_uint_eq(w.n_fx, 0);
	ck_assert_uint_eq(world_stats(&w).sessions, 1);
	world_say(&w, L2TP_HELLO);
	ck_assert_uint_eq(w.n_sent, 1);
	world_fini(&w);
}
END_TEST

START_TEST(engine_reconfigured_ends_the_tunnels_of_a_peer_that_is_gone)
{
	struct lns_peer p = world_peer();

	world_init(&w, NULL, &p);
	world_session_up(&w);
	world_clear(&w);
	p.gone = true;
	ck_assert_int_eq(reconfigure(&p, 1), 0);
	ck_assert_uint_eq(world_count(&w, "SEND StopCCN"), 1);
	ck_assert_uint_eq(world_count(&w, "PPP_STOP"), 1);
	ck_assert_str_eq(
	    w.last[LNS_PPP_STOP].text, "the peer is no longer configured");
	world_fini(&w);
}
END_TEST

START_TEST(engine_reconfigured_has_peers_that_are_new)
{
	struct lns_peer p[2] = { world_peer(), world_peer() };

	p[0].any = false;
	memset(&p[0].address, 0, sizeof(p[0].address));
	world_init(&w, NULL, &p[0]);
	ck_assert_int_eq(reconfigure(p, 2), 0);
	world_session_up(&w);
	ck_assert_uint_eq(world_stats(&w).sessions, 1);
	world_fini(&w);
}
END_TEST

/* Keepalive. */

static void
keepalive_world(uint32_t interval, uint32_t count)
{
	struct lns_peer p = world_peer();

	p.keepalive_interval_s = interval;
	p.keepalive_count = count;
	world_init(&w, NULL, &p);
	world_session_up(&w);
	world_clear(&w);
}

START_TEST(engine_hello_is_sent_after_silence_only)
{
	keepalive_world(10, 6);
	world_pass(&w, 9000);
	world_say(&w, L2TP_ZLB);
	world_pass(&w, 9999);
	world_expect_silence(&w);
	world_pass(&w, 1);
	world_expect_fx(&w, "SEND HELLO ns=2 nr=4");
	world_say(&w, L2TP_ZLB);
	world_clear(&w);
	world_pass(&w, 10000);
	world_expect_fx(&w, "SEND HELLO ns=3 nr=4");
	ck_assert_uint_eq(world_stats(&w).hello_sent, 2);
	ck_assert_uint_eq(world_stats(&w).hello_missed, 0);
	world_fini(&w);
}
END_TEST

START_TEST(engine_no_hello_without_an_interval)
{
	keepalive_world(0, 6);
	world_pass(&w, 3600000);
	world_expect_silence(&w);
	ck_assert_uint_eq(world_stats(&w).sessions, 1);
	world_fini(&w);
}
END_TEST

START_TEST(engine_unanswered_hello_is_repeated_not_multiplied)
{
	uint16_t ns;
	size_t i;

	/* 60 s unanswered: longer than the channel would wait. */
	keepalive_world(10, 6);
	world_pass(&w, 60000);
	for (i = 0; i < 6; i++)
		ck_assert_str_eq(w.fx[i], "SEND HELLO ns=2 nr=4");
	ck_assert_uint_eq(w.n_fx, 6);
	ck_assert_uint_eq(world_stats(&w).sessions, 1);
	ns = w.nr;
	world_pass(&w, 10000);
	ck_assert_uint_eq(world_count(&w, "SEND StopCCN ns=3 nr=4"), 1);
	ck_assert_uint_eq(world_last_result(&w), STOPCCN_ERROR);
	ck_assert_uint_eq(world_count(&w, "PPP_STOP"), 1);
	ck_assert_uint_eq(ns, 3);
	ck_assert_uint_eq(world_stats(&w).hello_sent, 6);
	ck_assert_uint_eq(world_stats(&w).hello_missed, 6);
	/* And when not even that is acknowledged: */
	world_pass(&w, CHAN_CYCLE_MS);
	ck_assert_uint_eq(world_count(&w, "TUNNEL_CLOSE"), 1);
	ck_assert(w.last[LNS_TUNNEL_CLOSE].lost);
	ck_assert(lns_idle(w.e));
	ck_assert_uint_eq(world_stats(&w).hello_missed, 6);
	world_fini(&w);
}
END_TEST

START_TEST(engine_sign_of_life_stops_the_count)
{
	keepalive_world(10, 2);
	world_pass(&w, 29999);
	w.nr--;
	world_say(&w, L2TP_ZLB); /* does not acknowledge, but lives */
	world_pass(&w, 29999);
	ck_assert_uint_eq(world_stats(&w).sessions, 1);
	world_pass(&w, 1);
	ck_assert_uint_eq(world_stats(&w).sessions, 0);
	world_fini(&w);
}
END_TEST

START_TEST(engine_end_of_a_session_does_not_wait_for_a_hello)
{
	/* Android's window is 1: the CDN waits for the HELLO, but the
	 * channel then presses, and gives up as always. */
	keepalive_world(100, 6);
	world_pass(&w, 100000);
	world_clear(&w);
	lns_ppp_exited(w.e, w.tid, w.sid, LNS_PPP_LOST, w.now);
	world_drain(&w);
	ck_assert_uint_eq(world_count(&w, "SESSION_CLOSE"), 1);
	world_pass(&w, 1000);
	ck_assert_uint_eq(world_count(&w, "SEND HELLO ns=2 nr=4"), 1);
	w.nr = 3;
	world_say(&w, L2TP_ZLB);
	ck_assert_uint_eq(world_count(&w, "SEND CDN ns=3 nr=4"), 1);
	ck_assert_uint_eq(world_stats(&w).hello_missed, 0);
	world_fini(&w);
}
END_TEST

START_TEST(engine_hello_pressed_in_vain_is_missed)
{
	keepalive_world(100, 6);
	/* Another session, so that the tunnel is not just unused. */
	w.peer_sid++;
	world_say(&w, L2TP_ICRQ);
	world_say(&w, L2TP_ICCN);
	world_pass(&w, 100000);
	lns_ppp_exited(w.e, w.tid, w.sid, LNS_PPP_LOST, w.now);
	world_drain(&w);
	world_pass(&w, CHAN_CYCLE_MS);
	ck_assert_uint_eq(world_count(&w, "TUNNEL_CLOSE"), 1);
	ck_assert_uint_eq(world_stats(&w).hello_sent, 1);
	ck_assert_uint_eq(world_stats(&w).hello_missed, 1);
	world_fini(&w);
}
END_TEST

/* Failures and the end. */

START_TEST(engine_tunnel_without_a_socket_is_refused)
{
	world_init(&w, NULL, NULL);
	w.path.client = _i == 0 ? 0 : 5;
	world_dial(&w);
	world_clear(&w);
	lns_tunnel_failed(w.e, w.tid, w.now);
	world_drain(&w);
	ck_assert_uint_eq(world_count(&w, "SEND StopCCN ns=1 nr=1"), 1);
	ck_assert_int_eq(w.last[LNS_MESSAGE].cause,
	    _i == 0 ? CAUSE_KERNEL : CAUSE_KEYS_LOST);
	w.nr = 2;
	world_say(&w, L2TP_ZLB);
	ck_assert(lns_idle(w.e));
	ck_assert_uint_eq(world_count(&w, "TUNNEL_CLOSE"), 0);
	lns_tunnel_failed(w.e, 1, w.now); /* nobody */
	world_fini(&w);
}
END_TEST

START_TEST(engine_shutdown_tells_every_client)
{
	world_init(&w, NULL, NULL);
	world_session_up(&w);
	world_clear(&w);
	lns_shutdown(w.e, w.now);
	world_drain(&w);
	world_expect_fx(&w,
	    world_line("LOG TUNNEL[1] disconnecting tunnel #", w.tid),
	    "PPP_STOP", "SESSION_CLOSE", "SEND StopCCN ns=2 nr=4",
	    world_line("LOG TUNNEL[1] disconnect session # complete", w.sid));
	ck_assert_uint_eq(world_last_result(&w), STOPCCN_SHUTDOWN);
	ck_assert(!lns_idle(w.e));
	world_clear(&w);
	world_say(&w, L2TP_ZLB);
	world_expect_fx(&w, "TUNNEL_CLOSE",
	    world_line("LOG TUNNEL[1] disconnect tunnel # complete", w.tid));
	ck_assert(lns_idle(w.e));
	world_clear(&w);
	world_dial(&w);
	world_expect_silence(&w);
	world_fini(&w);
}
END_TEST

START_TEST(engine_shutdown_waits_3_s_at_most)
{
	world_init(&w, NULL, NULL);
	world_session_up(&w);
	if (_i == 1)
		lns_ppp_exited(w.e, w.tid, w.sid, LNS_PPP_LOST, w.now);
	if (_i == 2) { /* well into closing it anyway */
		lns_ppp_exited(w.e, w.tid, w.sid, LNS_PPP_LOST, w.now);
		world_pass(&w, 12000);
	}
	world_drain(&w);
	world_clear(&w);
	lns_shutdown(w.e, w.now);
	world_drain(&w);
	world_pass(&w, 3000);
	ck_assert(lns_idle(w.e));
	ck_assert_uint_eq(world_count(&w, "TUNNEL_CLOSE"), 1);
	ck_assert_uint_ge(world_count(&w, "SEND StopCCN"), _i == 2 ? 0 : 3);
	world_fini(&w);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("ending");
	TCase *t = tcase_create("ending");

	tcase_add_test(t, engine_stopccn_after_a_lost_cdn_ends_the_tunnel);
	tcase_add_test(t, engine_other_early_message_waits_for_its_turn);
	tcase_add_test(t, engine_hello_is_sent_after_silence_only);
	tcase_add_test(t, engine_no_hello_without_an_interval);
	tcase_add_test(t, engine_unanswered_hello_is_repeated_not_multiplied);
	tcase_add_test(t, engine_sign_of_life_stops_the_count);
	tcase_add_test(t, engine_end_of_a_session_does_not_wait_for_a_hello);
	tcase_add_test(t, engine_hello_pressed_in_vain_is_missed);
	tcase_add_loop_test(t, engine_tunnel_without_a_socket_is_refused, 0, 2);
	tcase_add_test(
	    t, engine_reconfigured_keeps_the_tunnels_of_a_peer_that_stays);
	tcase_add_test(
	    t, engine_reconfigured_ends_the_tunnels_of_a_peer_that_is_gone);
	tcase_add_test(t, engine_reconfigured_has_peers_that_are_new);
	tcase_add_test(t, engine_shutdown_tells_every_client);
	tcase_add_loop_test(t, engine_shutdown_waits_3_s_at_most, 0, 3);
	suite_add_tcase(s, t);
	return world_main(s);
}
