/* SPDX-License-Identifier: ISC */

/* Datagrams that no honest peer sends: silence or an answer as decided, a
 * count, and nothing else changes. */

#include "l2tp_world.h"

static struct world w;
static uint8_t big[65507]; /* what UDP over IPv4 can carry */

static void
expect_unharmed(void)
{
	ck_assert_uint_eq(world_stats(&w).tunnels_established, 1);
	ck_assert_uint_eq(world_stats(&w).sessions, 1);
	world_clear(&w);
	world_say(&w, L2TP_HELLO);
	ck_assert_uint_eq(world_count(&w, "SEND ZLB"), 1);
}

static void
begin(void)
{
	world_init(&w, NULL, NULL);
	world_session_up(&w);
	world_clear(&w);
}

/* All 4096 settings of the bits that are not the version, on a HELLO in
 * sequence: only what RFC 2661 3.1 asks of a control message is one. */
START_TEST(hostile_header_bits_in_every_combination)
{
	uint8_t buf[512];
	uint16_t bits;
	size_t len;
	bool good;

	for (bits = 0; bits < 4096; bits++) {
		begin();
		len = world_build(&w, L2TP_HELLO, buf);
		buf[0] = (uint8_t)(bits >> 4);
		buf[1] = (uint8_t)(bits << 4 | L2TP_VERSION);
		good = (buf[0] & 0xcb) == 0xc8;
		world_raw(&w, buf, len);
		world_assert(w.n_sent == good);
		world_assert(
		    world_stats(&w).rx_malformed + world_stats(&w).rx_unknown ==
		    !good);
		world_assert(world_stats(&w).sessions == 1);
		world_fini(&w);
	}
}
END_TEST

START_TEST(hostile_length_field_of_every_value)
{
	uint8_t buf[512];
	size_t len;
	uint32_t v;

	for (v = 0; v < 65536; v += v < 64 ? 1 : 37) {
		begin();
		len = world_build(&w, L2TP_HELLO, buf);
		buf[2] = (uint8_t)(v >> 8);
		buf[3] = (uint8_t)v;
		world_raw(&w, buf, len);
		/* Shorter: a ZLB, or an AVP that is cut; the latter ends the
		 * tunnel.  Longer than the datagram: nothing. */
		if (v < 12 || v > len) {
			world_expect_silence(&w);
			world_assert(world_stats(&w).rx_malformed == 1);
		} else if (v == 12) {
			world_expect_silence(&w);
			world_assert(world_stats(&w).sessions == 1);
		} else {
			world_assert(w.n_sent == 1);
			world_assert(
			    (world_stats(&w).sessions == 1) == (v == len));
		}
		world_fini(&w);
	}
}
END_TEST

START_TEST(hostile_datagrams_of_65_kb_do_no_harm)
{
	struct l2tp_hdr h;
	struct wbuf b;
	size_t i;

	begin();
	/* Zeros, ones, and a header in front of either. */
	for (i = 0; i < 4; i++) {
		memset(big, i % 2 ? 0xff : 0, sizeof(big));
		if (i >= 2) {
			wbuf_init(&b, big, sizeof(big));
			h = (struct l2tp_hdr){
				.tid = i == 2 ? 0 : (uint16_t)(w.tid + 1)
			};
			hdr_put(&b, &h);
			big[2] = (uint8_t)(sizeof(big) >> 8);
			big[3] = (uint8_t)sizeof(big);
		}
		world_raw(&w, big, sizeof(big));
	}
	ck_assert_uint_eq(w.n_sent, 0);
	expect_unharmed();
	world_fini(&w);
}
END_TEST

/* As many AVPs as there is room for, which are not known and not mandatory. */
START_TEST(hostile_hello_with_thousands_of_avps_is_a_hello)
{
	struct l2tp_hdr h;
	struct wbuf b;

	begin();
	wbuf_init(&b, big, _i == 0 ? 12 + 8 + 1000 * 6 : sizeof(big));
	h = (struct l2tp_hdr){ .tid = w.tid, .ns = w.ns, .nr = w.nr };
	hdr_put(&b, &h);
	avp_put_u16(&b, AVP_MESSAGE_TYPE, L2TP_HELLO);
	while (b.cap - b.len >= 6)
		wbuf_bytes(&b, "\x00\x06\x00\x09\x00\x01", 6);
	hdr_finish(&b);
	ck_assert(wbuf_ok(&b));
	world_raw(&w, big, b.len);
	w.ns++;
	world_expect_fx(&w, "SEND ZLB ns=2 nr=5");
	expect_unharmed();
	world_fini(&w);
}
END_TEST

/* Too large to be kept until its turn: it is dropped, and comes again. */
START_TEST(hostile_early_datagrams_of_65_kb_are_not_kept)
{
	struct lns_config c = { .hostname = "lns", .rws = 8 };
	struct l2tp_hdr h;
	struct wbuf b;
	uint16_t i;

	world_init(&w, &c, NULL);
	world_session_up(&w);
	world_clear(&w);
	for (i = 1; i < 8; i++) {
		wbuf_init(&b, big, sizeof(big));
		h = (struct l2tp_hdr){
			.tid = w.tid, .ns = (uint16_t)(w.ns + i), .nr = w.nr
		};
		hdr_put(&b, &h);
		avp_put_u16(&b, AVP_MESSAGE_TYPE, L2TP_HELLO);
		b.len = sizeof(big);
		hdr_finish(&b);
		world_raw(&w, big, b.len);
	}
	ck_assert_uint_eq(w.e->by_tid[w.tid]->chan.n_early, 0);
	ck_assert_uint_eq(w.n_sent, 0);
	expect_unharmed();
	world_fini(&w);
}
END_TEST

