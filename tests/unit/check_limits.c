/* SPDX-License-Identifier: ISC */

/* Limits: of tunnels, sessions, half-open tunnels, requests, log lines. */

#include "../../lnsd/l2tp/limit.h"
#include "l2tp_world.h"

static struct world w;

START_TEST(limit_allows_a_burst_and_then_a_rate)
{
	struct mono now = { 1000 };
	struct limit l = { 0 };
	int i, n;

	for (i = 0; i < 5; i++)
		ck_assert(limit_take(&l, 100, 5, now));
	ck_assert(!limit_take(&l, 100, 5, now));
	now.ms += 99;
	ck_assert(!limit_take(&l, 100, 5, now));
	now.ms += 1;
	ck_assert(limit_take(&l, 100, 5, now));
	ck_assert(!limit_take(&l, 100, 5, now));
	limit_refund(&l, 100);
	ck_assert(limit_take(&l, 100, 5, now));
	/* However long nothing happens, the burst is no larger. */
	now.ms += 1000000;
	for (n = 0; limit_take(&l, 100, 5, now); n++)
		;
	ck_assert_int_eq(n, 5);
	for (i = 0; i < 10000; i++, now.ms++)
		n += limit_take(&l, 100, 5, now);
	ck_assert_int_eq(n, 5 + 99);
}
END_TEST

START_TEST(limit_of_a_host_is_its_own)
{
	static struct limit_hosts t;
	struct lns_path p = { .peer = world_addr(203, 0, 113, 1, 1) };
	struct limit *a = limit_of_host(&t, &p, 7), *b, *c;

	a->full_ms = 1000;
	p.peer.port = 2; /* does not count */
	ck_assert_ptr_eq(limit_of_host(&t, &p, 7), a);
	p.client = 1;
	b = limit_of_host(&t, &p, 7);
	ck_assert_ptr_ne(b, a);
	b->full_ms = 2000;
	p.peer.ip[3] = 9;
	c = limit_of_host(&t, &p, 7);
	ck_assert_ptr_ne(c, a);
	ck_assert_ptr_ne(c, b);
	c->full_ms = 3000;
	p.peer.family = 6;
	limit_of_host(&t, &p, 7)->full_ms = 4000;
	/* The set is full: the one whose limit is nearest to none goes. */
	p.client = 99;
	ck_assert_ptr_eq(limit_of_host(&t, &p, 7), a);
	ck_assert_int_eq(a->full_ms, 0);
	ck_assert_int_eq(b->full_ms, 2000);
}
END_TEST

static void
init(uint32_t max_tunnels, uint32_t max_half_open, uint32_t peer_tunnels,
    uint32_t max_sessions)
{
	struct lns_peer p = world_peer();
	struct lns_config c = { .hostname = "lns",
		.rws = 4,
		.max_tunnels = max_tunnels,
		.max_half_open = max_half_open };

	p.max_tunnels = peer_tunnels;
	p.max_sessions = max_sessions;
	c.peers = &p;
	c.n_peers = 1;
	world_init(&w, &c, NULL);
}

/* Another client, on a host of its own. */
static void
host(uint32_t n)
{
	w.path.peer.ip[1] = (uint8_t)(n >> 16);
	w.path.peer.ip[2] = (uint8_t)(n >> 8);
	w.path.peer.ip[3] = (uint8_t)n;
}

/* Another port of the same host. */
static void
port(uint32_t n)
{
	w.path.peer.port = (uint16_t)(1024 + n);
}

START_TEST(limits_ten_copies_of_a_request_make_one_tunnel)
{
	uint8_t buf[512];
	size_t len;
	int i;

	init(0, 0, 0, 0);
	len = world_build(&w, L2TP_SCCRQ, buf);
	for (i = 0; i < 10; i++)
		world_raw(&w, buf, len);
	ck_assert_uint_eq(world_count(&w, "TUNNEL_OPEN"), 1);
	ck_assert_uint_eq(world_stats(&w).tunnels, 1);
	ck_assert_uint_eq(world_stats(&w).rx_duplicate, 9);
	/* Nor later, when it is established. */
	w.ns = 1;
	world_say(&w, L2TP_SCCCN);
	for (i = 0; i < 10; i++)
		world_raw(&w, buf, len);
	ck_assert_uint_eq(world_count(&w, "TUNNEL_OPEN"), 1);
	ck_assert_uint_eq(world_stats(&w).tunnels_established, 1);
	world_fini(&w);
}
END_TEST

