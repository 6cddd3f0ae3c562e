/* SPDX-License-Identifier: ISC */

/* A client that the IPsec layer tells apart has dialled again, from another
 * port; or its SA is gone. */

#include "l2tp_world.h"

#define CLIENT 9
#define PROBE_MS (TUN_PROBES * TUN_PROBE_MS)

static struct world w;

/* The first tunnel stands; old is what its client knows of it. */
static struct world old;

static void
init(uint32_t interval_s, uint32_t max_tunnels, uint32_t max_sessions)
{
	struct lns_peer p = world_peer();

	p.keepalive_interval_s = interval_s;
	p.keepalive_count = 6;
	p.max_tunnels = max_tunnels;
	p.max_sessions = max_sessions;
	world_init(&w, NULL, &p);
	w.path.client = CLIENT;
	world_session_up(&w);
	old = w;
	world_clear(&w);
}

/* The client, from the next port. */
static void
dial_from_another_port(void)
{
	w.path.peer.port++;
	w.peer_tid++;
	world_dial(&w);
}

/* The old tunnel's client says something. */
static void
old_says(enum l2tp_type type)
{
	struct world new = w;

	w.path = old.path;
	w.tid = old.tid;
	w.ns = old.ns;
	w.nr = 3; /* ICRP, and the HELLO */
	world_say(&w, type);
	new.now = w.now;
	w.path = new.path;
	w.tid = new.tid;
	w.ns = new.ns;
	w.nr = new.nr;
}

static void
expect_old_is_gone(const char *cause)
{
	ck_assert_uint_eq(world_count(&w, "PPP_STOP"), 1);
	ck_assert_str_eq(w.last[LNS_PPP_STOP].text, cause);
	ck_assert_uint_eq(w.last[LNS_PPP_STOP].tid, old.tid);
	ck_assert_uint_eq(world_count(&w, "SESSION_CLOSE"), 1);
	ck_assert_uint_eq(world_count(&w, "TUNNEL_CLOSE"), 1);
	ck_assert_uint_eq(w.last[LNS_TUNNEL_CLOSE].tid, old.tid);
	ck_assert_uint_eq(world_count(&w, "SEND StopCCN"), 0);
}

START_TEST(redial_from_another_port_is_served_and_the_dead_tunnel_goes)
{
	init(_i == 0 ? 0 : 10, 0, 0);
	dial_from_another_port();
	world_expect_fx(&w, "SEND HELLO ns=2 nr=4",
	    "LOG TUNNEL[2] connected from 203.0.113.1", "TUNNEL_OPEN",
	    "SEND SCCRP ns=0 nr=1");
	world_say(&w, L2TP_SCCCN);
	world_say(&w, L2TP_ICRQ);
	world_say(&w, L2TP_ICCN);
	ck_assert_uint_eq(world_stats(&w).sessions, 2);
	world_pass(&w, PROBE_MS - 1);
	ck_assert_uint_eq(world_count(&w, "SEND HELLO"), TUN_PROBES);
	ck_assert_uint_eq(world_count(&w, "TUNNEL_CLOSE"), 0);
	world_pass(&w, 1);
	expect_old_is_gone("the peer dialled again");
	ck_assert_uint_eq(world_stats(&w).sessions, 1);
	ck_assert_uint_eq(world_stats(&w).tunnels, 1);
	world_fini(&w);
}
END_TEST

/* A PC with two L2TP programs. */
START_TEST(redial_leaves_a_tunnel_that_answers)
{
	init(_i == 0 ? 0 : 3600, 0, 0);
	dial_from_another_port();
	world_say(&w, L2TP_SCCCN);
	world_say(&w, L2TP_ICRQ);
	world_say(&w, L2TP_ICCN);
	world_pass(&w, PROBE_MS - 1);
	ck_assert_uint_eq(world_count(&w, "SEND HELLO"), TUN_PROBES);
	old_says(L2TP_ZLB);
	world_clear(&w);
	world_pass(&w, 10 * PROBE_MS);
	world_expect_silence(&w);
	ck_assert_uint_eq(world_stats(&w).sessions, 2);
	world_fini(&w);
}
END_TEST

/* A phone that does not answer HELLO, but sends. */
START_TEST(redial_leaves_a_tunnel_with_data)
{
	init(0, 0, 0);
	w.tells = true;
	w.rx_packets = 100; /* long ago */
	dial_from_another_port();
	ck_assert_uint_eq(w.n_asked, 1);
	world_say(&w, L2TP_SCCCN);
	world_pass(&w, 1500);
	ck_assert_uint_eq(w.n_asked, 2);
	if (_i == 0)
		w.rx_packets++;
	world_pass(&w, PROBE_MS);
	if (_i == 0) {
		ck_assert_uint_eq(world_count(&w, "TUNNEL_CLOSE"), 0);
		ck_assert_uint_eq(world_stats(&w).sessions, 1);
	} else {
		/* What had come before proves nothing. */
		expect_old_is_gone("the peer dialled again");
	}
	world_fini(&w);
}
END_TEST

