/* SPDX-License-Identifier: ISC */

/* The machine of a call, cell by cell; then calls through the engine. */

#include "l2tp_world.h"

#include "../../lnsd/l2tp/session.h"

/*
 * What each state becomes by each event, in the order of enum ses_event:
 * ICRQ ICRP ICCN OCRQ OCRP OCCN CDN WEN SLI bad | opened, not opened, PPP
 * exited, timer, tunnel gone.
 */
static const char *const next_states[SES_STATE_N] = {
	[SES_IDLE] = "OLLLLLDIIL"
		     "IIIDD",
	[SES_OPENING] = "LLLLLLLOOL"
			"WLOLD",
	[SES_WAIT_CONNECT] = "LLELLLLWWL"
			     "WLLLD",
	[SES_ESTABLISHED] = "LLLLLLLEEL"
			    "ELLED",
	[SES_LINGER] = "LLLLLLLLLL"
		       "LLLDD",
	[SES_DEAD] = "DDDDDDDDDD"
		     "DDDDD",
};
static const char letters[] = "IOWELD";

static const enum l2tp_type types[SES_EVENT_N] = {
	[SES_RX_ICRQ] = L2TP_ICRQ,
	[SES_RX_ICRP] = L2TP_ICRP,
	[SES_RX_ICCN] = L2TP_ICCN,
	[SES_RX_OCRQ] = L2TP_OCRQ,
	[SES_RX_OCRP] = L2TP_OCRP,
	[SES_RX_OCCN] = L2TP_OCCN,
	[SES_RX_CDN] = L2TP_CDN,
	[SES_RX_WEN] = L2TP_WEN,
	[SES_RX_SLI] = L2TP_SLI,
	[SES_RX_BAD] = L2TP_ICCN,
};

static struct world w;
static struct tunnel *t;
static struct session *s;

static void
step(enum ses_event ev, enum lns_ppp_end end)
{
	struct ses_input in = { .end = end,
		.now = w.now,
		.err = ev == SES_RX_BAD ? L2TP_E_UNKNOWN_AVP : 0 };
	uint8_t buf[512];
	struct l2tp_hdr h;
	struct l2tp_msg m;
	struct rbuf body;
	size_t len;

	if (ev <= SES_RX_BAD) {
		len = world_build(&w, types[ev], buf);
		ck_assert_int_eq(hdr_decode(buf, len, &h, &body), 0);
		ck_assert_int_eq(msg_decode(body, &m), 0);
		in.msg = &m;
	}
	session_step(t, s, ev, &in);
	world_drain(&w);
}

static void
reach(enum ses_state state)
{
	world_init(&w, NULL, NULL);
	w.follow = false;
	world_tunnel_up(&w);
	t = w.e->by_tid[w.tid];
	ck_assert_ptr_nonnull(t);
	chan_set_peer_window(&t->chan, 8);
	t->chan.cwnd = 8; /* past its slow start */
	s = session_new(t, w.peer_sid);
	ck_assert_ptr_nonnull(s);
	if (state == SES_IDLE)
		return;
	step(SES_RX_ICRQ, LNS_PPP_ADMIN);
	if (state == SES_WAIT_CONNECT || state == SES_ESTABLISHED)
		step(SES_OPENED, LNS_PPP_ADMIN);
	if (state == SES_ESTABLISHED)
		step(SES_RX_ICCN, LNS_PPP_ADMIN);
	if (state == SES_LINGER)
		step(SES_RX_CDN, LNS_PPP_ADMIN);
	if (state == SES_DEAD)
		step(SES_TUNNEL, LNS_PPP_ADMIN);
	ck_assert_int_eq(s->state, state);
}

/* The reason in the last datagram, which must be a CDN. */
static struct msg_reason
last_cdn(void)
{
	struct l2tp_hdr h;
	struct l2tp_msg m;
	struct rbuf body;
	const uint8_t *v;

	ck_assert_int_eq(hdr_decode(w.sent, w.sent_len, &h, &body), 0);
	ck_assert_int_eq(msg_decode(body, &m), 0);
	ck_assert_uint_eq(m.type, L2TP_CDN);
	/* Android heeds a CDN only by the session id in its header. */
	ck_assert_uint_eq(h.sid, w.peer_sid);
	v = m.avp[AVP_RESULT_CODE].data;
	return (struct msg_reason){ (uint16_t)(v[0] << 8 | v[1]),
		(uint16_t)(v[2] << 8 | v[3]), NULL, CAUSE_NONE };
}