START_TEST(limits_total_of_tunnels_is_kept)
{
	init(2, 0, 0, 0);
	world_tunnel_up(&w);
	host(2);
	world_tunnel_up(&w);
	host(3);
	world_clear(&w);
	world_dial(&w);
	world_expect_fx(
	    &w, "LOG can't find tunnel number", "SEND StopCCN ns=0 nr=1");
	ck_assert_int_eq(w.levels[0], LOG_DEBUG);
	ck_assert_uint_eq(world_last_result(&w), STOPCCN_ERROR);
	ck_assert_str_eq(world_last_text(&w), "too many tunnels");
	ck_assert_uint_eq(world_stats(&w).rx_refused, 1);
	ck_assert_uint_eq(world_stats(&w).tunnels_established, 2);
	/* One of them may dial again. */
	host(2);
	w.peer_tid++;
	world_clear(&w);
	world_tunnel_up(&w);
	ck_assert_uint_eq(world_count(&w, "TUNNEL_UP"), 1);
	world_fini(&w);
}
END_TEST

START_TEST(limits_dead_half_open_tunnel_yields_to_the_same_client)
{
	/* Total, or of the peer. */
	init(_i == 0 ? 1 : 0, 0, (uint32_t)_i, 0);
	world_dial(&w);
	port(1);
	world_clear(&w);
	world_dial(&w);
	ck_assert_uint_eq(world_count(&w, "SEND StopCCN"), 1);
	world_pass(&w, 2000);
	/* Not to another one. */
	host(9);
	world_clear(&w);
	world_dial(&w);
	ck_assert_uint_eq(world_count(&w, "SEND StopCCN"), 1);
	host((113 << 8) + 1);
	world_clear(&w);
	world_dial(&w);
	ck_assert_uint_eq(world_count(&w, "TUNNEL_CLOSE"), 1);
	ck_assert_int_eq(w.last[LNS_TUNNEL_CLOSE].cause, CAUSE_REDIALLED);
	ck_assert_uint_eq(world_count(&w, "SEND SCCRP"), 1);
	ck_assert_uint_eq(world_stats(&w).tunnels, 1);
	ck_assert_uint_eq(world_stats(&w).half_open_lost, 1);
	world_fini(&w);
}
END_TEST

START_TEST(limits_oldest_half_open_tunnel_yields_at_the_limit)
{
	uint32_t i;

	init(0, 10, 0, 0);
	host(1000);
	world_tunnel_up(&w);
	for (i = 0; i < 100; i++) {
		host(i);
		world_clear(&w);
		world_dial(&w);
		ck_assert_uint_eq(world_count(&w, "SEND SCCRP"), 1);
	}
	ck_assert_uint_eq(world_stats(&w).tunnels, 11);
	ck_assert_uint_eq(world_stats(&w).tunnels_established, 1);
	ck_assert_uint_eq(world_stats(&w).half_open_lost, 90);
	/* Their clients have not dialled again. */
	ck_assert_int_eq(w.last[LNS_TUNNEL_CLOSE].cause, CAUSE_MAX_TUNNELS);
	/* The last one was quick enough. */
	world_say(&w, L2TP_SCCCN);
	ck_assert_uint_eq(world_count(&w, "TUNNEL_UP"), 1);
	world_fini(&w);
}
END_TEST

/* Those that were closed before they were established count as well: they
 * still need memory. */
START_TEST(limits_half_open_tunnels_that_ended_are_bounded)
{
	uint32_t i;

	init(0, 10, 0, 0);
	for (i = 0; i < 100; i++) {
		host(i);
		world_dial(&w);
		world_say(&w, _i == 0 ? L2TP_STOPCCN : L2TP_SCCRP);
		world_clear(&w);
	}
	ck_assert_uint_le(w.e->n_tunnels, 10);
	world_pass(&w, 2 * CHAN_CYCLE_MS);
	ck_assert_uint_eq(w.e->n_tunnels, 0);
	ck_assert_uint_eq(w.e->half_open.n, 0);
	world_fini(&w);
}
END_TEST