/* Something is underway in the old tunnel, so that no HELLO can be sent. */
START_TEST(redial_is_noticed_by_what_is_not_acknowledged)
{
	world_init(&w, NULL, NULL);
	w.path.client = CLIENT;
	world_tunnel_up(&w);
	world_say(&w, L2TP_ICRQ); /* ICRP is not acknowledged */
	old = w;
	world_clear(&w);
	dial_from_another_port();
	ck_assert_uint_eq(world_count(&w, "SEND HELLO"), 0);
	world_pass(&w, PROBE_MS - 1);
	ck_assert_uint_eq(world_count(&w, "TUNNEL_CLOSE"), 0);
	world_pass(&w, 1);
	ck_assert_uint_eq(world_count(&w, "TUNNEL_CLOSE"), 1);
	ck_assert_uint_eq(w.last[LNS_TUNNEL_CLOSE].tid, old.tid);
	world_fini(&w);
}
END_TEST

START_TEST(redial_of_another_client_asks_nobody)
{
	init(0, 0, 0);
	/* Another behind the same NAT; one that is not told; another address.
	 */
	if (_i == 0)
		w.path.client++;
	if (_i == 1)
		w.path.client = 0;
	if (_i == 2)
		w.path.peer.ip[3]++;
	dial_from_another_port();
	ck_assert_uint_eq(world_count(&w, "SEND HELLO"), 0);
	world_pass(&w, 2 * PROBE_MS);
	ck_assert_uint_eq(world_stats(&w).sessions, 1);
	world_fini(&w);
}
END_TEST

START_TEST(redial_where_clients_are_not_told_asks_nobody)
{
	world_init(&w, NULL, NULL);
	world_session_up(&w);
	world_clear(&w);
	dial_from_another_port();
	ck_assert_uint_eq(world_count(&w, "SEND HELLO"), 0);
	world_fini(&w);
}
END_TEST

/* No time to wait for a proof: the tunnel that was silent longest goes. */
START_TEST(redial_at_a_limit_ends_the_old_tunnel_at_once)
{
	init(0, _i == 0 ? 2 : 0, _i == 0 ? 0 : 2);
	w.now = mono_add_ms(w.now, 1000);
	w.path.peer.port++;
	w.peer_tid++;
	world_session_up(&w);
	old_says(L2TP_ZLB); /* lives, but less long than: */
	w.now = mono_add_ms(w.now, 1000);
	world_say(&w, L2TP_HELLO);
	world_clear(&w);
	dial_from_another_port();
	expect_old_is_gone("the peer dialled again");
	ck_assert_uint_eq(world_count(&w, "SEND SCCRP"), 1);
	world_say(&w, L2TP_SCCCN);
	world_say(&w, L2TP_ICRQ);
	ck_assert_uint_eq(world_count(&w, "SEND ICRP"), 1);
	ck_assert_uint_eq(world_stats(&w).sessions, 2);
	/* Another client gets no place by that. */
	w.path.client++;
	world_clear(&w);
	dial_from_another_port();
	world_say(&w, L2TP_SCCCN);
	world_say(&w, L2TP_ICRQ);
	ck_assert_uint_eq(world_count(&w, "TUNNEL_CLOSE"), 0);
	ck_assert_uint_eq(
	    world_count(&w, _i == 0 ? "SEND StopCCN" : "SEND CDN"), 1);
	world_fini(&w);
}
END_TEST

/* However many tunnels a client has, one of its requests asks few of them. */
START_TEST(redial_asks_a_bounded_number)
{
	uint16_t tids[3 * PROBES_MAX];
	int i, k;

	init(0, 0, 0);
	for (i = 0; i < 3 * PROBES_MAX; i++) {
		w.path.peer.port++;
		w.peer_tid++;
		world_session_up(&w);
		tids[i] = w.tid;
		/* All live: they send data. */
		for (k = 0; k <= i; k++) {
			lns_traffic(w.e, tids[k], (uint64_t)(2 * i), 0, w.now);
			lns_traffic(
			    w.e, tids[k], (uint64_t)(2 * i + 1), 0, w.now);
		}
		world_clear(&w);
	}
	dial_from_another_port();
	ck_assert_uint_eq(world_count(&w, "SEND HELLO"), PROBES_MAX);
	world_fini(&w);
}
END_TEST