START_TEST(session_cell_leads_where_the_rfc_says)
{
	enum ses_state state = (enum ses_state)(_i / SES_EVENT_N);
	enum ses_event ev = (enum ses_event)(_i % SES_EVENT_N);
	bool open, ppp, ended;

	reach(state);
	open = s->opened && ev != SES_OPEN_FAILED;
	ppp = s->ppp && ev != SES_PPP_EXITED;
	world_clear(&w);
	step(ev, LNS_PPP_ADMIN);
	ck_assert_msg(letters[s->state] == next_states[state][ev],
	    "state %d event %d: %c, not %c", state, ev, letters[s->state],
	    next_states[state][ev]);
	/* PPP and the kernel's session end with it, once, and not before. */
	ended = s->state == SES_LINGER || s->state == SES_DEAD;
	ck_assert_uint_eq(world_count(&w, "PPP_STOP"), ppp && ended);
	ck_assert_uint_eq(world_count(&w, "SESSION_CLOSE"), open && ended);
	ck_assert_uint_eq(
	    world_stats(&w).sessions, s->state != SES_IDLE && !ended);
	if (session_cell_is_error(state, ev)) {
		ck_assert_uint_eq(world_count(&w, "SEND CDN"), 1);
		ck_assert_uint_eq(last_cdn().result, CDN_ERROR);
		ck_assert_uint_eq(last_cdn().error,
		    ev == SES_RX_BAD ? ERROR_UNKNOWN_AVP : ERROR_RANGE);
	}
	world_fini(&w);
}
END_TEST

START_TEST(session_machine_has_no_error_cell_for_what_is_not_a_message)
{
	int state, ev;

	for (state = 0; state < SES_STATE_N; state++)
		for (ev = SES_OPENED; ev < SES_EVENT_N; ev++)
			ck_assert(!session_cell_is_error(
			    (enum ses_state)state, (enum ses_event)ev));
}
END_TEST

static const struct {
	enum lns_ppp_end end;
	uint16_t result;
} ends[] = {
	{ LNS_PPP_ADMIN, CDN_ADMIN },
	{ LNS_PPP_PEER, CDN_CARRIER_LOST },
	{ LNS_PPP_AUTH, CDN_ADMIN },
	{ LNS_PPP_IDLE, CDN_ADMIN },
	{ LNS_PPP_LOST, CDN_CARRIER_LOST },
	{ LNS_PPP_FAILED, CDN_NO_RESOURCES },
};

START_TEST(session_whose_ppp_ends_tells_why)
{
	reach(SES_ESTABLISHED);
	step(SES_PPP_EXITED, ends[_i].end);
	ck_assert_uint_eq(last_cdn().result, ends[_i].result);
	ck_assert_uint_eq(last_cdn().error, ERROR_NONE);
	world_fini(&w);
}
END_TEST

START_TEST(session_opens_the_kernel_before_icrp_and_ppp_with_iccn)
{
	world_init(&w, NULL, NULL);
	world_tunnel_up(&w);
	w.follow = false;
	world_clear(&w);
	world_say(&w, L2TP_ICRQ);
	world_expect_fx(&w, "SESSION_OPEN");
	ck_assert_uint_eq(w.last[LNS_SESSION_OPEN].peer_sid, w.peer_sid);
	ck_assert_uint_eq(w.last[LNS_SESSION_OPEN].tid, w.tid);
	ck_assert_uint_eq(w.last[LNS_SESSION_OPEN].peer_tid, w.peer_tid);
	world_clear(&w);
	lns_session_opened(
	    w.e, w.tid, w.last[LNS_SESSION_OPEN].sid, true, w.now);
	world_drain(&w);
	world_expect_fx(&w, "SEND ICRP ns=1 nr=3");
	ck_assert_uint_eq(w.sid, w.last[LNS_SESSION_OPEN].sid);
	world_clear(&w);
	world_say(&w, L2TP_ICCN);
	ck_assert_str_eq(w.fx[0], "PPP_START");
	ck_assert_str_eq(w.fx[1], "SEND ZLB ns=2 nr=4");
	ck_assert_uint_eq(w.n_fx, 3);
	ck_assert(!w.last[LNS_PPP_START].sequencing);
	world_fini(&w);
}
END_TEST

