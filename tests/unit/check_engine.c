/* SPDX-License-Identifier: ISC */

/* The engine as a whole: datagrams, in order or not, and what they do. */

#include "l2tp_world.h"

static struct world w;

START_TEST(engine_connects_and_disconnects)
{
	world_init(&w, NULL, NULL);
	world_dial(&w);
	world_expect_fx(&w, "LOG TUNNEL[1] connected from 203.0.113.1",
	    "TUNNEL_OPEN", "SEND SCCRP ns=0 nr=1");
	ck_assert_uint_eq(w.last[LNS_TUNNEL_OPEN].slot, 1);
	ck_assert_uint_eq(w.last[LNS_TUNNEL_OPEN].tid, w.tid);
	ck_assert_uint_eq(w.last[LNS_SEND].tid, w.tid);
	ck_assert_mem_eq(&w.last[LNS_SEND].path.peer.ip, w.path.peer.ip, 16);
	world_clear(&w);
	world_say(&w, L2TP_SCCCN);
	world_expect_fx(&w, "TUNNEL_UP", "SEND ZLB ns=1 nr=2",
	    world_line("LOG TUNNEL[1] tunnel # established", w.tid));
	world_say(&w, L2TP_ICRQ);
	world_say(&w, L2TP_ICCN);
	ck_assert_uint_eq(world_stats(&w).sessions, 1);
	world_clear(&w);
	world_say(&w, L2TP_STOPCCN);
	world_expect_fx(&w, "SEND ZLB ns=2 nr=5", "PPP_STOP", "SESSION_CLOSE",
	    world_line("LOG TUNNEL[1] disconnect session # complete", w.sid),
	    "TUNNEL_CLOSE",
	    world_line("LOG TUNNEL[1] disconnect tunnel # complete", w.tid));
	ck_assert(lns_idle(w.e));
	ck_assert_uint_eq(world_stats(&w).lingering, 1);
	world_fini(&w);
}
END_TEST

START_TEST(engine_hello_is_answered_at_once)
{
	world_init(&w, NULL, NULL);
	world_session_up(&w);
	world_clear(&w);
	world_say(&w, L2TP_HELLO);
	world_expect_fx(&w, "SEND ZLB ns=2 nr=5");
	world_fini(&w);
}
END_TEST

START_TEST(engine_zlb_is_never_answered)
{
	world_init(&w, NULL, NULL);
	world_session_up(&w);
	world_clear(&w);
	world_say(&w, L2TP_ZLB);
	world_say(&w, L2TP_ZLB);
	w.ns = 100;
	world_say(&w, L2TP_ZLB);
	world_expect_silence(&w);
	world_fini(&w);
}
END_TEST

START_TEST(engine_retransmitted_sccrq_is_the_same_tunnel)
{
	uint16_t tid;

	world_init(&w, NULL, NULL);
	world_dial(&w);
	tid = w.tid;
	world_clear(&w);
	w.ns = w.nr = 0;
	world_say(&w, L2TP_SCCRQ);
	world_expect_fx(&w, "SEND ZLB ns=1 nr=1");
	ck_assert_uint_eq(world_stats(&w).tunnels, 1);
	ck_assert_uint_eq(world_stats(&w).rx_duplicate, 1);
	world_clear(&w);
	world_pass(&w, 1000);
	world_expect_fx(&w, "SEND SCCRP ns=0 nr=1");
	ck_assert_uint_eq(w.tid, tid);
	world_fini(&w);
}
END_TEST

START_TEST(engine_unanswered_sccrp_is_sent_5_times_more)
{
	static const int64_t at[] = { 0, 1000, 3000, 7000, 15000, 23000 };
	int64_t start;
	size_t i;

	world_init(&w, NULL, NULL);
	start = w.now.ms;
	world_dial(&w);
	for (i = 0; i < nitems(at); i++) {
		world_pass(&w, start + at[i] - w.now.ms);
		ck_assert_uint_eq(w.n_sent, i + 1);
	}
	ck_assert_uint_eq(world_stats(&w).tx_retransmit, 5);
	world_clear(&w);
	world_pass(&w, 7999);
	world_expect_silence(&w);
	world_pass(&w, 1);
	world_expect_fx(&w, "LOG state timer expired for waiting SCCCN",
	    world_line("LOG TUNNEL[1] disconnecting tunnel #", w.tid),
	    "TUNNEL_CLOSE",
	    world_line("LOG TUNNEL[1] disconnect tunnel # complete", w.tid));
	ck_assert(lns_idle(w.e));
	ck_assert(mono_is_never(lns_deadline(w.e)));
	world_fini(&w);
}
END_TEST

