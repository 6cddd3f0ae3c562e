/* SPDX-License-Identifier: ISC */

/* What the engine shows of itself, and what an administrator may order. */

#include "l2tp_world.h"
#include "lns_view.h"

static struct world w;

static struct lns_tunnel_view
the_tunnel(void)
{
	struct lns_tunnel_view v, other;
	uint16_t tid = 0;

	ck_assert(lns_next_tunnel(w.e, &tid, &v));
	ck_assert_uint_eq(tid, v.tid);
	ck_assert(!lns_next_tunnel(w.e, &tid, &other));
	return v;
}

static size_t
lines_with(const char *what)
{
	size_t i, n = 0;

	for (i = 0; i < w.n_lines; i++)
		n += strstr(w.lines[i], what) != NULL;
	return n;
}

START_TEST(view_of_no_tunnel_is_nothing)
{
	struct lns_tunnel_view v;
	uint16_t tid = 0;

	world_init(&w, NULL, NULL);
	ck_assert(!lns_next_tunnel(w.e, &tid, &v));
	ck_assert(!lns_view_tunnel(w.e, 0, &v));
	ck_assert(!lns_view_tunnel(w.e, 65535, &v));
	world_fini(&w);
}
END_TEST

START_TEST(view_follows_a_tunnel_through_its_states)
{
	struct lns_tunnel_view v;
	uint32_t tunnels, sessions;

	world_init(&w, NULL, NULL);
	world_dial(&w);
	v = the_tunnel();
	ck_assert_str_eq(v.state, "wait_ctl_conn");
	ck_assert(!v.established);
	ck_assert(mono_is_never(v.up));
	ck_assert_uint_eq(v.slot, 1);
	ck_assert_uint_eq(v.tid, w.tid);
	ck_assert_uint_eq(v.peer_tid, w.peer_tid);
	ck_assert_str_eq(v.hostname, "anonymous");
	ck_assert_str_eq(v.vendor, "");
	ck_assert_uint_eq(v.ns, 1);
	ck_assert_uint_eq(v.nr, 1);
	ck_assert_uint_eq(v.n_sessions, 0);
	ck_assert_uint_eq(v.path.peer.port, 40000);
	world_pass(&w, 500);
	world_say(&w, L2TP_SCCCN);
	world_say(&w, L2TP_ICRQ);
	v = the_tunnel();
	ck_assert_str_eq(v.state, "established");
	ck_assert_int_eq(mono_diff_ms(v.up, v.born), 500);
	ck_assert_uint_eq(v.n_sessions, 1);
	ck_assert_str_eq(v.sessions[0].state, "wait_connect");
	ck_assert(!v.sessions[0].established);
	world_say(&w, L2TP_ICCN);
	v = the_tunnel();
	ck_assert_str_eq(v.sessions[0].state, "established");
	ck_assert_uint_eq(v.sessions[0].sid, w.sid);
	ck_assert_uint_eq(v.sessions[0].peer_sid, w.peer_sid);
	ck_assert_int_eq(v.sessions[0].up.ms, w.now.ms);
	lns_view_peer(w.e, 0, &tunnels, &sessions);
	ck_assert_uint_eq(tunnels, 1);
	ck_assert_uint_eq(sessions, 1);
	world_say(&w, L2TP_STOPCCN);
	ck_assert(!lns_view_tunnel(w.e, v.tid, &v));
	world_fini(&w);
}
END_TEST

START_TEST(name_longer_than_there_is_room_is_cut)
{
	char name[LNS_NAME_MAX + 20];
	struct lns_tunnel_view v;
	uint8_t buf[512];
	struct wbuf b;

	world_init(&w, NULL, NULL);
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	wbuf_init(&b, buf, sizeof(buf));
	world_begin(&w, &b, L2TP_SCCRQ, 0, 0);
	avp_put_u16(&b, AVP_PROTOCOL_VERSION, 0x0100);
	avp_put_text(&b, AVP_HOST_NAME, name);
	avp_put_text(&b, AVP_VENDOR_NAME, "Microsoft");
	avp_put_u32(&b, AVP_FRAMING_CAP, 2);
	avp_put_u16(&b, AVP_ASSIGNED_TID, w.peer_tid);
	hdr_finish(&b);
	world_raw(&w, b.p, b.len);
	v = the_tunnel();
	ck_assert_uint_eq(strlen(v.hostname), LNS_NAME_MAX - 1);
	ck_assert_str_eq(v.vendor, "Microsoft");
	world_fini(&w);
}
END_TEST