START_TEST(session_that_opens_slowly_is_acknowledged_meanwhile)
{
	world_init(&w, NULL, NULL);
	world_tunnel_up(&w);
	w.follow = false;
	world_say(&w, L2TP_ICRQ);
	world_clear(&w);
	world_pass(&w, TUN_ICRP_MS - 1);
	world_expect_silence(&w);
	world_pass(&w, 1);
	world_expect_fx(&w, "SEND ZLB ns=1 nr=3");
	world_clear(&w);
	world_pass(&w, 5000);
	world_expect_silence(&w);
	lns_session_opened(
	    w.e, w.tid, w.last[LNS_SESSION_OPEN].sid, true, w.now);
	world_drain(&w);
	world_expect_fx(&w, "SEND ICRP ns=1 nr=3");
	world_fini(&w);
}
END_TEST

START_TEST(session_that_cannot_be_opened_is_refused)
{
	world_init(&w, NULL, NULL);
	world_tunnel_up(&w);
	w.open_ok = false;
	world_clear(&w);
	world_say(&w, L2TP_ICRQ);
	ck_assert_uint_eq(last_cdn().result, CDN_NO_RESOURCES);
	ck_assert_uint_eq(world_count(&w, "SESSION_CLOSE"), 0);
	ck_assert_uint_eq(world_stats(&w).sessions, 0);
	ck_assert_uint_eq(world_stats(&w).tunnels_established, 1);
	world_fini(&w);
}
END_TEST

START_TEST(session_without_iccn_is_given_up_after_30_s)
{
	char line[64];

	world_init(&w, NULL, NULL);
	world_tunnel_up(&w);
	world_say(&w, L2TP_ICRQ);
	world_say(&w, L2TP_ZLB); /* ICRP has come, and then nothing */
	world_clear(&w);
	world_pass(&w, SES_WAIT_MS - 1);
	world_expect_silence(&w);
	world_pass(&w, 1);
	snprintf(line, sizeof(line),
	    "LOG TUNNEL[1] disconnect session %u "
	    "complete",
	    w.sid);
	world_expect_fx(&w, "LOG state timer expired for waiting ICCN",
	    "SESSION_CLOSE", "SEND CDN ns=2 nr=3", line);
	world_fini(&w);
}
END_TEST

START_TEST(session_whose_icrp_is_never_acknowledged_ends_with_its_tunnel)
{
	world_init(&w, NULL, NULL);
	world_tunnel_up(&w);
	world_say(&w, L2TP_ICRQ);
	world_pass(&w, 100000);
	ck_assert_uint_eq(world_stats(&w).sessions, 0);
	ck_assert_uint_eq(world_stats(&w).tunnels, 0);
	ck_assert(lns_idle(w.e));
	world_fini(&w);
}
END_TEST

START_TEST(session_ended_by_cdn_stops_ppp_and_is_acknowledged)
{
	char line[64];

	world_init(&w, NULL, NULL);
	world_session_up(&w);
	world_clear(&w);
	world_say(&w, L2TP_CDN);
	snprintf(line, sizeof(line),
	    "LOG TUNNEL[1] disconnect session %u "
	    "complete",
	    w.sid);
	world_expect_fx(
	    &w, "SEND ZLB ns=2 nr=5", "PPP_STOP", "SESSION_CLOSE", line);
	/* PPP tells that it has ended: nothing more to do. */
	world_clear(&w);
	lns_ppp_exited(w.e, w.tid, w.sid, LNS_PPP_ADMIN, w.now);
	world_drain(&w);
	world_expect_silence(&w);
	world_fini(&w);
}
END_TEST

