/* SPDX-License-Identifier: ISC */

/* Who gets a tunnel: beginnings, copies of them, slots, limits. */

#include "l2tp_world.h"

static struct world w;

/* A client that lost its link and dials again is served at once. */
START_TEST(engine_dead_tunnel_yields_to_a_new_one)
{
	uint16_t tid, sid;
	uint8_t buf[512];
	size_t len;

	world_init(&w, NULL, NULL);
	world_session_up(&w);
	tid = w.tid;
	sid = w.sid;
	world_clear(&w);
	w.peer_tid++;
	w.ns = w.nr = 0;
	len = world_build(&w, L2TP_SCCRQ, buf);
	w.ns = 1;
	/* On a listening socket, or on the old tunnel's own. */
	lns_packet(w.e, _i == 0 ? 0 : tid, &w.path, buf, len, w.now);
	world_drain(&w);
	world_expect_fx(&w, "PPP_STOP", "SESSION_CLOSE",
	    world_line("LOG TUNNEL[1] disconnect session # complete", sid),
	    "TUNNEL_CLOSE",
	    world_line("LOG TUNNEL[1] disconnect tunnel # complete", tid),
	    "LOG TUNNEL[1] connected from 203.0.113.1", "TUNNEL_OPEN",
	    "SEND SCCRP ns=0 nr=1");
	ck_assert_uint_eq(world_stats(&w).tunnels, 1);
	ck_assert_uint_eq(world_stats(&w).lingering, 0);
	ck_assert_uint_ne(w.tid, tid);
	world_say(&w, L2TP_SCCCN);
	world_say(&w, L2TP_ICRQ);
	world_say(&w, L2TP_ICCN);
	ck_assert_uint_eq(world_stats(&w).sessions, 1);
	world_fini(&w);
}
END_TEST

START_TEST(engine_same_id_long_after_is_a_new_dial)
{
	/* Windows counts its tunnels from 1 after every start. */
	uint16_t tid;

	world_init(&w, NULL, NULL);
	w.peer_tid = 1;
	world_session_up(&w);
	tid = w.tid;
	world_pass(&w, CHAN_CYCLE_MS - 1);
	world_clear(&w);
	world_dial(&w);
	world_expect_fx(&w, "SEND ZLB ns=2 nr=4"); /* a late copy */
	world_pass(&w, 1);
	world_clear(&w);
	world_dial(&w);
	ck_assert_uint_eq(world_count(&w, "TUNNEL_CLOSE"), 1);
	ck_assert_uint_eq(world_count(&w, "SEND SCCRP ns=0 nr=1"), 1);
	ck_assert_uint_ne(w.tid, tid);
	world_fini(&w);
}
END_TEST

START_TEST(engine_same_id_while_closing_is_a_new_dial)
{
	world_init(&w, NULL, NULL);
	world_tunnel_up(&w);
	world_pass(&w, CHAN_CYCLE_MS); /* no call: StopCCN, unanswered */
	ck_assert_uint_eq(world_count(&w, "SEND StopCCN"), 2);
	world_clear(&w);
	world_dial(&w);
	ck_assert_uint_eq(world_count(&w, "TUNNEL_CLOSE"), 1);
	ck_assert_uint_eq(world_count(&w, "SEND SCCRP ns=0 nr=1"), 1);
	world_fini(&w);
}
END_TEST

START_TEST(engine_others_behind_the_same_address_do_not_yield)
{
	world_init(&w, NULL, NULL);
	world_session_up(&w);
	w.path.peer.port++;
	world_session_up(&w);
	w.path.peer.port--;
	w.path.client = 9;
	world_session_up(&w);
	ck_assert_uint_eq(world_stats(&w).sessions, 3);
	ck_assert_uint_eq(w.last[LNS_TUNNEL_OPEN].slot, 3);
	world_fini(&w);
}
END_TEST

START_TEST(engine_stopccn_before_our_id_is_known_cancels)
{
	uint16_t tid;

	world_init(&w, NULL, NULL);
	world_dial(&w);
	tid = w.tid;
	w.tid = 0;
	world_clear(&w);
	world_say(&w, L2TP_STOPCCN);
	world_expect_fx(&w, "SEND ZLB ns=1 nr=2", "TUNNEL_CLOSE",
	    world_line("LOG TUNNEL[1] disconnect tunnel # complete", tid));
	world_fini(&w);
}
END_TEST

START_TEST(engine_lingers_for_a_cycle_and_acknowledges_again)
{
	world_init(&w, NULL, NULL);
	world_session_up(&w);
	world_say(&w, L2TP_STOPCCN);
	world_pass(&w, CHAN_CYCLE_MS - 1);
	world_clear(&w);
	w.ns--;
	world_say(&w, L2TP_STOPCCN);
	world_expect_fx(&w, "SEND ZLB ns=2 nr=5");
	world_pass(&w, 1);
	ck_assert_uint_eq(world_stats(&w).lingering, 0);
	world_clear(&w);
	w.ns--;
	world_say(&w, L2TP_STOPCCN);
	world_expect_silence(&w);
	ck_assert(mono_is_never(lns_deadline(w.e)));
	world_fini(&w);
}
END_TEST

