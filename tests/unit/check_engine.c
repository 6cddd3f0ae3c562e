/* SPDX-License-Identifier: ISC */

/* The engine as a whole: who a datagram is for, limits, time, the end. */

#include "l2tp_world.h"

static struct world w;

static char *
line(const char *fmt, uint16_t id)
{
	static char bufs[4][WORLD_TEXT];
	static size_t next;
	char *b = bufs[next++ % 4], *at;

	snprintf(b, WORLD_TEXT, "%s", fmt);
	at = strchr(b, '#');
	if (at != NULL) {
		char tail[WORLD_TEXT];

		snprintf(tail, sizeof(tail), "%s", at + 1);
		snprintf(at, WORLD_TEXT - (size_t)(at - b), "%u%s", id, tail);
	}
	return b;
}

static uint16_t
last_result(void)
{
	struct l2tp_hdr h;
	struct l2tp_msg m;
	struct rbuf body;

	ck_assert_int_eq(hdr_decode(w.sent, w.sent_len, &h, &body), 0);
	ck_assert_int_eq(msg_decode(body, &m), 0);
	return (uint16_t)msg_num(&m, AVP_RESULT_CODE, 0);
}

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
	    line("LOG TUNNEL[1] tunnel # established", w.tid));
	world_say(&w, L2TP_ICRQ);
	world_say(&w, L2TP_ICCN);
	ck_assert_uint_eq(world_stats(&w).sessions, 1);
	world_clear(&w);
	world_say(&w, L2TP_STOPCCN);
	world_expect_fx(&w, "SEND ZLB ns=2 nr=5", "PPP_STOP", "SESSION_CLOSE",
	    line("LOG TUNNEL[1] disconnect session # complete", w.sid),
	    "TUNNEL_CLOSE",
	    line("LOG TUNNEL[1] disconnect tunnel # complete", w.tid));
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
	    line("LOG TUNNEL[1] disconnecting tunnel #", w.tid), "TUNNEL_CLOSE",
	    line("LOG TUNNEL[1] disconnect tunnel # complete", w.tid));
	ck_assert(lns_idle(w.e));
	ck_assert(mono_is_never(lns_deadline(w.e)));
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
	ck_assert_uint_eq(last_result(), STOPCCN_CLEAR);
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
	    line("LOG TUNNEL[1] disconnecting tunnel #", w.tid),
	    "SEND StopCCN ns=1 nr=2");
	ck_assert_uint_eq(last_result(), STOPCCN_CLEAR);
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
	    line("LOG TUNNEL[1] disconnect session # complete", sid),
	    "TUNNEL_CLOSE",
	    line("LOG TUNNEL[1] disconnect tunnel # complete", tid),
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
	    line("LOG TUNNEL[1] disconnect tunnel # complete", tid));
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
	ck_assert_uint_eq(last_result(), STOPCCN_UNAUTHORIZED);
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
	ck_assert_uint_eq(last_result(), STOPCCN_ERROR);
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
	    last_result(), _i == 1 ? STOPCCN_VERSION : STOPCCN_ERROR);
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
	ck_assert_uint_eq(last_result(), STOPCCN_ERROR);
	ck_assert_uint_eq(world_count(&w, "PPP_STOP"), 1);
	ck_assert_uint_eq(ns, 3);
	/* And when not even that is acknowledged: */
	world_pass(&w, CHAN_CYCLE_MS);
	ck_assert_uint_eq(world_count(&w, "TUNNEL_CLOSE"), 1);
	ck_assert(lns_idle(w.e));
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
	world_fini(&w);
}
END_TEST

/* Failures and the end. */

