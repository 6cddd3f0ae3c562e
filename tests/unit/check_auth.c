/* SPDX-License-Identifier: ISC */

/* Tunnel authentication and hidden AVPs, as a client sees them. */

#include "../../lnsd/l2tp/hide.h"
#include "l2tp_world.h"

#define SECRET "open sesame"

static struct world w;
static const uint8_t ours[20] = "challenge of 20 oct";

static void
init(const char *secret, bool challenge, bool hide, bool trace)
{
	struct lns_peer p = world_peer();
	struct lns_config c = { .hostname = "lns", .trace = trace };

	snprintf(p.secret, sizeof(p.secret), "%s", secret);
	p.challenge = challenge;
	p.hide = hide;
	c.peers = &p;
	c.n_peers = 1;
	world_init(&w, &c, NULL);
}

static void
dial_with_challenge(size_t len)
{
	uint8_t buf[1500];
	struct wbuf b;

	world_start(&w, &b, buf, L2TP_SCCRQ, true);
	avp_put(&b, AVP_CHALLENGE, ours, len);
	world_finish(&w, &b);
}

/* SCCCN with the response to the challenge in the last SCCRP; flip: the bit
 * of it that is wrong, or -1; len octets of it. */
static void
connect_with_response(const char *secret, int flip, size_t len)
{
	struct l2tp_msg m = world_last(&w);
	const struct l2tp_field *f = &m.avp[AVP_CHALLENGE];
	uint8_t buf[1500], response[HIDE_MD5_LEN + 1] = { 0 };
	struct wbuf b;

	ck_assert_uint_eq(m.type, L2TP_SCCRP);
	ck_assert(msg_has(&m, AVP_CHALLENGE));
	ck_assert_uint_eq(f->len, HIDE_VECTOR_LEN);
	ck_assert_int_eq(hide_response(L2TP_SCCCN, secret,
			     rbuf_of(f->data, f->len), response),
	    0);
	if (flip >= 0)
		response[flip / 8] ^= (uint8_t)(1u << flip % 8);
	world_start(&w, &b, buf, L2TP_SCCCN, true);
	avp_put(&b, AVP_CHALLENGE_RESPONSE, response, len);
	world_clear(&w);
	world_finish(&w, &b);
}

static void
expect_refused(void)
{
	ck_assert_uint_eq(
	    world_count(
		&w, world_line("LOG authentication error tunnel #", w.tid)),
	    1);
	ck_assert_uint_eq(world_count(&w, "TUNNEL_UP"), 0);
	ck_assert_uint_eq(world_count(&w, "SEND StopCCN"), 1);
	ck_assert_uint_eq(world_last_result(&w), STOPCCN_UNAUTHORIZED);
	world_say(&w, L2TP_ZLB);
	ck_assert_uint_eq(world_count(&w, "TUNNEL_CLOSE"), 1);
	ck_assert(lns_idle(w.e));
}

START_TEST(auth_challenge_of_the_client_is_answered)
{
	uint8_t want[HIDE_MD5_LEN];
	struct l2tp_msg m;

	init(SECRET, false, false, false);
	dial_with_challenge(sizeof(ours));
	m = world_last(&w);
	ck_assert_uint_eq(m.type, L2TP_SCCRP);
	ck_assert(!msg_has(&m, AVP_CHALLENGE));
	ck_assert(!msg_has(&m, AVP_RANDOM_VECTOR));
	ck_assert(msg_has(&m, AVP_CHALLENGE_RESPONSE));
	ck_assert_int_eq(hide_response(L2TP_SCCRP, SECRET,
			     rbuf_of(ours, sizeof(ours)), want),
	    0);
	ck_assert_mem_eq(
	    m.avp[AVP_CHALLENGE_RESPONSE].data, want, sizeof(want));
	world_say(&w, L2TP_SCCCN);
	ck_assert_uint_eq(world_count(&w, "TUNNEL_UP"), 1);
	world_fini(&w);
}
END_TEST

START_TEST(auth_client_without_a_challenge_gets_no_response)
{
	struct l2tp_msg m;

	init(SECRET, false, false, false);
	world_dial(&w);
	m = world_last(&w);
	ck_assert(!msg_has(&m, AVP_CHALLENGE_RESPONSE));
	world_fini(&w);
}
END_TEST

START_TEST(auth_client_that_knows_the_secret_enters)
{
	init(SECRET, true, false, false);
	dial_with_challenge(1);
	connect_with_response(SECRET, -1, HIDE_MD5_LEN);
	ck_assert_uint_eq(world_count(&w, "TUNNEL_UP"), 1);
	ck_assert_uint_eq(world_stats(&w).tunnels_established, 1);
	world_fini(&w);
}
END_TEST