START_TEST(gone_client_has_no_tunnel_left_and_hears_nothing)
{
	uint16_t tid;

	init(10, 0, 0);
	dial_from_another_port(); /* half-open */
	dial_from_another_port();
	world_say(&w, L2TP_SCCCN); /* without a session */
	dial_from_another_port();
	world_say(&w, L2TP_SCCRP); /* closing */
	w.path.client++;
	w.path.peer.port++;
	w.peer_tid++;
	world_session_up(&w);
	tid = w.tid;
	ck_assert_uint_eq(world_stats(&w).tunnels, 5);
	world_clear(&w);
	w.path.peer.port = 0; /* does not count */
	lns_client_gone(w.e, &w.path.peer, 0, w.now);
	lns_client_gone(w.e, &w.path.peer, 77, w.now);
	world_drain(&w);
	world_expect_silence(&w);
	lns_client_gone(w.e, &w.path.peer, CLIENT, w.now);
	world_drain(&w);
	ck_assert_uint_eq(w.n_sent, 0);
	ck_assert_uint_eq(world_count(&w, "TUNNEL_CLOSE"), 4);
	ck_assert_uint_eq(world_count(&w, "PPP_STOP"), 1);
	ck_assert_uint_eq(w.last[LNS_PPP_STOP].tid, old.tid);
	ck_assert_str_eq(
	    w.last[LNS_PPP_STOP].text, "the client's IPsec SA is gone");
	ck_assert_uint_eq(
	    world_count(
		&w, world_line(
			"LOG TUNNEL[1] disconnect tunnel # complete", old.tid)),
	    1);
	ck_assert_uint_eq(world_stats(&w).tunnels, 1);
	ck_assert_uint_eq(world_stats(&w).lingering, 0);
	ck_assert_uint_eq(w.e->n_tunnels, 1);
	ck_assert_ptr_nonnull(w.e->by_tid[tid]);
	/* And what is retransmitted for 31 s otherwise is not. */
	world_clear(&w);
	world_pass(&w, 9000);
	ck_assert_uint_eq(w.n_sent, 0);
	world_fini(&w);
}
END_TEST

/* INITIAL-CONTACT: another SA, the same address and port. */
START_TEST(gone_client_dials_again_with_a_new_sa)
{
	init(0, 1, 0);
	lns_client_gone(w.e, &w.path.peer, CLIENT, w.now);
	world_drain(&w);
	expect_old_is_gone("the client's IPsec SA is gone");
	world_clear(&w);
	w.path.client++;
	world_session_up(&w);
	ck_assert_uint_eq(world_count(&w, "PPP_START"), 1);
	ck_assert_uint_eq(w.last[LNS_TUNNEL_OPEN].slot, 1);
	ck_assert_uint_eq(world_stats(&w).tunnels, 1);
	world_fini(&w);
}
END_TEST

/* The index holds no tunnel that has ended, in whatever order they do. */
START_TEST(gone_tunnels_are_not_found)
{
	struct world t[8];
	int i, k;

	init(0, 0, 0);
	t[0] = old;
	for (i = 1; i < 8; i++) {
		w.path.peer.port++;
		w.peer_tid++;
		world_session_up(&w);
		world_clear(&w);
		t[i] = w;
	}
	for (i = 0; i < 8; i++) {
		k = (i * 5 + _i) % 8;
		w.path = t[k].path;
		w.tid = t[k].tid;
		w.ns = t[k].ns;
		world_say(&w, L2TP_STOPCCN);
		ck_assert_uint_eq(world_stats(&w).tunnels, 7u - (unsigned)i);
	}
	for (i = 0; i < PEER_BUCKETS; i++)
		world_assert(w.e->by_client[i] == NULL);
	world_clear(&w);
	lns_client_gone(w.e, &w.path.peer, CLIENT, w.now);
	world_drain(&w);
	world_expect_silence(&w);
	world_fini(&w);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("redial");
	TCase *t = tcase_create("redial");

	tcase_add_loop_test(t,
	    redial_from_another_port_is_served_and_the_dead_tunnel_goes, 0, 2);
	tcase_add_loop_test(t, redial_leaves_a_tunnel_that_answers, 0, 2);
	tcase_add_loop_test(t, redial_leaves_a_tunnel_with_data, 0, 2);
	tcase_add_test(t, redial_is_noticed_by_what_is_not_acknowledged);
	tcase_add_loop_test(t, redial_of_another_client_asks_nobody, 0, 3);
	tcase_add_test(t, redial_where_clients_are_not_told_asks_nobody);
	tcase_add_loop_test(
	    t, redial_at_a_limit_ends_the_old_tunnel_at_once, 0, 2);
	tcase_add_test(t, redial_asks_a_bounded_number);
	tcase_add_test(t, gone_client_has_no_tunnel_left_and_hears_nothing);
	tcase_add_test(t, gone_client_dials_again_with_a_new_sa);
	tcase_add_loop_test(t, gone_tunnels_are_not_found, 0, 8);
	suite_add_tcase(s, t);
	return world_main(s);
}
