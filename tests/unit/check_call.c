/* SPDX-License-Identifier: ISC */

/* What PPP is told of a call, and what a LAC in front of us may say. */

#include "../../lnsd/l2tp/call.h"
#include "../../lnsd/l2tp/session.h"
#include "l2tp_world.h"

static struct world w;
static struct lns_call call; /* of the last PPP_START */

static void
put_numbers(struct wbuf *b)
{
	avp_put_u16(b, AVP_ASSIGNED_SID, w.peer_sid);
	avp_put_u32(b, AVP_CALL_SERIAL, 4711);
	avp_put_u32(b, AVP_BEARER_TYPE, 2);
	avp_put_u32(b, AVP_PHYS_CHANNEL, 17);
	avp_put_text(b, AVP_CALLED_NUMBER, "5550100");
	avp_put_text(b, AVP_CALLING_NUMBER, "5550199");
	avp_put_text(b, AVP_SUB_ADDRESS, "12");
}

static void
ring(void)
{
	uint8_t buf[1500];
	struct wbuf b;

	world_init(&w, NULL, NULL);
	world_tunnel_up(&w);
	world_start(&w, &b, buf, L2TP_ICRQ, false);
	put_numbers(&b);
	world_finish(&w, &b);
	ck_assert_uint_eq(world_count(&w, "SEND ICRP"), 1);
}

/* Sends the ICCN that was started, and keeps the record. */
static void
connect_call(struct wbuf *b)
{
	struct lns_effect e;

	hdr_finish(b);
	ck_assert(wbuf_ok(b));
	w.ns++;
	lns_packet(w.e, 0, &w.path, b->p, b->len, w.now);
	memset(&call, 0xff, sizeof(call));
	while (lns_next_effect(w.e, &e))
		if (e.type == LNS_PPP_START) {
			ck_assert_ptr_nonnull(e.call);
			call = *e.call;
			ck_assert(e.sequencing == call.sequencing);
		}
	ck_assert_uint_eq(call.serial, 4711);
	/* The engine has none left. */
	ck_assert_ptr_null(session_find(w.e->by_tid[w.tid], w.sid)->call);
}

START_TEST(call_record_holds_what_the_lac_told)
{
	static const uint8_t first[] = { 1, 4, 5, 0xdc };
	static const uint8_t sent[] = { 3, 4, 0xc0, 0x23 };
	static const uint8_t last[] = { 5, 6, 1, 2, 3, 4 };
	uint8_t buf[1500];
	struct wbuf b;

	ring();
	world_start(&w, &b, buf, L2TP_ICCN, false);
	avp_put_u32(&b, AVP_TX_SPEED, 64000);
	avp_put_u32(&b, AVP_RX_SPEED, 32000);
	avp_put_u32(&b, AVP_FRAMING_TYPE, 2);
	avp_put_text(&b, AVP_PRIVATE_GROUP, "blue");
	avp_put(&b, AVP_SEQUENCING, NULL, 0);
	avp_put(&b, AVP_INITIAL_CONFREQ, first, sizeof(first));
	avp_put(&b, AVP_LAST_SENT_CONFREQ, sent, sizeof(sent));
	avp_put(&b, AVP_LAST_RECV_CONFREQ, last, sizeof(last));
	avp_put_u16(&b, AVP_PROXY_AUTH_TYPE, LNS_PROXY_PAP);
	avp_put_text(&b, AVP_PROXY_AUTH_NAME, "alice");
	avp_put_u16(&b, AVP_PROXY_AUTH_ID, 9);
	avp_put_text(&b, AVP_PROXY_AUTH_RESPONSE, "password");
	connect_call(&b);
	ck_assert_uint_eq(call.bearer, 2);
	ck_assert_uint_eq(call.framing, 2);
	ck_assert_uint_eq(call.physical_channel, 17);
	ck_assert_uint_eq(call.tx_bps, 64000);
	ck_assert_uint_eq(call.rx_bps, 32000);
	ck_assert(call.sequencing);
	ck_assert_str_eq(call.called, "5550100");
	ck_assert_str_eq(call.calling, "5550199");
	ck_assert_str_eq(call.sub_address, "12");
	ck_assert_str_eq(call.private_group, "blue");
	ck_assert_uint_eq(call.first_received.len, sizeof(first));
	ck_assert_mem_eq(call.first_received.data, first, sizeof(first));
	ck_assert_uint_eq(call.last_sent.len, sizeof(sent));
	ck_assert_mem_eq(call.last_sent.data, sent, sizeof(sent));
	ck_assert_uint_eq(call.last_received.len, sizeof(last));
	ck_assert_mem_eq(call.last_received.data, last, sizeof(last));
	ck_assert_int_eq(call.auth, LNS_PROXY_PAP);
	ck_assert_uint_eq(call.auth_id, 9);
	ck_assert_uint_eq(call.auth_name.len, 5);
	ck_assert_mem_eq(call.auth_name.data, "alice", 5);
	ck_assert_uint_eq(call.auth_challenge.len, 0);
	ck_assert_uint_eq(call.auth_response.len, 8);
	ck_assert_mem_eq(call.auth_response.data, "password", 8);
	world_fini(&w);
}
END_TEST

START_TEST(call_record_of_a_phone_is_nearly_empty)
{
	uint8_t buf[1500];
	struct wbuf b;

	ring();
	world_start(&w, &b, buf, L2TP_ICCN, true);
	connect_call(&b);
	ck_assert_uint_eq(call.tx_bps, 100000000);
	ck_assert_uint_eq(call.rx_bps, 0);
	ck_assert(!call.sequencing);
	ck_assert_str_eq(call.private_group, "");
	ck_assert_uint_eq(call.first_received.len, 0);
	ck_assert_int_eq(call.auth, LNS_PROXY_NONE);
	world_fini(&w);
}
END_TEST