START_TEST(engine_retransmissions_are_as_many_as_configured)
{
	struct lns_config c = { .hostname = "lns", .retries = (uint8_t)_i };

	world_init(&w, &c, NULL);
	world_dial(&w);
	world_pass(&w, chan_cycle_ms((uint8_t)_i) - 1);
	ck_assert_uint_eq(world_count(&w, "SEND SCCRP"), (unsigned)(1 + _i));
	ck_assert_uint_eq(world_stats(&w).tunnels, 1);
	world_pass(&w, 1);
	ck_assert_uint_eq(world_stats(&w).tunnels, 0);
	world_fini(&w);
}
END_TEST

START_TEST(engine_sccrp_acknowledged_without_scccn_is_given_up)
{
	world_init(&w, NULL, NULL);
	world_dial(&w);
	world_say(&w, L2TP_ZLB);
	world_clear(&w);
	world_pass(&w, CHAN_CYCLE_MS);
	ck_assert_str_eq(w.fx[0], "LOG state timer expired for waiting SCCCN");
	ck_assert_uint_eq(world_count(&w, "SEND StopCCN"), 1);
	ck_assert_uint_eq(world_last_result(&w), STOPCCN_CLEAR);
	world_fini(&w);
}
END_TEST

START_TEST(engine_tunnel_without_session_is_closed_after_30_s)
{
	world_init(&w, NULL, NULL);
	world_tunnel_up(&w);
	world_clear(&w);
	world_pass(&w, TUN_IDLE_MS - 1);
	world_expect_silence(&w);
	world_pass(&w, 1);
	world_expect_fx(&w, "LOG state timer expired for waiting ICRQ",
	    world_line("LOG TUNNEL[1] disconnecting tunnel #", w.tid),
	    "SEND StopCCN ns=1 nr=2");
	ck_assert_uint_eq(world_last_result(&w), STOPCCN_CLEAR);
	world_fini(&w);
}
END_TEST

START_TEST(engine_duplicates_are_acknowledged_and_do_nothing)
{
	static const enum l2tp_type types[] = { L2TP_SCCCN, L2TP_ICRQ,
		L2TP_ICCN, L2TP_HELLO, L2TP_CDN };
	size_t i;
	int k;

	world_init(&w, NULL, NULL);
	world_dial(&w);
	for (i = 0; i < nitems(types); i++) {
		world_say(&w, types[i]);
		for (k = 0; k < 3; k++) {
			world_clear(&w);
			w.ns--;
			world_say(&w, types[i]);
			ck_assert_uint_eq(w.n_fx, 1);
			ck_assert_uint_eq(world_count(&w, "SEND ZLB"), 1);
		}
	}
	ck_assert_uint_eq(world_stats(&w).rx_duplicate, 3 * nitems(types));
	world_fini(&w);
}
END_TEST

START_TEST(engine_reordered_messages_are_put_in_order)
{
	const struct lns_config c = { .hostname = "vpn",
		.vendor = "lnsd",
		.rws = 4,
		.peers = &(const struct lns_peer){ .any = true },
		.n_peers = 1 };

	world_init(&w, &c, NULL);
	world_dial(&w);
	world_clear(&w);
	/* Apple sends ICRQ right behind SCCCN: here it overtakes. */
	w.ns = 2;
	world_say(&w, L2TP_ICRQ);
	world_expect_silence(&w);
	w.ns = 1;
	world_say(&w, L2TP_SCCCN);
	ck_assert_uint_eq(world_count(&w, "TUNNEL_UP"), 1);
	ck_assert_uint_eq(world_count(&w, "SEND ICRP ns=1 nr=3"), 1);
	w.ns = 3;
	world_say(&w, L2TP_ICCN);
	ck_assert_uint_eq(world_count(&w, "PPP_START"), 1);
	world_fini(&w);
}
END_TEST