/* Established, and then nothing. */
START_TEST(limits_unused_tunnels_are_bounded)
{
	uint32_t i;

	init(0, 10, 0, 0);
	host(1000);
	world_session_up(&w);
	for (i = 0; i < 100; i++) {
		host(i);
		world_tunnel_up(&w);
		world_clear(&w);
	}
	ck_assert_uint_eq(
	    world_stats(&w).tunnels_established, 1 + UNUSED_TIMES * 10);
	/* The last one may still have its session. */
	world_say(&w, L2TP_ICRQ);
	world_say(&w, L2TP_ICCN);
	ck_assert_uint_eq(world_stats(&w).sessions, 2);
	world_pass(&w, 2 * (TUN_IDLE_MS + CHAN_CYCLE_MS));
	ck_assert_uint_eq(w.e->unused.n, 0);
	ck_assert_uint_eq(world_stats(&w).tunnels, 2);
	world_fini(&w);
}
END_TEST

/* A client that calls and hangs up as fast as it can. */
START_TEST(limits_log_of_calls_without_end_is_bounded)
{
	size_t lines = 0;
	int i;

	init(0, 0, 0, 0);
	world_tunnel_up(&w);
	for (i = 0; i < 1000; i++) {
		world_clear(&w);
		w.peer_sid++;
		world_say(&w, L2TP_ICRQ);
		world_say(&w, L2TP_CDN);
		lines += w.n_lines;
		w.now.ms++;
	}
	ck_assert_uint_le(lines, TUN_LOG_BURST + 1000 / TUN_LOG_EVERY_MS + 1);
	ck_assert_uint_ge(lines, TUN_LOG_BURST);
	world_fini(&w);
}
END_TEST

/* The kernel makes no more sessions than this, however often they end. */
START_TEST(limits_calls_of_a_tunnel_are_throttled)
{
	size_t opened = 0, refused = 0;
	int i;

	init(0, 0, 0, 0);
	world_tunnel_up(&w);
	for (i = 0; i < 10000; i++) {
		world_clear(&w);
		w.peer_sid++;
		world_say(&w, L2TP_ICRQ);
		opened += world_count(&w, "SESSION_OPEN");
		if (world_count(&w, "SEND CDN") != 0) {
			refused++;
			ck_assert_uint_eq(
			    world_last_result(&w), CDN_NO_RESOURCES);
			ck_assert_str_eq(world_last_text(&w), "too many calls");
		} else {
			ck_assert_uint_eq(world_count(&w, "SEND ICRP"), 1);
			world_say(&w, L2TP_CDN);
		}
		w.now.ms++;
	}
	ck_assert_uint_ge(
	    opened, TUN_CALL_BURST + 10000 / TUN_CALL_EVERY_MS - 1);
	ck_assert_uint_le(opened, TUN_CALL_BURST + 10000 / TUN_CALL_EVERY_MS);
	ck_assert_uint_eq(world_stats(&w).calls_limited, refused);
	ck_assert_uint_eq(world_stats(&w).rx_refused, refused);
	ck_assert_uint_eq(opened + refused, 10000);
	/* Another tunnel does not notice. */
	host(2);
	world_clear(&w);
	world_session_up(&w);
	ck_assert_uint_eq(world_count(&w, "PPP_START"), 1);
	world_fini(&w);
}
END_TEST

/* A client that redials every second in one tunnel, for an hour. */
START_TEST(limits_redial_each_second_is_not_throttled)
{
	int i;

	init(0, 0, 0, 0);
	world_tunnel_up(&w);
	for (i = 0; i < 3600; i++) {
		world_clear(&w);
		w.peer_sid++;
		world_say(&w, L2TP_ICRQ);
		world_say(&w, L2TP_ICCN);
		ck_assert_uint_eq(world_count(&w, "PPP_START"), 1);
		world_say(&w, L2TP_CDN);
		w.now.ms += 1000;
	}
	ck_assert_uint_eq(world_stats(&w).calls_limited, 0);
	world_fini(&w);
}
END_TEST

START_TEST(limits_default_of_half_open_tunnels_is_1000)
{
	uint32_t i;

	init(0, 0, 0, 0);
	for (i = 0; i < 1500; i++) {
		host(i);
		world_clear(&w);
		world_dial(&w);
	}
	ck_assert_uint_eq(world_stats(&w).tunnels, 1000);
	world_fini(&w);
}
END_TEST