START_TEST(engine_client_may_redial_while_its_old_tunnel_lingers)
{
	world_init(&w, NULL, NULL);
	world_session_up(&w);
	world_say(&w, L2TP_STOPCCN);
	world_session_up(&w); /* even with the same id */
	ck_assert_uint_eq(world_stats(&w).sessions, 1);
	ck_assert_uint_eq(world_stats(&w).lingering, 1);
	ck_assert_uint_eq(w.last[LNS_TUNNEL_OPEN].slot, 1);
	world_pass(&w, CHAN_CYCLE_MS);
	ck_assert_uint_eq(world_stats(&w).sessions, 1);
	ck_assert_uint_eq(world_stats(&w).lingering, 0);
	world_fini(&w);
}
END_TEST

START_TEST(engine_slots_are_the_lowest_free)
{
	struct world clients[5];
	int i;

	world_init(&w, NULL, NULL);
	for (i = 0; i < 5; i++) {
		w.path.peer.port++;
		world_dial(&w);
		ck_assert_uint_eq(
		    w.last[LNS_TUNNEL_OPEN].slot, (uint32_t)i + 1);
		clients[i] = w;
	}
	for (i = 1; i < 5; i += 2) { /* slots 2 and 4 become free */
		w.path = clients[i].path;
		w.tid = clients[i].tid;
		w.ns = 1;
		world_say(&w, L2TP_STOPCCN);
	}
	for (i = 0; i < 3; i++) {
		w.path.peer.port = (uint16_t)(50000 + i);
		world_dial(&w);
		ck_assert_uint_eq(w.last[LNS_TUNNEL_OPEN].slot,
		    i == 2 ? 6u : 2 * (uint32_t)i + 2);
	}
	world_fini(&w);
}
END_TEST

static const struct lns_peer branch = { .name = "branch",
	.address = { .family = 4, .ip = { 198, 51, 100, 7 } } };

START_TEST(engine_stranger_is_told_that_he_is_not_authorized)
{
	world_init(&w, NULL, &branch);
	world_dial(&w);
	world_expect_fx(
	    &w, "LOG can't find tunnel number", "SEND StopCCN ns=0 nr=1");
	ck_assert_int_eq(w.levels[0], LOG_DEBUG);
	ck_assert_uint_eq(world_last_result(&w), STOPCCN_UNAUTHORIZED);
	ck_assert_uint_eq(w.last[LNS_SEND].tid, 0);
	ck_assert(lns_idle(w.e));
	ck_assert(mono_is_never(lns_deadline(w.e)));
	world_fini(&w);
}
END_TEST

START_TEST(engine_fixed_peer_goes_before_any)
{
	const struct lns_peer peers[] = { { .name = "anyone", .any = true },
		branch };
	const struct lns_config c = { .hostname = "vpn",
		.vendor = "lnsd",
		.rws = 4,
		.peers = peers,
		.n_peers = 2 };

	world_init(&w, &c, NULL);
	world_dial(&w);
	ck_assert_uint_eq(w.last[LNS_TUNNEL_OPEN].peer, 0);
	w.path.peer = world_addr(198, 51, 100, 7, 1701);
	world_dial(&w);
	ck_assert_uint_eq(w.last[LNS_TUNNEL_OPEN].peer, 1);
	world_fini(&w);
}
END_TEST

START_TEST(engine_limit_of_a_peer_is_kept)
{
	struct lns_peer p = world_peer();
	int i;

	p.max_tunnels = 3;
	world_init(&w, NULL, &p);
	for (i = 0; i < 3; i++) {
		w.path.peer.port++;
		world_dial(&w);
	}
	ck_assert_uint_eq(world_stats(&w).tunnels, 3);
	w.path.peer.port++;
	world_clear(&w);
	world_dial(&w);
	world_expect_fx(
	    &w, "LOG can't find tunnel number", "SEND StopCCN ns=0 nr=1");
	ck_assert_uint_eq(world_last_result(&w), STOPCCN_ERROR);
	/* One that yields makes room for itself. */
	w.path.peer.port--;
	w.peer_tid++;
	world_dial(&w);
	ck_assert_uint_ne(w.tid, 0);
	ck_assert_uint_eq(world_stats(&w).tunnels, 3);
	world_fini(&w);
}
END_TEST