START_TEST(engine_messages_far_ahead_are_dropped)
{
	world_init(&w, NULL, NULL);
	world_tunnel_up(&w);
	world_clear(&w);
	w.ns += 1; /* our window is 1 */
	world_say(&w, L2TP_HELLO);
	world_expect_silence(&w);
	world_fini(&w);
}
END_TEST

START_TEST(engine_sequence_numbers_wrap_around)
{
	int i;

	world_init(&w, NULL, NULL);
	world_session_up(&w);
	for (i = 0; i < 66000; i++) {
		world_clear(&w);
		world_say(&w, L2TP_HELLO);
		world_assert(w.n_fx == 1);
	}
	ck_assert_uint_eq(w.ns, (uint16_t)(66000 + 4));
	ck_assert_uint_eq(world_stats(&w).tunnels_established, 1);
	world_fini(&w);
}
END_TEST

/* Malformed in one way or another: counted, never answered. */
static const struct {
	const char *name;
	uint8_t data[16];
	size_t len;
} garbage[] = {
	{ "nothing", { 0 }, 0 },
	{ "one octet", { 0xc8 }, 1 },
	{ "L2F", { 0xc8, 0x01, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0 }, 12 },
	{ "L2TPv3", { 0xc8, 0x03, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0 }, 12 },
	{ "short", { 0xc8, 0x02, 0, 12, 0, 0, 0, 0, 0, 0, 0 }, 11 },
	{ "too long", { 0xc8, 0x02, 0, 13, 0, 0, 0, 0, 0, 0, 0, 0 }, 12 },
};

START_TEST(engine_garbage_is_counted_and_not_answered)
{
	world_init(&w, NULL, NULL);
	world_raw(&w, garbage[_i].data, garbage[_i].len);
	world_expect_silence(&w);
	ck_assert_uint_eq(world_stats(&w).rx_malformed, 1);
	world_fini(&w);
}
END_TEST

/* The octets behind the flags of a data message may look like AVPs. */
START_TEST(engine_data_message_is_never_a_request)
{
	uint8_t buf[512];
	size_t len;

	world_init(&w, NULL, NULL);
	len = world_build(&w, L2TP_SCCRQ, buf);
	buf[10] = 0;
	buf[11] = 2; /* T, L and S clear: so much less of a header */
	world_raw(&w, buf + 10, len - 10);
	world_expect_silence(&w);
	ck_assert_uint_eq(world_stats(&w).rx_unknown, 1);
	ck_assert_uint_eq(world_stats(&w).tunnels, 0);
	world_fini(&w);
}
END_TEST

START_TEST(engine_strays_are_counted_and_not_answered)
{
	static const uint8_t data[] = { 0, 2, 0, 1, 0, 2, 0xff, 3, 0xc0, 0x21 };
	int type;

	world_init(&w, NULL, NULL);
	world_raw(&w, data, sizeof(data));
	w.tid = 99; /* nobody's */
	for (type = 0; type < L2TP_TYPE_N; type++)
		if (type != L2TP_SCCRQ)
			world_say(&w, (enum l2tp_type)type);
	w.tid = 0;
	for (type = 0; type < L2TP_TYPE_N; type++) {
		w.ns = 0;
		if (type != L2TP_SCCRQ)
			world_say(&w, (enum l2tp_type)type);
	}
	w.ns = 1; /* no beginning */
	world_say(&w, L2TP_SCCRQ);
	world_expect_silence(&w);
	ck_assert_uint_eq(world_stats(&w).rx_unknown, 2 * L2TP_TYPE_N);
	ck_assert(lns_idle(w.e));
	world_fini(&w);
}
END_TEST