START_TEST(auth_challenge_differs_each_time)
{
	uint8_t first[HIDE_VECTOR_LEN];
	struct l2tp_msg m;

	init(SECRET, true, false, false);
	world_dial(&w);
	m = world_last(&w);
	memcpy(first, m.avp[AVP_CHALLENGE].data, sizeof(first));
	w.peer_tid++;
	world_dial(&w);
	m = world_last(&w);
	ck_assert_mem_ne(first, m.avp[AVP_CHALLENGE].data, sizeof(first));
	world_fini(&w);
}
END_TEST

START_TEST(auth_response_with_any_bit_wrong_is_refused)
{
	init(SECRET, true, false, false);
	world_dial(&w);
	connect_with_response(SECRET, _i, HIDE_MD5_LEN);
	expect_refused();
	world_fini(&w);
}
END_TEST

START_TEST(auth_response_of_another_secret_is_refused)
{
	init(SECRET, true, false, false);
	world_dial(&w);
	connect_with_response("open barley", -1, HIDE_MD5_LEN);
	expect_refused();
	world_fini(&w);
}
END_TEST

START_TEST(auth_response_of_another_length_is_refused)
{
	init(SECRET, true, false, false);
	world_dial(&w);
	connect_with_response(SECRET, -1, (size_t)_i);
	expect_refused();
	world_fini(&w);
}
END_TEST

START_TEST(auth_missing_response_is_refused)
{
	init(SECRET, true, false, false);
	world_dial(&w);
	world_clear(&w);
	world_say(&w, L2TP_SCCCN);
	expect_refused();
	ck_assert_str_eq(world_last_text(&w), "authentication error");
	world_fini(&w);
}
END_TEST

/* 4.4.3: the response for SCCRP has another id, so our own answer to our own
 * challenge, sent back to us, opens nothing. */
START_TEST(auth_challenge_reflected_opens_nothing)
{
	uint8_t buf[1500], mine[HIDE_MD5_LEN];
	struct l2tp_msg m;
	struct wbuf b;

	init(SECRET, true, false, false);
	world_dial(&w);
	m = world_last(&w);
	ck_assert_int_eq(
	    hide_response(L2TP_SCCRP, SECRET,
		rbuf_of(m.avp[AVP_CHALLENGE].data, m.avp[AVP_CHALLENGE].len),
		mine),
	    0);
	world_start(&w, &b, buf, L2TP_SCCCN, true);
	avp_put(&b, AVP_CHALLENGE_RESPONSE, mine, sizeof(mine));
	world_clear(&w);
	world_finish(&w, &b);
	expect_refused();
	world_fini(&w);
}
END_TEST

START_TEST(auth_challenge_without_a_secret_lets_nobody_in)
{
	init("", true, false, false);
	world_dial(&w);
	world_expect_fx(
	    &w, "LOG can't find tunnel number", "SEND StopCCN ns=0 nr=1");
	ck_assert_uint_eq(world_last_result(&w), STOPCCN_UNAUTHORIZED);
	ck_assert_uint_eq(world_stats(&w).tunnels, 0);
	world_fini(&w);
}
END_TEST

/* How many AVPs of the last datagram are hidden; all that may be must. */
static size_t
count_hidden(void)
{
	struct l2tp_hdr h;
	struct rbuf body;
	struct avp a;
	size_t n = 0;

	ck_assert_int_eq(hdr_decode(w.sent, w.sent_len, &h, &body), 0);
	while (rbuf_left(&body) != 0) {
		ck_assert_int_eq(avp_next(&body, &a), 0);
		ck_assert(a.hidden == avp_spec(a.type)->hideable);
		n += a.hidden;
	}
	return n;
}

START_TEST(auth_avps_are_hidden_when_told_so)
{
	init(SECRET, true, true, false);
	dial_with_challenge(sizeof(ours));
	/* Capabilities, firmware, vendor, tunnel id, challenge, response. */
	ck_assert_uint_eq(count_hidden(), 7);
	connect_with_response(SECRET, -1, HIDE_MD5_LEN);
	ck_assert_uint_eq(world_count(&w, "TUNNEL_UP"), 1);
	world_say(&w, L2TP_ICRQ);
	ck_assert_uint_eq(count_hidden(), 1);
	ck_assert_uint_ne(w.sid, 0);
	world_say(&w, L2TP_ICCN);
	lns_ppp_exited(w.e, w.tid, w.sid, LNS_PPP_PEER, w.now);
	world_drain(&w);
	ck_assert_uint_eq(world_last(&w).type, L2TP_CDN);
	ck_assert_uint_eq(count_hidden(), 1);
	world_say(&w, L2TP_ZLB);
	world_pass(&w, TUN_GRACE_MS);
	ck_assert_uint_eq(world_last(&w).type, L2TP_STOPCCN);
	ck_assert_uint_eq(count_hidden(), 1);
	world_fini(&w);
}
END_TEST