START_TEST(session_cdn_without_our_id_is_found_by_theirs)
{
	struct wbuf b;
	uint8_t buf[512];

	world_init(&w, NULL, NULL);
	world_tunnel_up(&w);
	world_say(&w, L2TP_ICRQ);
	world_clear(&w);
	wbuf_init(&b, buf, sizeof(buf));
	world_begin(&w, &b, L2TP_CDN, w.tid, 0);
	world_put(&b, &w, L2TP_CDN);
	hdr_finish(&b);
	w.ns++;
	world_raw(&w, buf, b.len);
	ck_assert_uint_eq(world_count(&w, "SESSION_CLOSE"), 1);
	ck_assert_uint_eq(world_stats(&w).sessions, 0);
	world_fini(&w);
}
END_TEST

START_TEST(session_whose_ppp_ended_ends_its_tunnel_after_a_grace)
{
	world_init(&w, NULL, NULL);
	world_session_up(&w);
	world_clear(&w);
	lns_ppp_exited(w.e, w.tid, w.sid, LNS_PPP_PEER, w.now);
	world_drain(&w);
	ck_assert_str_eq(w.fx[0], "SESSION_CLOSE");
	ck_assert_str_eq(w.fx[1], "SEND CDN ns=2 nr=4");
	ck_assert_uint_eq(world_count(&w, "PPP_STOP"), 0);
	world_say(&w, L2TP_ZLB);
	world_clear(&w);
	world_pass(&w, TUN_GRACE_MS - 1);
	world_expect_silence(&w);
	world_pass(&w, 1);
	ck_assert_uint_eq(world_count(&w, "SEND StopCCN ns=3 nr=4"), 1);
	ck_assert_uint_eq(world_count(&w, "TUNNEL_CLOSE"), 0);
	world_say(&w, L2TP_ZLB);
	ck_assert_uint_eq(world_count(&w, "TUNNEL_CLOSE"), 1);
	ck_assert(lns_idle(w.e));
	world_fini(&w);
}
END_TEST

START_TEST(session_ended_by_the_peer_leaves_the_tunnel_for_30_s)
{
	world_init(&w, NULL, NULL);
	world_session_up(&w);
	world_say(&w, L2TP_CDN);
	world_clear(&w);
	world_pass(&w, TUN_IDLE_MS - 1);
	world_expect_silence(&w);
	world_pass(&w, 1);
	ck_assert_uint_eq(world_count(&w, "SEND StopCCN"), 1);
	world_fini(&w);
}
END_TEST

START_TEST(session_may_follow_another_in_the_same_tunnel)
{
	int i;

	world_init(&w, NULL, NULL);
	world_tunnel_up(&w);
	/* More than there is room for at a time, lingering ones included. */
	for (i = 0; i < 3 * TUN_SESSIONS; i++) {
		w.peer_sid++;
		world_say(&w, L2TP_ICRQ);
		world_say(&w, L2TP_ICCN);
		ck_assert_uint_eq(world_stats(&w).sessions, 1);
		world_say(&w, L2TP_CDN);
		ck_assert_uint_eq(world_stats(&w).sessions, 0);
		world_clear(&w);
		w.now = mono_add_ms(w.now, TUN_CALL_EVERY_MS);
	}
	world_fini(&w);
}
END_TEST

START_TEST(session_beyond_the_bound_of_a_tunnel_is_refused)
{
	int i;

	world_init(&w, NULL, NULL);
	world_tunnel_up(&w);
	for (i = 0; i < TUN_SESSIONS; i++) {
		w.peer_sid++;
		world_say(&w, L2TP_ICRQ);
		world_say(&w, L2TP_ICCN);
	}
	ck_assert_uint_eq(world_stats(&w).sessions, TUN_SESSIONS);
	w.peer_sid++;
	world_clear(&w);
	world_say(&w, L2TP_ICRQ);
	ck_assert_uint_eq(last_cdn().result, CDN_NO_RESOURCES);
	ck_assert_uint_eq(world_stats(&w).sessions, TUN_SESSIONS);
	ck_assert_uint_eq(world_stats(&w).tunnels_established, 1);
	world_fini(&w);
}
END_TEST