START_TEST(engine_datagrams_of_others_do_not_touch_a_tunnel)
{
	struct lns_path mine;

	world_init(&w, NULL, NULL);
	w.path.client = 5;
	world_session_up(&w);
	mine = w.path;
	world_clear(&w);
	if (_i == 0)
		w.path.peer.port++;
	else if (_i == 1)
		w.path.peer.ip[3]++;
	else if (_i == 2)
		w.path.peer.family = 6;
	else
		w.path.client++;
	world_say(&w, L2TP_STOPCCN);
	world_expect_silence(&w);
	ck_assert_uint_eq(world_stats(&w).sessions, 1);
	w.path = mine;
	w.ns--;
	world_say(&w, L2TP_STOPCCN);
	ck_assert(lns_idle(w.e));
	world_fini(&w);
}
END_TEST

START_TEST(engine_tunnel_socket_need_not_tell_the_client)
{
	uint8_t buf[512];
	size_t len;

	world_init(&w, NULL, NULL);
	w.path.client = 5;
	world_session_up(&w);
	world_clear(&w);
	len = world_build(&w, L2TP_HELLO, buf);
	w.path.client = 0;
	lns_packet(w.e, w.tid, &w.path, buf, len, w.now);
	world_drain(&w);
	world_expect_fx(&w, "SEND ZLB ns=2 nr=5");
	world_fini(&w);
}
END_TEST

START_TEST(engine_window_of_the_peer_is_honoured)
{
	/* It is 1: of two calls at once, the second gets its ICRP when the
	 * first one is acknowledged. */
	world_init(&w, NULL, NULL);
	world_tunnel_up(&w);
	world_say(&w, L2TP_ICRQ);
	w.nr = 1;
	w.peer_sid++;
	world_clear(&w);
	world_say(&w, L2TP_ICRQ);
	world_expect_fx(&w, "SESSION_OPEN", "SEND ZLB ns=2 nr=4");
	w.nr = 2;
	world_clear(&w);
	world_say(&w, L2TP_ZLB);
	world_expect_fx(&w, "SEND ICRP ns=2 nr=4");
	world_fini(&w);
}
END_TEST

START_TEST(engine_unknown_message_depends_on_its_m_bit)
{
	uint8_t buf[512];
	size_t len;

	world_init(&w, NULL, NULL);
	world_session_up(&w);
	len = world_build(&w, L2TP_HELLO, buf);
	buf[19] = 0x40;
	buf[12] = _i == 0 ? 0x00 : 0x80;
	w.ns++;
	world_clear(&w);
	world_raw(&w, buf, len);
	if (_i == 0) {
		world_expect_fx(&w, "SEND ZLB ns=2 nr=5");
	} else {
		ck_assert_uint_eq(world_count(&w, "SEND StopCCN"), 1);
		ck_assert_uint_eq(world_count(&w, "PPP_STOP"), 1);
	}
	world_fini(&w);
}
END_TEST

START_TEST(engine_message_truncated_at_every_length_never_hurts)
{
	uint8_t buf[512], *copy;
	size_t len, full;
	int type;

	for (type = L2TP_SCCRQ; type < L2TP_TYPE_N; type++) {
		world_init(&w, NULL, NULL);
		world_session_up(&w);
		full = world_build(&w, (enum l2tp_type)type, buf);
		for (len = 0; len < full; len++) {
			copy = malloc(len + 1);
			memcpy(copy, buf, len);
			if (len >= L2TP_CTL_HDR_LEN) {
				copy[2] = (uint8_t)(len >> 8);
				copy[3] = (uint8_t)len;
			}
			world_clear(&w);
			world_raw(&w, copy, len);
			free(copy);
		}
		world_fini(&w);
	}
}
END_TEST

START_TEST(engine_random_octets_never_hurt)
{
	uint64_t seed = (uint64_t)_i;
	uint8_t buf[512];
	uint16_t at;
	size_t len;
	int n, k;

	world_init(&w, NULL, NULL);
	for (n = 0; n < 3000; n++) {
		world_clear(&w);
		if (n % 50 == 0)
			world_session_up(&w);
		world_clear(&w);
		world_random(&seed, &at, 2);
		len = world_build(&w, (enum l2tp_type)(at % L2TP_TYPE_N), buf);
		for (k = 0; k < 2; k++) {
			world_random(&seed, &at, 2);
			world_random(&seed, &buf[12 + at % len], 1);
		}
		w.ns++;
		lns_packet(w.e, 0, &w.path, buf, len, w.now);
		world_drain(&w);
		world_pass(&w, 500);
	}
	lns_shutdown(w.e, w.now);
	world_clear(&w);
	world_drain(&w);
	world_pass(&w, 3000);
	ck_assert(lns_idle(w.e));
	ck_assert_uint_eq(world_stats(&w).sessions, 0);
	world_fini(&w);
}
END_TEST

