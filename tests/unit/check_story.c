/* SPDX-License-Identifier: ISC */
#include "story_world.h"

/* Two behind one NAT, which begin at once and come through crosswise. */
START_TEST(clients_behind_one_nat_are_told_apart)
{
	const struct story *a, *b;

	ike(IKE_CALLING, 1, 1, 0, "");
	ike(IKE_CALLING, 2, 2, 0, "");
	ike(IKE_PHASE1, 2, 2, 0, "phase 1 established");
	ike(IKE_PHASE1, 1, 1, 0, "phase 1 established");
	ike(IKE_SA, 2, 3, 22, "IPsec SA established");
	/* quicker than pluto's log */
	l2tp(L2TP_SCCRQ, 7, 11, false, "phone-a");
	ike(IKE_SA, 1, 4, 11, "IPsec SA established");
	l2tp(L2TP_SCCRQ, 8, 22, false, "phone-b");
	ck_assert_uint_eq(count(), 2);
	a = stories_find(st, "phone-a");
	b = stories_find(st, "phone-b");
	ck_assert_ptr_nonnull(a);
	ck_assert_ptr_nonnull(b);
	ck_assert_uint_eq(a->state, 1);
	ck_assert_uint_eq(b->state, 2);
	ck_assert_int_eq(story_stage(a), STORY_L2TP);
	ck_assert_str_eq(a->events[a->n_events - 2].text, "SCCRQ (phone-a)");
}
END_TEST

START_TEST(wrong_password_is_the_cause_whatever_follows)
{
	const struct story *s;

	l2tp(L2TP_SCCRQ, 7, 11, false, "x");
	story_take_ppp_start(st, 7, now.mono);
	story_take_auth(st, 7, "bob", CAUSE_PASSWORD, "any words", now.mono);
	l2tp(L2TP_CDN, 7, 11, false, "result 3");
	s = stories_find(st, "bob");
	ck_assert_ptr_nonnull(s);
	ck_assert_int_eq(s->result, STORY_FAILED);
	ck_assert_int_eq(s->cause, CAUSE_PASSWORD);
	ck_assert_uint_eq(
	    stories_counts(st)->failed[STORY_PPP][CAUSE_PASSWORD], 1);
}
END_TEST

START_TEST(client_that_hangs_up_in_ppp_has_the_cause_of_ppp)
{
	l2tp(L2TP_SCCRQ, 7, 11, false, "x");
	story_take_ppp_start(st, 7, now.mono);
	l2tp(L2TP_CDN, 7, 11, false, "result 1");
	story_take_ppp_end(st, 7, CAUSE_NO_IP, "any words", now.mono);
	ck_assert_int_eq(stories_first(st)->result, STORY_FAILED);
	ck_assert_int_eq(stories_first(st)->cause, CAUSE_NO_IP);
	/* Before there is PPP. */
	l2tp(L2TP_SCCRQ, 8, 11, false, "x");
	l2tp(L2TP_CDN, 8, 11, false, "result 1");
	ck_assert_int_eq(stories_first(st)->cause, CAUSE_GAVE_UP);
}
END_TEST

START_TEST(times_of_stages_are_counted_once_each)
{
	const struct story_counts *c = stories_counts(st);

	ike(IKE_CALLING, 1, 1, 0, "");
	now.mono.ms += 30;
	ike(IKE_PHASE1, 1, 1, 0, "phase 1 established");
	ike(IKE_SA, 1, 2, 11, "IPsec SA established");
	now.mono.ms += 41;
	l2tp(L2TP_SCCRQ, 7, 11, false, "x");
	now.mono.ms += 40000;
	story_take_ppp_start(st, 7, now.mono);
	story_take_ppp_start(st, 7, now.mono);
	ck_assert_uint_eq(c->times[STORY_IKE].bucket[0], 1);
	ck_assert_uint_eq(c->times[STORY_IKE].sum_ms, 50);
	ck_assert_uint_eq(c->times[STORY_ESP].bucket[0], 0);
	ck_assert_uint_eq(c->times[STORY_ESP].bucket[1], 1);
	ck_assert_uint_eq(c->times[STORY_ESP].n, 1);
	ck_assert_uint_eq(c->times[STORY_L2TP].bucket[STORY_BUCKETS - 1], 0);
	ck_assert_uint_eq(c->times[STORY_L2TP].n, 1);
	ck_assert_uint_eq(c->times[STORY_L2TP].sum_ms, 40000);
}
END_TEST