START_TEST(limits_requests_of_one_host_are_throttled)
{
	uint32_t i, n;

	init(0, 0, 0, 0);
	host(500);
	world_tunnel_up(&w);
	host(1);
	for (i = 0; i < 20000; i++) {
		port(i);
		world_clear(&w);
		world_dial(&w);
		w.now.ms += i % 2; /* 2,000 a second */
	}
	n = world_stats(&w).tunnels;
	ck_assert_uint_ge(n, 1 + HOST_BURST + 10000 / HOST_EVERY_MS - 1);
	ck_assert_uint_le(n, 1 + HOST_BURST + 10000 / HOST_EVERY_MS + 1);
	ck_assert_uint_ge(world_stats(&w).rx_limited, 19000);
	ck_assert_uint_eq(world_stats(&w).tunnels_established, 1);
	/* Another host does not notice, nor another client behind the same
	 * NAT. */
	host(_i == 0 ? 2 : 1);
	w.path.client = _i == 0 ? 0 : 5;
	world_clear(&w);
	world_tunnel_up(&w);
	ck_assert_uint_eq(world_count(&w, "TUNNEL_UP"), 1);
	world_fini(&w);
}
END_TEST

/* A provider with one address, or a tester: whoever goes through with it may
 * have as many tunnels as fast as he likes. */
START_TEST(limits_host_that_establishes_is_not_throttled)
{
	uint32_t i;

	init(0, 0, 0, 0);
	for (i = 0; i < 3000; i++) {
		port(i);
		world_clear(&w);
		world_tunnel_up(&w);
	}
	ck_assert_uint_eq(world_stats(&w).tunnels_established, 3000);
	ck_assert_uint_eq(world_stats(&w).rx_limited, 0);
	world_fini(&w);
}
END_TEST

/* 200 phones behind a NAT, not told apart, all at once. */
START_TEST(limits_phones_that_repeat_are_all_served)
{
	uint16_t tids[200] = { 0 };
	uint32_t i, round, up = 0;

	init(0, 0, 0, 0);
	for (round = 0; round < 4; round++) {
		for (i = 0; i < 200; i++) {
			port(i);
			w.tid = tids[i];
			world_clear(&w);
			if (tids[i] == 0)
				world_dial(&w);
			tids[i] = w.tid;
		}
		w.now.ms += 100; /* a round trip later */
		for (i = 0; i < 200; i++) {
			if (tids[i] == 0 || tids[i] == UINT16_MAX)
				continue;
			port(i);
			w.tid = tids[i];
			w.ns = 1;
			w.nr = 1;
			world_clear(&w);
			world_say(&w, L2TP_SCCCN);
			up += world_count(&w, "TUNNEL_UP") != 0;
		}
		w.now.ms += 900;
	}
	ck_assert_uint_eq(up, 200);
	world_fini(&w);
}
END_TEST

START_TEST(limits_refusals_to_one_host_are_throttled)
{
	uint8_t buf[512];
	size_t len, sent = 0;
	int i;

	/* SCCRQ with a wrong version. */
	init(0, 0, 0, 0);
	len = world_build(&w, L2TP_SCCRQ, buf);
	buf[26] = 9;
	for (i = 0; i < 2000; i++) {
		world_clear(&w);
		world_raw(&w, buf, len);
		sent += w.n_sent;
	}
	ck_assert_uint_eq(sent, HOST_BURST);
	ck_assert_uint_eq(world_stats(&w).rx_refused, HOST_BURST);
	ck_assert_uint_eq(world_stats(&w).rx_limited, 2000 - HOST_BURST);
	world_fini(&w);
}
END_TEST

START_TEST(limits_sessions_of_a_peer_are_kept)
{
	init(0, 0, 0, 2);
	world_session_up(&w);
	host(2);
	world_session_up(&w);
	host(3);
	world_tunnel_up(&w);
	world_clear(&w);
	world_say(&w, L2TP_ICRQ);
	world_expect_fx(
	    &w, "LOG can't find valid pp interface", "SEND CDN ns=1 nr=3");
	ck_assert_int_eq(w.levels[0], LOG_DEBUG);
	ck_assert_uint_eq(world_last_result(&w), CDN_NO_RESOURCES);
	ck_assert_str_eq(world_last_text(&w), "too many sessions");
	ck_assert_uint_eq(world_stats(&w).sessions, 2);
	world_fini(&w);
}
END_TEST

START_TEST(limits_session_that_ends_makes_room)
{
	int i;

	init(0, 0, 0, 1);
	world_tunnel_up(&w);
	for (i = 0; i < 5; i++) {
		world_clear(&w);
		world_say(&w, L2TP_ICRQ);
		ck_assert_uint_eq(world_count(&w, "SEND ICRP"), 1);
		world_say(&w, L2TP_ICCN);
		if (i == 3) {
			world_say(&w, L2TP_STOPCCN);
			world_tunnel_up(&w);
			continue;
		}
		world_say(&w, L2TP_CDN);
		w.peer_sid++;
	}
	world_fini(&w);
}
END_TEST