START_TEST(engine_effects_not_taken_are_kept)
{
	uint8_t buf[512];
	size_t len;

	world_init(&w, NULL, NULL);
	len = world_build(&w, L2TP_SCCRQ, buf);
	lns_packet(w.e, 0, &w.path, buf, len, w.now);
	lns_expire(w.e, w.now);
	lns_expire(w.e, w.now);
	world_drain(&w);
	world_expect_fx(&w, "LOG TUNNEL[1] connected from 203.0.113.1",
	    "TUNNEL_OPEN", "SEND SCCRP ns=0 nr=1");
	world_fini(&w);
}
END_TEST

START_TEST(engine_early_expiry_does_nothing)
{
	world_init(&w, NULL, NULL);
	world_session_up(&w);
	world_clear(&w);
	lns_expire(w.e, w.now);
	world_drain(&w);
	world_expect_silence(&w);
	world_fini(&w);
}
END_TEST

START_TEST(engine_addresses_are_written_as_text)
{
	const struct lns_addr v6 = { .family = 6,
		.ip = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 },
		.port = 1701 };
	const struct lns_addr v4 = world_addr(203, 0, 113, 1, 1701);
	char buf[LNS_ADDR_TEXT];

	ck_assert_str_eq(lns_addr_text(&v4, buf), "203.0.113.1");
	ck_assert_str_eq(lns_addr_text(&v6, buf), "2001:db8::1");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("engine");
	TCase *t = tcase_create("engine");

	tcase_add_test(t, engine_connects_and_disconnects);
	tcase_add_test(t, engine_hello_is_answered_at_once);
	tcase_add_test(t, engine_zlb_is_never_answered);
	tcase_add_test(t, engine_retransmitted_sccrq_is_the_same_tunnel);
	tcase_add_test(t, engine_unanswered_sccrp_is_sent_5_times_more);
	tcase_add_loop_test(
	    t, engine_retransmissions_are_as_many_as_configured, 1, 9);
	tcase_add_test(t, engine_sccrp_acknowledged_without_scccn_is_given_up);
	tcase_add_test(t, engine_tunnel_without_session_is_closed_after_30_s);
	tcase_add_test(t, engine_duplicates_are_acknowledged_and_do_nothing);
	tcase_add_test(t, engine_reordered_messages_are_put_in_order);
	tcase_add_test(t, engine_messages_far_ahead_are_dropped);
	tcase_add_test(t, engine_sequence_numbers_wrap_around);
	tcase_add_loop_test(t, engine_garbage_is_counted_and_not_answered, 0,
	    (int)nitems(garbage));
	tcase_add_test(t, engine_data_message_is_never_a_request);
	tcase_add_test(t, engine_strays_are_counted_and_not_answered);
	tcase_add_loop_test(
	    t, engine_datagrams_of_others_do_not_touch_a_tunnel, 0, 4);
	tcase_add_test(t, engine_tunnel_socket_need_not_tell_the_client);
	tcase_add_test(t, engine_window_of_the_peer_is_honoured);
	tcase_add_loop_test(
	    t, engine_unknown_message_depends_on_its_m_bit, 0, 2);
	tcase_add_test(t, engine_message_truncated_at_every_length_never_hurts);
	tcase_add_loop_test(t, engine_random_octets_never_hurt, 1, 6);
	tcase_add_test(t, engine_effects_not_taken_are_kept);
	tcase_add_test(t, engine_early_expiry_does_nothing);
	tcase_add_test(t, engine_addresses_are_written_as_text);
	suite_add_tcase(s, t);
	return world_main(s);
}