START_TEST(refused_tunnel_names_the_limit)
{
	l2tp(L2TP_SCCRQ, 0, 11, false, "x");
	ck_assert_int_eq(stories_first(st)->result, STORY_CONNECTING);
	/* of no tunnel: by the client */
	says(L2TP_STOPCCN, 0, CAUSE_MAX_TUNNELS);
	ck_assert_int_eq(stories_first(st)->cause, CAUSE_MAX_TUNNELS);
}
END_TEST

/* The client sends its request again, and is refused again. */
START_TEST(refused_client_that_repeats_itself_counts_once)
{
	const struct story_counts *c = stories_counts(st);
	int i;

	ike(IKE_CALLING, 1, 1, 0, "");
	ike(IKE_SA, 1, 2, 11, "IPsec SA established");
	for (i = 0; i < 5; i++) {
		l2tp(L2TP_SCCRQ, 0, 11, false, "x");
		says(L2TP_STOPCCN, 0, CAUSE_MAX_TUNNELS);
	}
	ck_assert_uint_eq(count(), 1);
	ck_assert_int_eq(stories_first(st)->result, STORY_FAILED);
	ck_assert_uint_eq(c->failed[STORY_L2TP][CAUSE_MAX_TUNNELS], 1);
}
END_TEST

/* Before pppd has ended, which would say so. */
START_TEST(client_that_is_refused_and_hangs_up_keeps_the_reason)
{
	const struct story *s;

	l2tp(L2TP_SCCRQ, 7, 11, false, "x");
	story_take_ppp_start(st, 7, now.mono);
	story_take_auth(
	    st, 7, "bob", CAUSE_PASSWORD, "wrong password", now.mono);
	closes(7, CAUSE_HUNG_UP);
	s = stories_first(st);
	ck_assert_int_eq(s->result, STORY_FAILED);
	ck_assert_int_eq(s->cause, CAUSE_PASSWORD);
	ck_assert_str_eq(s->detail, "wrong password");
}
END_TEST

START_TEST(silence_names_what_is_missing)
{
	ike(IKE_CALLING, 1, 1, 0, "");
	ike(IKE_PHASE1, 1, 1, 0, "phase 1 established");
	ike(IKE_SA, 1, 2, 11, "IPsec SA established");
	now.mono.ms += STORY_ESP_QUIET_MS - 1;
	ck_assert(!mono_is_never(stories_expire(st, now.mono)));
	ck_assert_int_eq(stories_first(st)->result, STORY_CONNECTING);
	now.mono.ms++;
	ck_assert(mono_is_never(stories_expire(st, now.mono)));
	ck_assert_int_eq(stories_first(st)->cause, CAUSE_NO_L2TP);
	/* late, but it comes */
	l2tp(L2TP_SCCRQ, 7, 11, false, "x");
	ck_assert_uint_eq(count(), 1);
	ck_assert_int_eq(stories_first(st)->result, STORY_CONNECTING);
}
END_TEST

START_TEST(client_that_ends_ipsec_itself_is_told_of_soon)
{
	ike(IKE_CALLING, 1, 1, 0, "");
	ike(IKE_PHASE1, 1, 1, 0, "phase 1 established");
	ike(IKE_SA, 1, 2, 11, "IPsec SA established");
	ike(IKE_CLOSED_SA, 1, 2, 0, "IPsec SA closed by the client");
	/* it may have another */
	ike(IKE_SA, 1, 3, 12, "IPsec SA established");
	now.mono.ms += STORY_CLOSED_QUIET_MS;
	(void)stories_expire(st, now.mono);
	ck_assert_int_eq(stories_first(st)->result, STORY_CONNECTING);
	ike(IKE_CLOSED_SA, 1, 3, 0, "IPsec SA closed by the client");
	now.mono.ms += STORY_CLOSED_QUIET_MS;
	(void)stories_expire(st, now.mono);
	ck_assert_int_eq(stories_first(st)->cause, CAUSE_NO_L2TP);
	ck_assert_str_eq(stories_first(st)->detail,
	    "the client ended IPsec itself before that");
}
END_TEST