START_TEST(session_of_an_outgoing_call_is_refused)
{
	world_init(&w, NULL, NULL);
	world_tunnel_up(&w);
	world_clear(&w);
	world_say(&w, L2TP_OCRQ);
	ck_assert_uint_eq(last_cdn().result, CDN_NO_FACILITIES);
	ck_assert_uint_eq(w.n_lines, 0);
	ck_assert_uint_eq(world_count(&w, "SESSION_OPEN"), 0);
	world_fini(&w);
}
END_TEST

START_TEST(session_messages_for_nobody_are_acknowledged_and_ignored)
{
	static const enum l2tp_type nobodys[] = { L2TP_ICRP, L2TP_ICCN,
		L2TP_OCRP, L2TP_OCCN, L2TP_CDN, L2TP_WEN, L2TP_SLI };

	world_init(&w, NULL, NULL);
	world_tunnel_up(&w);
	w.sid = 4242;
	world_clear(&w);
	world_say(&w, nobodys[_i]);
	world_expect_fx(&w, "SEND ZLB ns=1 nr=3");
	ck_assert_uint_eq(world_stats(&w).rx_unknown, 1);
	world_fini(&w);
}
END_TEST

START_TEST(session_wen_and_sli_are_accepted)
{
	world_init(&w, NULL, NULL);
	world_session_up(&w);
	world_clear(&w);
	world_say(&w, L2TP_WEN);
	world_say(&w, L2TP_SLI);
	world_expect_fx(&w, "SEND ZLB ns=2 nr=5", "SEND ZLB ns=2 nr=6");
	ck_assert_uint_eq(world_stats(&w).sessions, 1);
	world_fini(&w);
}
END_TEST

/* A message with a mandatory AVP that nobody knows. */
static void
say_bad(enum l2tp_type type, uint16_t sid, bool with_ids)
{
	static const uint8_t unknown[] = { 0x80, 0x06, 0, 0, 0, 20 };
	struct wbuf b;
	uint8_t buf[512];

	wbuf_init(&b, buf, sizeof(buf));
	world_begin(&w, &b, type, w.tid, sid);
	wbuf_bytes(&b, unknown, sizeof(unknown));
	if (with_ids)
		world_put(&b, &w, type);
	hdr_finish(&b);
	w.ns++;
	world_raw(&w, buf, b.len);
}

START_TEST(session_with_an_unknown_mandatory_avp_ends_alone)
{
	world_init(&w, NULL, NULL);
	world_tunnel_up(&w);
	say_bad(L2TP_ICRQ, 0, true);
	ck_assert_uint_eq(last_cdn().error, ERROR_UNKNOWN_AVP);
	world_say(&w, L2TP_ICRQ);
	say_bad(L2TP_ICCN, w.sid, true);
	ck_assert_uint_eq(last_cdn().error, ERROR_UNKNOWN_AVP);
	ck_assert_uint_eq(world_stats(&w).sessions, 0);
	ck_assert_uint_eq(world_stats(&w).tunnels_established, 1);
	world_fini(&w);
}
END_TEST

START_TEST(session_that_nobody_can_name_ends_the_tunnel)
{
	world_init(&w, NULL, NULL);
	world_tunnel_up(&w);
	world_clear(&w);
	say_bad(L2TP_ICRQ, 0, false);
	ck_assert_uint_eq(world_count(&w, "SEND StopCCN"), 1);
	ck_assert_uint_eq(world_stats(&w).tunnels_established, 0);
	world_fini(&w);
}
END_TEST

START_TEST(session_malformed_cdn_ends_it_all_the_same)
{
	world_init(&w, NULL, NULL);
	world_session_up(&w);
	world_clear(&w);
	say_bad(L2TP_CDN, w.sid, false);
	ck_assert_uint_eq(world_count(&w, "PPP_STOP"), 1);
	ck_assert_uint_eq(world_count(&w, "SEND CDN"), 0);
	world_fini(&w);
}
END_TEST