START_TEST(auth_hide_without_a_secret_hides_nothing)
{
	struct l2tp_msg m;

	init("", false, true, false);
	world_dial(&w);
	m = world_last(&w);
	ck_assert_uint_eq(m.type, L2TP_SCCRP);
	ck_assert(!msg_has(&m, AVP_RANDOM_VECTOR));
	ck_assert_uint_eq(msg_num(&m, AVP_ASSIGNED_TID, 0), w.tid);
	world_fini(&w);
}
END_TEST

/* xl2tpd hides whatever may be hidden, from its SCCRQ on. */
static void
dial_hidden(const char *secret)
{
	struct hide_key k = { .secret = secret, .vector = { 1, 2, 3 } };
	const uint8_t tid[] = { (uint8_t)(w.peer_tid >> 8),
		(uint8_t)w.peer_tid };
	static const uint8_t framing[] = { 0, 0, 0, 3 };
	uint8_t buf[1500];
	struct wbuf b;

	world_start(&w, &b, buf, L2TP_SCCRQ, false);
	avp_put(&b, AVP_RANDOM_VECTOR, k.vector, sizeof(k.vector));
	avp_put_u16(&b, AVP_PROTOCOL_VERSION, 0x0100);
	hide_put(&b, &k, AVP_FRAMING_CAP, framing, sizeof(framing));
	avp_put_text(&b, AVP_HOST_NAME, "lac");
	hide_put(&b, &k, AVP_ASSIGNED_TID, tid, sizeof(tid));
	hide_put(&b, &k, AVP_CHALLENGE, ours, sizeof(ours));
	world_finish(&w, &b);
}

START_TEST(auth_hidden_avps_of_a_client_are_read)
{
	init(SECRET, true, true, false);
	dial_hidden(SECRET);
	ck_assert_uint_eq(w.last[LNS_TUNNEL_OPEN].peer_tid, w.peer_tid);
	connect_with_response(SECRET, -1, HIDE_MD5_LEN);
	ck_assert_uint_eq(world_count(&w, "TUNNEL_UP"), 1);
	world_fini(&w);
}
END_TEST

/* Its tunnel id cannot be read, so it cannot be answered. */
START_TEST(auth_hidden_avps_of_another_secret_make_no_tunnel)
{
	init(SECRET, false, false, false);
	dial_hidden("open barley");
	world_expect_silence(&w);
	ck_assert_uint_eq(world_stats(&w).tunnels, 0);
	world_fini(&w);
}
END_TEST

/* What a client hides must not show in the trace, nor what proves the
 * secret. */
START_TEST(auth_trace_shows_no_secret)
{
	size_t i;

	init(SECRET, true, _i != 0, true);
	if (_i != 0)
		dial_hidden(SECRET);
	else
		dial_with_challenge(sizeof(ours));
	ck_assert_uint_eq(
	    world_count(&w, _i != 0 ? "LOG    (11)challenge hidden"
				    : "LOG    (11)challenge"),
	    1);
	ck_assert_uint_eq(
	    world_count(&w, "LOG    set (13)challenge response"), 1);
	for (i = 0; i < w.n_lines; i++) {
		if (strstr(w.lines[i], ")challenge") == NULL)
			continue;
		ck_assert_ptr_null(strpbrk(w.lines[i], "02456789"));
		ck_assert_ptr_null(strstr(w.lines[i], "of 20"));
	}
	connect_with_response(SECRET, -1, HIDE_MD5_LEN);
	ck_assert_str_eq(w.lines[2], "   (13)challenge response");
	world_fini(&w);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("auth");
	TCase *t = tcase_create("auth");

	tcase_add_test(t, auth_challenge_of_the_client_is_answered);
	tcase_add_test(t, auth_client_without_a_challenge_gets_no_response);
	tcase_add_test(t, auth_client_that_knows_the_secret_enters);
	tcase_add_test(t, auth_challenge_differs_each_time);
	tcase_add_loop_test(
	    t, auth_response_with_any_bit_wrong_is_refused, 0, 128);
	tcase_add_test(t, auth_response_of_another_secret_is_refused);
	tcase_add_loop_test(
	    t, auth_response_of_another_length_is_refused, 0, 16);
	tcase_add_test(t, auth_missing_response_is_refused);
	tcase_add_test(t, auth_challenge_reflected_opens_nothing);
	tcase_add_test(t, auth_challenge_without_a_secret_lets_nobody_in);
	tcase_add_test(t, auth_avps_are_hidden_when_told_so);
	tcase_add_test(t, auth_hide_without_a_secret_hides_nothing);
	tcase_add_test(t, auth_hidden_avps_of_a_client_are_read);
	tcase_add_test(t, auth_hidden_avps_of_another_secret_make_no_tunnel);
	tcase_add_loop_test(t, auth_trace_shows_no_secret, 0, 2);
	suite_add_tcase(s, t);
	return world_main(s);
}