START_TEST(hostile_data_before_iccn_is_counted_and_silent)
{
	static const uint8_t lcp[] = { 0x00, 0x02, 0, 1, 0, 2, 0xff, 0x03, 0xc0,
		0x21, 1, 1, 0, 4 };
	int i;

	world_init(&w, NULL, NULL);
	world_tunnel_up(&w);
	world_say(&w, L2TP_ICRQ);
	world_clear(&w);
	for (i = 0; i < 10; i++)
		world_raw(&w, lcp, sizeof(lcp));
	world_expect_silence(&w);
	ck_assert_uint_eq(world_stats(&w).rx_unknown, 10);
	world_say(&w, L2TP_ICCN);
	ck_assert_uint_eq(world_count(&w, "PPP_START"), 1);
	world_fini(&w);
}
END_TEST

/* The whole conversation once more, and backwards. */
START_TEST(hostile_replay_of_a_whole_call_changes_nothing)
{
	static const enum l2tp_type said[] = { L2TP_SCCCN, L2TP_ICRQ,
		L2TP_ICCN };
	uint8_t msgs[nitems(said)][512], sccrq[512];
	size_t lens[nitems(said)], len, i;
	int round;

	world_init(&w, NULL, NULL);
	len = world_build(&w, L2TP_SCCRQ, sccrq);
	world_say(&w, L2TP_SCCRQ);
	for (i = 0; i < nitems(said); i++) {
		lens[i] = world_build(&w, said[i], msgs[i]);
		world_say(&w, said[i]);
	}
	world_clear(&w);
	for (round = 0; round < 5; round++) {
		world_raw(&w, sccrq, len);
		for (i = 0; i < nitems(said); i++)
			world_raw(&w, msgs[i], lens[i]);
		for (i = nitems(said); i-- > 0;)
			world_raw(&w, msgs[i], lens[i]);
	}
	/* Each is acknowledged again, and that is all. */
	ck_assert_uint_eq(w.n_sent, 5 * (1 + 2 * nitems(said)));
	ck_assert_uint_eq(world_count(&w, "SEND ZLB ns=2 nr=4"), w.n_fx);
	ck_assert_uint_eq(world_stats(&w).rx_duplicate, w.n_sent);
	expect_unharmed();
	world_fini(&w);
}
END_TEST

/* From another address, with every tunnel id there is. */
START_TEST(hostile_guesses_of_a_tunnel_id_are_counted_and_silent)
{
	struct lns_path own;
	uint8_t buf[512];
	uint32_t tid;
	size_t len;

	begin();
	own = w.path;
	w.path.peer = world_addr(198, 51, 100, 9, 1701);
	len = world_build(&w, L2TP_STOPCCN, buf);
	for (tid = 1; tid < 65536; tid++) {
		buf[4] = (uint8_t)(tid >> 8);
		buf[5] = (uint8_t)tid;
		world_raw(&w, buf, len);
	}
	world_expect_silence(&w);
	ck_assert_uint_eq(world_stats(&w).rx_unknown, 65535);
	w.path = own;
	expect_unharmed();
	world_fini(&w);
}
END_TEST

START_TEST(hostile_ns_of_every_value_is_in_turn_or_dropped)
{
	uint8_t buf[512];
	size_t len;
	uint32_t ns;

	begin();
	len = world_build(&w, L2TP_HELLO, buf);
	for (ns = 0; ns < 65536; ns++) {
		if (ns == w.ns)
			continue;
		buf[8] = (uint8_t)(ns >> 8);
		buf[9] = (uint8_t)ns;
		world_clear(&w);
		world_raw(&w, buf, len);
		world_assert(w.n_sent == ((uint16_t)(ns - w.ns) >= 0x8000));
	}
	/* Our window is 1: nothing early is kept. */
	ck_assert_uint_eq(world_stats(&w).rx_unknown, 32767);
	ck_assert_uint_eq(world_stats(&w).rx_duplicate, 32768);
	expect_unharmed();
	world_fini(&w);
}
END_TEST

START_TEST(hostile_nr_of_every_value_acknowledges_nothing_unsent)
{
	uint8_t buf[512];
	size_t len;
	uint32_t nr;

	world_init(&w, NULL, NULL);
	world_dial(&w); /* SCCRP 0 waits */
	len = world_build(&w, L2TP_ZLB, buf);
	for (nr = 2; nr < 65536; nr++) {
		buf[10] = (uint8_t)(nr >> 8);
		buf[11] = (uint8_t)nr;
		world_raw(&w, buf, len);
	}
	ck_assert(!chan_is_empty(&w.e->by_tid[w.tid]->chan));
	world_clear(&w);
	world_pass(&w, 1000);
	world_expect_fx(&w, "SEND SCCRP ns=0 nr=1");
	world_fini(&w);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("hostile");
	TCase *t = tcase_create("hostile");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, hostile_header_bits_in_every_combination);
	tcase_add_test(t, hostile_length_field_of_every_value);
	tcase_add_test(t, hostile_datagrams_of_65_kb_do_no_harm);
	tcase_add_loop_test(
	    t, hostile_hello_with_thousands_of_avps_is_a_hello, 0, 2);
	tcase_add_test(t, hostile_early_datagrams_of_65_kb_are_not_kept);
	tcase_add_test(t, hostile_data_before_iccn_is_counted_and_silent);
	tcase_add_test(t, hostile_replay_of_a_whole_call_changes_nothing);
	tcase_add_test(
	    t, hostile_guesses_of_a_tunnel_id_are_counted_and_silent);
	tcase_add_test(t, hostile_ns_of_every_value_is_in_turn_or_dropped);
	tcase_add_test(
	    t, hostile_nr_of_every_value_acknowledges_nothing_unsent);
	suite_add_tcase(s, t);
	return world_main(s);
}