START_TEST(session_that_requires_sequencing_says_so_to_ppp)
{
	struct wbuf b;
	uint8_t buf[512];

	world_init(&w, NULL, NULL);
	world_tunnel_up(&w);
	world_say(&w, L2TP_ICRQ);
	wbuf_init(&b, buf, sizeof(buf));
	world_begin(&w, &b, L2TP_ICCN, w.tid, w.sid);
	world_put(&b, &w, L2TP_ICCN);
	avp_put(&b, AVP_SEQUENCING, NULL, 0);
	hdr_finish(&b);
	w.ns++;
	world_raw(&w, buf, b.len);
	ck_assert(w.last[LNS_PPP_START].sequencing);
	world_fini(&w);
}
END_TEST

START_TEST(session_answers_for_nobody_do_nothing)
{
	world_init(&w, NULL, NULL);
	world_session_up(&w);
	world_clear(&w);
	lns_session_opened(w.e, w.tid, (uint16_t)(w.sid + 1), true, w.now);
	lns_session_opened(w.e, (uint16_t)(w.tid + 1), w.sid, false, w.now);
	lns_session_opened(w.e, w.tid, w.sid, true, w.now);
	lns_ppp_exited(w.e, 0, 0, LNS_PPP_LOST, w.now);
	world_drain(&w);
	world_expect_silence(&w);
	ck_assert_uint_eq(world_stats(&w).sessions, 1);
	world_fini(&w);
}
END_TEST

START_TEST(session_closed_before_its_answer_ignores_the_answer)
{
	uint16_t sid;

	world_init(&w, NULL, NULL);
	world_tunnel_up(&w);
	w.follow = false;
	world_say(&w, L2TP_ICRQ);
	sid = w.last[LNS_SESSION_OPEN].sid;
	w.sid = sid;
	world_clear(&w);
	world_say(&w, L2TP_CDN);
	ck_assert_uint_eq(world_count(&w, "SESSION_CLOSE"), 1);
	world_clear(&w);
	lns_session_opened(w.e, w.tid, sid, true, w.now);
	world_drain(&w);
	world_expect_silence(&w);
	world_fini(&w);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("session");
	TCase *c = tcase_create("session");

	tcase_add_loop_test(c, session_cell_leads_where_the_rfc_says, 0,
	    SES_STATE_N * SES_EVENT_N);
	tcase_add_test(
	    c, session_machine_has_no_error_cell_for_what_is_not_a_message);
	tcase_add_loop_test(
	    c, session_whose_ppp_ends_tells_why, 0, (int)nitems(ends));
	tcase_add_test(
	    c, session_opens_the_kernel_before_icrp_and_ppp_with_iccn);
	tcase_add_test(c, session_that_opens_slowly_is_acknowledged_meanwhile);
	tcase_add_test(c, session_that_cannot_be_opened_is_refused);
	tcase_add_test(c, session_without_iccn_is_given_up_after_30_s);
	tcase_add_test(
	    c, session_whose_icrp_is_never_acknowledged_ends_with_its_tunnel);
	tcase_add_test(c, session_ended_by_cdn_stops_ppp_and_is_acknowledged);
	tcase_add_test(c, session_cdn_without_our_id_is_found_by_theirs);
	tcase_add_test(
	    c, session_whose_ppp_ended_ends_its_tunnel_after_a_grace);
	tcase_add_test(c, session_ended_by_the_peer_leaves_the_tunnel_for_30_s);
	tcase_add_test(c, session_may_follow_another_in_the_same_tunnel);
	tcase_add_test(c, session_beyond_the_bound_of_a_tunnel_is_refused);
	tcase_add_test(c, session_of_an_outgoing_call_is_refused);
	tcase_add_loop_test(
	    c, session_messages_for_nobody_are_acknowledged_and_ignored, 0, 7);
	tcase_add_test(c, session_wen_and_sli_are_accepted);
	tcase_add_test(c, session_with_an_unknown_mandatory_avp_ends_alone);
	tcase_add_test(c, session_that_nobody_can_name_ends_the_tunnel);
	tcase_add_test(c, session_malformed_cdn_ends_it_all_the_same);
	tcase_add_test(c, session_that_requires_sequencing_says_so_to_ppp);
	tcase_add_test(c, session_answers_for_nobody_do_nothing);
	tcase_add_test(c, session_closed_before_its_answer_ignores_the_answer);
	suite_add_tcase(suite, c);
	return world_main(suite);
}