START_TEST(tunnel_is_up_while_one_of_its_sessions_is)
{
	const struct ppp_up up = { .ifname = "ppp0", .user = "bob" };

	l2tp(L2TP_SCCRQ, 7, 11, false, "lac");
	story_take_ppp_start(st, 7, now.mono);
	story_take_up(st, 7, &up, now.mono);
	story_take_ppp_start(st, 7, now.mono);
	story_take_auth(st, 7, "eve", CAUSE_PASSWORD, "any words", now.mono);
	story_take_ppp_end(st, 7, CAUSE_AUTH_METHOD, "any words", now.mono);
	ck_assert_int_eq(stories_first(st)->result, STORY_IS_UP);
	ck_assert_int_eq(stories_first(st)->cause, CAUSE_NONE);
	story_take_ppp_start(st, 7, now.mono);
	story_take_up(st, 7, &up, now.mono);
	story_take_ppp_end(st, 7, CAUSE_HUNG_UP, "any words", now.mono);
	ck_assert_int_eq(stories_first(st)->result, STORY_IS_UP);
	story_take_ppp_end(st, 7, CAUSE_HUNG_UP, "any words", now.mono);
	ck_assert_int_eq(stories_first(st)->result, STORY_ENDED);
	ck_assert_int_eq(stories_first(st)->cause, CAUSE_HUNG_UP);
}
END_TEST

START_TEST(renewed_keys_are_no_new_attempt)
{
	const struct ppp_up up = { .ifname = "ppp0", .user = "bob" };

	ike(IKE_CALLING, 1, 1, 0, "");
	ike(IKE_SA, 1, 2, 11, "IPsec SA established");
	l2tp(L2TP_SCCRQ, 7, 11, false, "x");
	story_take_up(st, 7, &up, now.mono);
	ike(IKE_CALLING, 1, 9, 0, "");
	ike(IKE_PHASE1, 1, 9, 0, "phase 1 established");
	ck_assert_uint_eq(count(), 2);
	now.mono.ms += STORY_IKE_QUIET_MS;
	(void)stories_expire(st, now.mono);
	ck_assert_uint_eq(count(), 1);
	ck_assert_int_eq(stories_first(st)->result, STORY_IS_UP);
}
END_TEST

/* It dials, and again over the same SA. */
static void
redial(void)
{
	const struct ppp_up up = { .ifname = "ppp0", .user = "bob" };
	uint16_t tid;

	ike(IKE_CALLING, 1, 1, 0, "");
	ike(IKE_PHASE1, 1, 1, 0, "phase 1 established");
	ike(IKE_SA, 1, 2, 11, "IPsec SA established");
	for (tid = 7; tid <= 8; tid++) {
		l2tp(L2TP_SCCRQ, tid, 11, false, "x");
		if (tid == 8)
			closes(7, CAUSE_REDIALLED);
		story_take_ppp_start(st, tid, now.mono);
		story_take_up(st, tid, &up, now.mono);
	}
	ck_assert_uint_eq(count(), 2);
	ck_assert_int_eq(stories_find(st, "#1")->cause, CAUSE_REDIALLED);
	ck_assert_str_eq(
	    stories_first(st)->events[0].text, "over the IPsec SA of #1");
}

/* Of phase 2, and then of phase 1. */
START_TEST(redial_over_an_sa_that_is_renewed_stays_apart)
{
	const struct story *first, *second;
	size_t n;

	redial();
	first = stories_find(st, "#1");
	n = first->n_events;
	ike(IKE_SA, 1, 3, 11, "IPsec SA established");
	ike(IKE_CALLING, 1, 9, 0, "");
	ike(IKE_PHASE1, 1, 9, 0, "phase 1 established");
	now.mono.ms += STORY_IKE_QUIET_MS;
	(void)stories_expire(st, now.mono);
	ck_assert_uint_eq(count(), 2);
	first = stories_find(st, "#1");
	ck_assert_int_eq(first->result, STORY_ENDED);
	ck_assert_uint_eq(first->n_events, n);
	second = stories_first(st);
	ck_assert_uint_eq(second->n, 2);
	ck_assert_int_eq(second->result, STORY_IS_UP);
	ck_assert_str_eq(
	    second->events[second->n_events - 1].text, "keys renewed");
	/* The keys are no step on its way. */
	ck_assert_int_eq(story_stage_ms(second, STORY_ESP), -1);
	ck_assert_int_ge(story_stage_ms(second, STORY_L2TP), 0);
}
END_TEST