START_TEST(call_record_cuts_texts_and_leaves_out_octets)
{
	char text[300];
	uint8_t buf[1500];
	struct wbuf b;
	size_t len = (size_t)_i;

	memset(text, 'x', sizeof(text));
	ring();
	world_start(&w, &b, buf, L2TP_ICCN, true);
	avp_put(&b, AVP_PRIVATE_GROUP, text, len);
	avp_put(&b, AVP_INITIAL_CONFREQ, text, len);
	connect_call(&b);
	ck_assert_uint_eq(strlen(call.private_group),
	    len < LNS_NAME_MAX ? len : LNS_NAME_MAX - 1);
	ck_assert_uint_eq(
	    call.first_received.len, len <= LNS_OCTETS_MAX ? len : 0);
	world_fini(&w);
}
END_TEST

/* 4.4.5: what must come with each type. */
enum {
	NAME = 1,
	CHALLENGE = 2,
	ID = 4,
	RESPONSE = 8,
	ALL_PARTS = 15,
};
static const int needs[] = {
	[LNS_PROXY_NONE] = -1,
	[LNS_PROXY_TEXT] = NAME | RESPONSE,
	[LNS_PROXY_CHAP] = NAME | CHALLENGE | ID | RESPONSE,
	[LNS_PROXY_PAP] = NAME | ID | RESPONSE,
	[LNS_PROXY_NO_AUTH] = 0,
	[LNS_PROXY_MSCHAP] = NAME | CHALLENGE | ID | RESPONSE,
	[6] = -1, /* not assigned */
};

START_TEST(call_proxy_authentication_is_whole_or_not_given)
{
	uint8_t buf[1500];
	struct wbuf b;
	int parts;

	for (parts = 0; parts <= ALL_PARTS; parts++) {
		ring();
		world_start(&w, &b, buf, L2TP_ICCN, true);
		avp_put_u16(&b, AVP_PROXY_AUTH_TYPE, (uint16_t)_i);
		if (parts & NAME)
			avp_put_text(&b, AVP_PROXY_AUTH_NAME, "alice");
		if (parts & CHALLENGE)
			avp_put_text(&b, AVP_PROXY_AUTH_CHALLENGE, "ch");
		if (parts & ID)
			avp_put_u16(&b, AVP_PROXY_AUTH_ID, 1);
		if (parts & RESPONSE)
			avp_put_text(&b, AVP_PROXY_AUTH_RESPONSE, "re");
		connect_call(&b);
		if (needs[_i] >= 0 && (parts & needs[_i]) == needs[_i])
			ck_assert_int_eq(call.auth, _i);
		else
			ck_assert_int_eq(call.auth, LNS_PROXY_NONE);
		world_fini(&w);
	}
}
END_TEST

START_TEST(call_that_ends_before_iccn_leaves_no_record)
{
	static const enum l2tp_type ends[] = { L2TP_CDN, L2TP_STOPCCN,
		L2TP_ICRP };

	ring();
	ck_assert_ptr_nonnull(session_find(w.e->by_tid[w.tid], w.sid)->call);
	world_say(&w, ends[_i]);
	if (_i != 1)
		ck_assert_ptr_null(
		    session_find(w.e->by_tid[w.tid], w.sid)->call);
	world_fini(&w); /* valgrind and the sanitizer see the rest */
}
END_TEST

START_TEST(call_refused_says_why)
{
	uint8_t buf[1500];
	struct wbuf b;

	/* An outgoing call: none are made here, and never will be. */
	world_init(&w, NULL, NULL);
	world_tunnel_up(&w);
	world_say(&w, L2TP_OCRQ);
	ck_assert_uint_eq(world_last_result(&w), CDN_NO_FACILITIES);
	ck_assert_str_eq(world_last_text(&w), "no outgoing calls");
	world_fini(&w);
	/* 4.4.2: the text names the AVP that is not known. */
	ring();
	world_start(&w, &b, buf, L2TP_ICCN, true);
	wbuf_bytes(&b, "\x80\x06\x00\x09\x00\x01", 6);
	world_finish(&w, &b);
	ck_assert_uint_eq(world_last_result(&w), CDN_ERROR);
	ck_assert_uint_eq(
	    world_last(&w).avp[AVP_RESULT_CODE].data[3], ERROR_UNKNOWN_AVP);
	ck_assert_str_eq(
	    world_last_text(&w), "unknown mandatory AVP 1 of vendor 9");
	world_fini(&w);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("call");
	TCase *t = tcase_create("call");

	tcase_add_test(t, call_record_holds_what_the_lac_told);
	tcase_add_test(t, call_record_of_a_phone_is_nearly_empty);
	tcase_add_loop_test(
	    t, call_record_cuts_texts_and_leaves_out_octets, 62, 66);
	tcase_add_loop_test(
	    t, call_record_cuts_texts_and_leaves_out_octets, 254, 258);
	tcase_add_loop_test(t, call_proxy_authentication_is_whole_or_not_given,
	    0, (int)nitems(needs));
	tcase_add_loop_test(
	    t, call_that_ends_before_iccn_leaves_no_record, 0, 3);
	tcase_add_test(t, call_refused_says_why);
	suite_add_tcase(s, t);
	return world_main(s);
}