START_TEST(engine_tunnel_without_a_socket_is_refused)
{
	world_init(&w, NULL, NULL);
	world_dial(&w);
	world_clear(&w);
	lns_tunnel_failed(w.e, w.tid, w.now);
	world_drain(&w);
	ck_assert_uint_eq(world_count(&w, "SEND StopCCN ns=1 nr=1"), 1);
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
	world_expect_fx(&w, line("LOG TUNNEL[1] disconnecting tunnel #", w.tid),
	    "PPP_STOP", "SESSION_CLOSE", "SEND StopCCN ns=2 nr=4",
	    line("LOG TUNNEL[1] disconnect session # complete", w.sid));
	ck_assert_uint_eq(last_result(), STOPCCN_SHUTDOWN);
	ck_assert(!lns_idle(w.e));
	world_clear(&w);
	world_say(&w, L2TP_ZLB);
	world_expect_fx(&w, "TUNNEL_CLOSE",
	    line("LOG TUNNEL[1] disconnect tunnel # complete", w.tid));
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

/* Every id there is, twice over. */
START_TEST(engine_holds_65535_tunnels)
{
	struct lns_stats s;
	uint32_t i;

	world_init(&w, NULL, NULL);
	for (i = 0; i < 65535; i++) {
		w.path.peer.port = (uint16_t)i;
		world_clear(&w);
		world_tunnel_up(&w);
		world_assert(w.last[LNS_TUNNEL_OPEN].slot == i + 1);
	}
	lns_stats(w.e, &s);
	ck_assert_uint_eq(s.tunnels_established, 65535);
	w.path.peer.port = 65535;
	world_clear(&w);
	world_dial(&w);
	ck_assert_uint_eq(world_count(&w, "LOG can't find tunnel number"), 1);
	/* They all dial again with another id: each yields to itself. */
	w.peer_tid++;
	for (i = 0; i < 65535; i++) {
		w.path.peer.port = (uint16_t)i;
		world_clear(&w);
		world_tunnel_up(&w);
		world_say(&w, L2TP_STOPCCN);
	}
	lns_stats(w.e, &s);
	ck_assert_uint_eq(s.tunnels, 0);
	ck_assert_uint_eq(s.lingering, 65535);
	/* Those that only linger are in nobody's way. */
	world_clear(&w);
	world_tunnel_up(&w);
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
	ck_assert_uint_eq(w.e->tids.n_free, ID_N);
	world_fini(&w);
}
END_TEST

static TCase *
traffic(void)
{
	TCase *t = tcase_create("traffic");

	tcase_add_test(t, engine_connects_and_disconnects);
	tcase_add_test(t, engine_hello_is_answered_at_once);
	tcase_add_test(t, engine_zlb_is_never_answered);
	tcase_add_test(t, engine_retransmitted_sccrq_is_the_same_tunnel);
	tcase_add_test(t, engine_unanswered_sccrp_is_sent_5_times_more);
	tcase_add_test(t, engine_sccrp_acknowledged_without_scccn_is_given_up);
	tcase_add_test(t, engine_tunnel_without_session_is_closed_after_30_s);
	tcase_add_test(t, engine_duplicates_are_acknowledged_and_do_nothing);
	tcase_add_test(t, engine_reordered_messages_are_put_in_order);
	tcase_add_test(t, engine_messages_far_ahead_are_dropped);
	tcase_add_test(t, engine_sequence_numbers_wrap_around);
	tcase_add_loop_test(t, engine_garbage_is_counted_and_not_answered, 0,
	    (int)nitems(garbage));
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
	return t;
}

static TCase *
tunnels(void)
{
	TCase *t = tcase_create("tunnels");

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
	return t;
}

static TCase *
endings(void)
{
	TCase *t = tcase_create("endings");

	tcase_add_test(t, engine_hello_is_sent_after_silence_only);
	tcase_add_test(t, engine_no_hello_without_an_interval);
	tcase_add_test(t, engine_unanswered_hello_is_repeated_not_multiplied);
	tcase_add_test(t, engine_sign_of_life_stops_the_count);
	tcase_add_test(t, engine_end_of_a_session_does_not_wait_for_a_hello);
	tcase_add_test(t, engine_tunnel_without_a_socket_is_refused);
	tcase_add_test(t, engine_shutdown_tells_every_client);
	tcase_add_loop_test(t, engine_shutdown_waits_3_s_at_most, 0, 3);
	return t;
}

int
main(void)
{
	Suite *s = suite_create("engine");

	suite_add_tcase(s, traffic());
	suite_add_tcase(s, tunnels());
	suite_add_tcase(s, endings());
	return world_main(s);
}