/* Its phase 1 is closed: the end of the session that is there. */
START_TEST(redial_has_the_ike_of_its_client)
{
	redial();
	ike(IKE_CLOSED_SA, 1, 1, 0, "IPsec SA closed by the client");
	ck_assert_str_eq(
	    stories_first(st)->events[stories_first(st)->n_events - 1].text,
	    "IPsec SA closed by the client");
}
END_TEST

/* It comes back with a new SA; its L2TP is quicker than pluto's log. */
START_TEST(redial_with_an_sa_of_its_own_is_one_attempt)
{
	const struct story *s;

	redial();
	closes(8, CAUSE_DEAD_PEER);
	ike(IKE_CALLING, 1, 9, 0, "");
	ike(IKE_PHASE1, 1, 9, 0, "phase 1 established");
	l2tp(L2TP_SCCRQ, 12, 11, false, "x");
	ike(IKE_SA, 1, 10, 11, "IPsec SA established");
	ck_assert_uint_eq(count(), 3);
	s = stories_first(st);
	ck_assert_uint_eq(s->state, 9);
	ck_assert_int_eq(story_stage(s), STORY_L2TP);
	ck_assert_int_ge(story_stage_ms(s, STORY_ESP), 0);
}
END_TEST

START_TEST(flood_of_strangers_makes_nobody_go)
{
	struct ike_told t = { .event = IKE_CALLING,
		.conn = "anyone",
		.id = "",
		.detail = "",
		.text = "" };
	char peer[32];
	unsigned int i;

	ike(IKE_CALLING, 1, 1, 0, "");
	ike(IKE_BAD_PSK, 1, 1, 0, "failed: the pre-shared key differs");
	for (i = 0; i < 2000; i++) {
		snprintf(peer, sizeof(peer), "10.0.%u.%u", i / 256, i % 256);
		t.peer = peer;
		t.instance = t.state = 100 + i;
		story_take_ike(st, &t, now);
	}
	ck_assert_uint_eq(count(), STORY_STRANGERS + 1);
	ck_assert_int_eq(stories_find(st, "198.51.100.1")->cause, CAUSE_PSK);
	/* nor does one address */
	for (i = 0; i < 100; i++) {
		ike(IKE_CALLING, 10 + i, 5000 + i, 0, "");
		ike(IKE_BAD_PSK, 10 + i, 5000 + i, 0, "failed: x");
	}
	/* the last of them was a stranger at first, and made one go */
	ck_assert_uint_eq(count(), STORY_STRANGERS - 1 + STORY_OF_ADDRESS);
}
END_TEST

/* That nobody answers it is what a packet with a false sender comes to. */
START_TEST(stranger_who_does_not_answer_stays_one)
{
	static const enum ike_event events[] = { IKE_CALLING, IKE_NO_PSK,
		IKE_WAITING, IKE_ENDED, IKE_FORGOTTEN };
	struct ike_told t = { .peer = "198.51.100.1",
		.conn = "anyone",
		.id = "",
		.detail = "MAIN_R1",
		.text = "x" };
	size_t i;

	for (i = 0; i < nitems(events); i++) {
		t.event = events[i];
		story_take_ike(st, &t, now);
		ck_assert(stories_first(st)->stranger);
	}
	t.event = IKE_WAITING;
	t.detail = "MAIN_R2";
	story_take_ike(st, &t, now);
	ck_assert(!stories_first(st)->stranger);
}
END_TEST

START_TEST(second_try_has_a_cause_of_its_own)
{
	ike(IKE_CALLING, 1, 1, 0, "");
	ike(IKE_NO_PROPOSAL, 1, 1, 0, "failed: no proposal");
	ck_assert_int_eq(stories_first(st)->cause, CAUSE_IKE_PROPOSAL);
	ike(IKE_CALLING, 2, 2, 0, "");
	ck_assert_uint_eq(count(), 1);
	ike(IKE_BAD_PSK, 2, 2, 0, "failed: the pre-shared key differs");
	ck_assert_int_eq(stories_first(st)->result, STORY_FAILED);
	ck_assert_int_eq(stories_first(st)->cause, CAUSE_PSK);
}
END_TEST