static size_t
lines_of_a_second(void)
{
	size_t lines = 0;
	uint32_t i;

	for (i = 0; i < 2000; i++) {
		host(i + 5000);
		world_clear(&w);
		world_dial(&w);
		lines += w.n_lines;
		w.now.ms += i % 2;
	}
	return lines;
}

START_TEST(limits_log_of_a_flood_is_bounded)
{
	size_t lines;

	init(0, 100, 0, 0);
	lines = lines_of_a_second();
	ck_assert_uint_ge(lines, ENV_LOG_BURST);
	ck_assert_uint_le(lines, 2 * (ENV_LOG_BURST + 1000 / ENV_LOG_EVERY_MS));
	ck_assert_uint_ge(world_stats(&w).log_suppressed, 1000);
	/* Whoever establishes a tunnel meanwhile has all his lines. */
	host(77777);
	world_clear(&w);
	world_session_up(&w);
	ck_assert_uint_eq(world_count(&w, "LOG TUNNEL["), 3);
	world_clear(&w);
	world_say(&w, L2TP_STOPCCN);
	ck_assert_uint_eq(world_count(&w, "LOG TUNNEL["), 2);
	world_fini(&w);
}
END_TEST

START_TEST(limits_suppressed_lines_are_counted_in_one)
{
	unsigned n = 0;

	init(0, 100, 0, 0);
	(void)lines_of_a_second();
	w.now.ms += 10000;
	host(88888);
	world_clear(&w);
	world_dial(&w);
	ck_assert_int_eq(sscanf(w.lines[0], "%u lines suppressed", &n), 1);
	ck_assert_uint_ge(n, 10);
	ck_assert_uint_eq(world_count(&w, "LOG TUNNEL["), 1);
	world_fini(&w);
}
END_TEST

/* 4.4.3: we never dial, so that there is no collision to decide. */
START_TEST(limits_tie_breaker_is_accepted)
{
	static const uint8_t tie[8] = { 0 };
	uint8_t buf[1500];
	struct wbuf b;
	int i;

	init(0, 0, 0, 0);
	for (i = 0; i < 2; i++) {
		port((uint32_t)i);
		w.ns = w.nr = 0;
		world_clear(&w);
		world_start(&w, &b, buf, L2TP_SCCRQ, true);
		avp_put(&b, AVP_TIE_BREAKER, tie, sizeof(tie));
		world_finish(&w, &b);
		ck_assert_uint_eq(world_count(&w, "SEND SCCRP"), 1);
	}
	ck_assert_uint_eq(world_stats(&w).tunnels, 2);
	world_fini(&w);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("limits");
	TCase *t = tcase_create("limits");

	tcase_add_test(t, limit_allows_a_burst_and_then_a_rate);
	tcase_add_test(t, limit_of_a_host_is_its_own);
	tcase_add_test(t, limits_ten_copies_of_a_request_make_one_tunnel);
	tcase_add_test(t, limits_total_of_tunnels_is_kept);
	tcase_add_loop_test(
	    t, limits_dead_half_open_tunnel_yields_to_the_same_client, 0, 2);
	tcase_add_test(t, limits_oldest_half_open_tunnel_yields_at_the_limit);
	tcase_add_loop_test(
	    t, limits_half_open_tunnels_that_ended_are_bounded, 0, 2);
	tcase_add_test(t, limits_unused_tunnels_are_bounded);
	tcase_add_test(t, limits_log_of_calls_without_end_is_bounded);
	tcase_add_test(t, limits_calls_of_a_tunnel_are_throttled);
	tcase_add_test(t, limits_redial_each_second_is_not_throttled);
	tcase_add_test(t, limits_default_of_half_open_tunnels_is_1000);
	tcase_add_loop_test(t, limits_requests_of_one_host_are_throttled, 0, 2);
	tcase_add_test(t, limits_host_that_establishes_is_not_throttled);
	tcase_add_test(t, limits_phones_that_repeat_are_all_served);
	tcase_add_test(t, limits_refusals_to_one_host_are_throttled);
	tcase_add_test(t, limits_sessions_of_a_peer_are_kept);
	tcase_add_test(t, limits_session_that_ends_makes_room);
	tcase_add_test(t, limits_log_of_a_flood_is_bounded);
	tcase_add_test(t, limits_suppressed_lines_are_counted_in_one);
	tcase_add_test(t, limits_tie_breaker_is_accepted);
	suite_add_tcase(s, t);
	return world_main(s);
}