START_TEST(engine_sccrq_with_faults_is_refused_without_a_trace_left)
{
	static const uint8_t unknown[] = { 0x80, 0x06, 0, 0, 0, 20 };
	static const char *const texts[] = {
		"LOG  error in SCCRQ from 203.0.113.1: unknown mandatory AVP",
		"LOG  error in SCCRQ from 203.0.113.1: "
		"unknown protocol version",
		"LOG  error in SCCRQ from 203.0.113.1: required AVP missing",
	};
	uint8_t buf[512];
	struct wbuf b;

	world_init(&w, NULL, NULL);
	wbuf_init(&b, buf, sizeof(buf));
	world_begin(&w, &b, L2TP_SCCRQ, 0, 0);
	if (_i == 0)
		wbuf_bytes(&b, unknown, sizeof(unknown));
	if (_i == 1)
		avp_put_u16(&b, AVP_PROTOCOL_VERSION, 0x0200);
	if (_i == 2)
		avp_put_u16(&b, AVP_ASSIGNED_TID, w.peer_tid);
	else
		world_put(&b, &w, L2TP_SCCRQ);
	hdr_finish(&b);
	world_raw(&w, buf, b.len);
	world_expect_fx(&w, texts[_i], "SEND StopCCN ns=0 nr=1");
	ck_assert_uint_eq(
	    world_last_result(&w), _i == 1 ? STOPCCN_VERSION : STOPCCN_ERROR);
	ck_assert(lns_idle(w.e));
	world_fini(&w);
}
END_TEST

START_TEST(engine_challenge_is_ignored_without_a_secret)
{
	static const uint8_t random[32] = { 1, 2, 3 };
	uint8_t buf[512];
	struct wbuf b;

	world_init(&w, NULL, NULL);
	wbuf_init(&b, buf, sizeof(buf));
	world_begin(&w, &b, L2TP_SCCRQ, 0, 0);
	world_put(&b, &w, L2TP_SCCRQ);
	avp_put(&b, AVP_CHALLENGE, random, sizeof(random));
	hdr_finish(&b);
	world_raw(&w, buf, b.len);
	ck_assert_uint_eq(world_count(&w, "SEND SCCRP"), 1);
	world_fini(&w);
}
END_TEST

/* Every id there is, twice over. */
START_TEST(engine_holds_65535_tunnels)
{
	struct lns_stats s;
	uint32_t i;

	world_init(&w, NULL, NULL);
	for (i = 0; i < 65535; i++) {
		w.path.peer.port = (uint16_t)i;
		world_clear(&w);
		world_session_up(&w);
		world_assert(w.last[LNS_TUNNEL_OPEN].slot == i + 1);
	}
	lns_stats(w.e, &s);
	ck_assert_uint_eq(s.tunnels_established, 65535);
	w.path.peer.port = 65535;
	w.now = mono_add_ms(w.now, 5000); /* the log has room again */
	world_clear(&w);
	world_dial(&w);
	ck_assert_uint_eq(world_count(&w, "LOG can't find tunnel number"), 1);
	/* They all dial again with another id: each yields to itself. */
	w.peer_tid++;
	for (i = 0; i < 65535; i++) {
		w.path.peer.port = (uint16_t)i;
		world_clear(&w);
		world_session_up(&w);
		world_say(&w, L2TP_STOPCCN);
	}
	lns_stats(w.e, &s);
	ck_assert_uint_eq(s.tunnels, 0);
	ck_assert_uint_eq(s.lingering, 65535);
	/* Those that only linger are in nobody's way. */
	world_clear(&w);
	world_session_up(&w);
	lns_stats(w.e, &s);
	ck_assert_uint_eq(s.tunnels, 1);
	ck_assert_uint_eq(s.lingering, 65534);
	world_say(&w, L2TP_STOPCCN);
	w.now = mono_add_ms(w.now, CHAN_CYCLE_MS);
	lns_expire(w.e, w.now);
	lns_stats(w.e, &s);
	ck_assert_uint_eq(s.lingering, 0);
	ck_assert(mono_is_never(lns_deadline(w.e)));
	ck_assert_uint_eq(w.e->n_tunnels, 0);
	ck_assert_ptr_null(w.e->linger.first);
	ck_assert_ptr_null(w.e->half_open.first);
	ck_assert_uint_eq(w.e->tids.n_free, ID_N);
	world_fini(&w);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("dialling");
	TCase *t = tcase_create("dialling");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, engine_dead_tunnel_yields_to_a_new_one, 0, 2);
	tcase_add_test(t, engine_same_id_long_after_is_a_new_dial);
	tcase_add_test(t, engine_same_id_while_closing_is_a_new_dial);
	tcase_add_test(t, engine_others_behind_the_same_address_do_not_yield);
	tcase_add_test(t, engine_stopccn_before_our_id_is_known_cancels);
	tcase_add_test(t, engine_lingers_for_a_cycle_and_acknowledges_again);
	tcase_add_test(
	    t, engine_client_may_redial_while_its_old_tunnel_lingers);
	tcase_add_test(t, engine_slots_are_the_lowest_free);
	tcase_add_test(t, engine_stranger_is_told_that_he_is_not_authorized);
	tcase_add_test(t, engine_fixed_peer_goes_before_any);
	tcase_add_test(t, engine_limit_of_a_peer_is_kept);
	tcase_add_loop_test(
	    t, engine_sccrq_with_faults_is_refused_without_a_trace_left, 0, 3);
	tcase_add_test(t, engine_challenge_is_ignored_without_a_secret);
	tcase_add_test(t, engine_holds_65535_tunnels);
	suite_add_tcase(s, t);
	return world_main(s);
}