START_TEST(tunnel_closed_by_order_says_stopccn)
{
	world_init(&w, NULL, NULL);
	world_session_up(&w);
	world_clear(&w);
	ck_assert(lns_close_tunnel(w.e, w.tid, w.now));
	world_drain(&w);
	world_expect_fx(&w,
	    world_line("LOG TUNNEL[1] disconnecting tunnel #", w.tid),
	    "PPP_STOP", "SESSION_CLOSE", "SEND StopCCN ns=2 nr=4",
	    world_line("LOG TUNNEL[1] disconnect session # complete", w.sid));
	world_clear(&w);
	ck_assert(!lns_close_tunnel(w.e, (uint16_t)(w.tid + 1), w.now));
	world_fini(&w);
}
END_TEST

START_TEST(draining_engine_refuses_who_is_new_and_keeps_who_is_there)
{
	world_init(&w, NULL, NULL);
	world_session_up(&w);
	lns_drain(w.e);
	world_clear(&w);
	w.peer_sid++;
	world_say(&w, L2TP_ICRQ);
	world_expect_fx(
	    &w, "LOG can't find valid pp interface", "SEND CDN ns=2 nr=5");
	ck_assert_uint_eq(world_stats(&w).sessions, 1);
	world_clear(&w);
	w.path.peer = world_addr(203, 0, 113, 2, 1701);
	w.ns = w.nr = 0;
	world_dial(&w);
	ck_assert_uint_eq(world_stats(&w).tunnels, 1);
	ck_assert_uint_eq(world_stats(&w).rx_refused, 2);
	ck_assert_str_eq(w.fx[w.n_fx - 1], "SEND StopCCN ns=0 nr=1");
	world_fini(&w);
}
END_TEST

START_TEST(trace_of_one_peer_is_of_no_other_and_to_be_seen)
{
	const struct lns_addr other = world_addr(198, 51, 100, 9, 0);
	struct lns_addr this;
	size_t i;

	world_init(&w, NULL, NULL);
	this = w.path.peer;
	this.port = 0;
	ck_assert(lns_trace(w.e, &other, true));
	world_session_up(&w);
	ck_assert_uint_eq(lines_with("message AVPs"), 0);
	world_clear(&w);
	ck_assert(lns_trace(w.e, &this, true));
	world_say(&w, L2TP_HELLO);
	ck_assert_uint_eq(lines_with("recv message AVPs"), 1);
	for (i = 0; i < w.n_lines; i++)
		ck_assert_int_eq(w.levels[i], LOG_INFO);
	world_clear(&w);
	ck_assert(lns_trace(w.e, &this, false));
	ck_assert(!lns_trace(w.e, &this, false));
	world_say(&w, L2TP_HELLO);
	ck_assert_uint_eq(w.n_lines, 0);
	ck_assert(lns_trace(w.e, NULL, true));
	world_say(&w, L2TP_HELLO);
	ck_assert_uint_eq(lines_with("recv message AVPs"), 1);
	world_fini(&w);
}
END_TEST

START_TEST(trace_off_ends_that_of_the_configuration)
{
	const struct lns_config c = {
		.hostname = "x", .vendor = "y", .trace = true
	};

	world_init(&w, &c, NULL);
	world_session_up(&w);
	ck_assert_uint_gt(lines_with("message AVPs"), 0);
	ck_assert(lns_trace(w.e, NULL, false));
	world_clear(&w);
	world_say(&w, L2TP_HELLO);
	ck_assert_uint_eq(w.n_lines, 0);
	world_fini(&w);
}
END_TEST

START_TEST(trace_of_too_many_peers_is_refused)
{
	struct lns_addr a = world_addr(10, 0, 0, 0, 0);
	uint8_t i;

	world_init(&w, NULL, NULL);
	for (i = 0; i < LNS_TRACED_MAX; i++) {
		a.ip[3] = i;
		ck_assert(lns_trace(w.e, &a, true));
	}
	ck_assert(lns_trace(w.e, &a, true));
	a.ip[3] = i;
	ck_assert(!lns_trace(w.e, &a, true));
	a.ip[3] = 0;
	ck_assert(lns_trace(w.e, &a, false));
	a.ip[3] = i;
	ck_assert(lns_trace(w.e, &a, true));
	world_fini(&w);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("view");
	TCase *tc = tcase_create("all");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, view_of_no_tunnel_is_nothing);
	tcase_add_test(tc, view_follows_a_tunnel_through_its_states);
	tcase_add_test(tc, name_longer_than_there_is_room_is_cut);
	tcase_add_test(tc, tunnel_closed_by_order_says_stopccn);
	tcase_add_test(
	    tc, draining_engine_refuses_who_is_new_and_keeps_who_is_there);
	tcase_add_test(tc, trace_of_one_peer_is_of_no_other_and_to_be_seen);
	tcase_add_test(tc, trace_off_ends_that_of_the_configuration);
	tcase_add_test(tc, trace_of_too_many_peers_is_refused);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