START_TEST(first_message_that_is_refused_otherwise_has_another_cause)
{
	struct ike_told t = { .event = IKE_AGGRESSIVE,
		.peer = "198.51.100.1",
		.conn = "",
		.id = "",
		.detail = "",
		.text = "failed: x",
		.failed = 1 };

	story_take_ike(st, &t, now);
	story_take_ike(st, &t, now);
	ck_assert_int_eq(stories_first(st)->cause, CAUSE_AGGRESSIVE);
	t.event = IKE_VERSION2;
	t.text = "failed: y";
	story_take_ike(st, &t, now);
	story_take_ike(st, &t, now);
	ck_assert_uint_eq(count(), 1);
	ck_assert_int_eq(stories_first(st)->result, STORY_FAILED);
	ck_assert_int_eq(stories_first(st)->cause, CAUSE_IKEV2);
	ck_assert_str_eq(stories_first(st)->detail, "y");
}
END_TEST

START_TEST(long_story_keeps_beginning_and_end)
{
	const struct story *s;
	char text[32];
	unsigned int i;

	l2tp(L2TP_SCCRQ, 7, 11, false, "x");
	for (i = 0; i < 200; i++) {
		snprintf(text, sizeof(text), "note %u", i);
		story_take_note(st, 7, text, now.mono);
	}
	s = stories_first(st);
	ck_assert_uint_eq(s->n_events, STORY_EVENTS);
	ck_assert_uint_eq(s->left_out, 201 - STORY_EVENTS);
	ck_assert_str_eq(s->events[STORY_FIRST - 1].text, "note 38");
	ck_assert_str_eq(s->events[STORY_EVENTS - 1].text, "note 199");
}
END_TEST

START_TEST(text_of_a_peer_is_cleaned)
{
	char to[16];

	story_text(to, sizeof(to), "a\x1b[2J\xc3\xa4\xff\xe2\x80\xae");
	ck_assert_str_eq(to, "a?[2J\xc3\xa4????");
	story_text(to, 4, "ab\xc3\xa4");
	ck_assert_str_eq(to, "ab");
	story_text(to, sizeof(to), "\xe2\x82");
	ck_assert_str_eq(to, "??");
	/* No XML may hold them. */
	story_text(to, sizeof(to), "\xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xbd");
	ck_assert_str_eq(to, "??????\xef\xbf\xbd");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("story");
	TCase *tc = tcase_create("story");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(tc, begin, finish);
	tcase_add_test(tc, clients_behind_one_nat_are_told_apart);
	tcase_add_test(tc, wrong_password_is_the_cause_whatever_follows);
	tcase_add_test(tc, client_that_hangs_up_in_ppp_has_the_cause_of_ppp);
	tcase_add_test(tc, times_of_stages_are_counted_once_each);
	tcase_add_test(tc, refused_tunnel_names_the_limit);
	tcase_add_test(tc, refused_client_that_repeats_itself_counts_once);
	tcase_add_test(
	    tc, client_that_is_refused_and_hangs_up_keeps_the_reason);
	tcase_add_test(tc, silence_names_what_is_missing);
	tcase_add_test(tc, client_that_ends_ipsec_itself_is_told_of_soon);
	tcase_add_test(tc, tunnel_is_up_while_one_of_its_sessions_is);
	tcase_add_test(tc, renewed_keys_are_no_new_attempt);
	tcase_add_test(tc, redial_over_an_sa_that_is_renewed_stays_apart);
	tcase_add_test(tc, redial_has_the_ike_of_its_client);
	tcase_add_test(tc, redial_with_an_sa_of_its_own_is_one_attempt);
	tcase_add_test(tc, flood_of_strangers_makes_nobody_go);
	tcase_add_test(tc, stranger_who_does_not_answer_stays_one);
	tcase_add_test(tc, second_try_has_a_cause_of_its_own);
	tcase_add_test(
	    tc, first_message_that_is_refused_otherwise_has_another_cause);
	tcase_add_test(tc, long_story_keeps_beginning_and_end);
	tcase_add_test(tc, text_of_a_peer_is_cleaned);
	suite_add_tcase(s, tc);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
