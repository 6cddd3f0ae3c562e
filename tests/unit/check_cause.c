/* SPDX-License-Identifier: ISC */
/* Each cause is told of a client that meets it. */
#include "story_world.h"

/* How it comes to its end. */
enum how {
	PLUTO,	/* a line of its log, while IKE is under way */
	QUIET,	/* nothing more after that */
	L2TP,	/* we refuse or close it before PPP */
	TUNNEL, /* the tunnel goes before PPP */
	VERDICT,
	PPP, /* PPP ends before it is up */
	UP,  /* PPP ends afterwards */
};

static const struct {
	enum cause cause;
	enum how how;
	enum cause given; /* L2TP to UP */
	enum ike_event event;
	const char *detail;
	int large;
} ends[] = {
	{ CAUSE_PSK, PLUTO, .event = IKE_BAD_PSK },
	{ CAUSE_NO_PSK, PLUTO, .event = IKE_NO_PSK },
	{ CAUSE_IKE_PROPOSAL, PLUTO, .event = IKE_NO_PROPOSAL },
	{ CAUSE_ESP_PROPOSAL, PLUTO, .event = IKE_NO_ESP },
	{ CAUSE_NO_PEER, PLUTO, .event = IKE_NO_PEER },
	{ CAUSE_IDENTITY, PLUTO, .event = IKE_BAD_ID },
	{ CAUSE_CERTIFICATE, PLUTO, .event = IKE_BAD_CERT },
	{ CAUSE_SELECTOR, PLUTO, .event = IKE_BAD_SELECTOR },
	{ CAUSE_NO_NATT, PLUTO, .event = IKE_NO_NATT },
	{ CAUSE_AGGRESSIVE, PLUTO, .event = IKE_AGGRESSIVE },
	{ CAUSE_IKEV2, PLUTO, .event = IKE_VERSION2 },
	{ CAUSE_PORT_4500, PLUTO, .event = IKE_ENDED, .detail = "MAIN_R2" },
	{ CAUSE_LARGE_IKE, PLUTO, .event = IKE_ENDED, .detail = "MAIN_R2",
	    .large = 1 },
	{ CAUSE_IKE_SILENT, PLUTO, .event = IKE_ENDED, .detail = "MAIN_R1" },
	{ CAUSE_IKE_CLOSED, PLUTO, .event = IKE_CLOSED_PHASE1 },
	{ CAUSE_PORT_4500, QUIET, .event = IKE_WAITING, .detail = "MAIN_R2" },
	{ CAUSE_IKE_SILENT, QUIET, .event = IKE_ID },
	{ CAUSE_NO_QUICK, QUIET, .event = IKE_PHASE1 },
	{ CAUSE_ESP_BLOCKED, QUIET, .event = IKE_SA, .detail = "ESP, X" },
	{ CAUSE_NO_L2TP, QUIET, .event = IKE_SA, .detail = "ESP in UDP, X" },
	{ CAUSE_MAX_TUNNELS, L2TP, .given = CAUSE_MAX_TUNNELS },
	{ CAUSE_MAX_SESSIONS, L2TP, .given = CAUSE_MAX_SESSIONS },
	{ CAUSE_TUNNEL_SECRET, L2TP, .given = CAUSE_TUNNEL_SECRET },
	{ CAUSE_L2TP_PEER, L2TP, .given = CAUSE_L2TP_PEER },
	{ CAUSE_L2TP_PROTOCOL, L2TP, .given = CAUSE_L2TP_PROTOCOL },
	{ CAUSE_L2TP_SILENT, L2TP, .given = CAUSE_L2TP_SILENT },
	{ CAUSE_NO_CALL, L2TP, .given = CAUSE_NO_CALL },
	{ CAUSE_KERNEL, L2TP, .given = CAUSE_KERNEL },
	{ CAUSE_SHUTDOWN, L2TP, .given = CAUSE_SHUTDOWN },
	{ CAUSE_L2TP_SILENT, TUNNEL, .given = CAUSE_DEAD_PEER },
	{ CAUSE_GAVE_UP, TUNNEL, .given = CAUSE_HUNG_UP },
	{ CAUSE_NO_CALL, TUNNEL, .given = CAUSE_IDLE },
	{ CAUSE_OTHER, TUNNEL, .given = CAUSE_NONE },
	{ CAUSE_AUTH_METHOD, VERDICT, .given = CAUSE_AUTH_METHOD },
	{ CAUSE_USER_UNKNOWN, VERDICT, .given = CAUSE_USER_UNKNOWN },
	{ CAUSE_PASSWORD, VERDICT, .given = CAUSE_PASSWORD },
	{ CAUSE_USER_DISABLED, VERDICT, .given = CAUSE_USER_DISABLED },
	{ CAUSE_LOGIN_FAILURES, VERDICT, .given = CAUSE_LOGIN_FAILURES },
	{ CAUSE_USER_SESSIONS, VERDICT, .given = CAUSE_USER_SESSIONS },
	{ CAUSE_POOL, VERDICT, .given = CAUSE_POOL },
	{ CAUSE_ADDRESS_TAKEN, VERDICT, .given = CAUSE_ADDRESS_TAKEN },
	{ CAUSE_DHCP, VERDICT, .given = CAUSE_DHCP },
	{ CAUSE_RADIUS_SILENT, VERDICT, .given = CAUSE_RADIUS_SILENT },
	{ CAUSE_RADIUS_REFUSED, VERDICT, .given = CAUSE_RADIUS_REFUSED },
	{ CAUSE_RADIUS_ANSWER, VERDICT, .given = CAUSE_RADIUS_ANSWER },
	{ CAUSE_PPPD, PPP, .given = CAUSE_PPPD },
	{ CAUSE_LCP_SILENT, PPP, .given = CAUSE_LCP_SILENT },
	{ CAUSE_AUTH_METHOD, PPP, .given = CAUSE_AUTH_METHOD },
	{ CAUSE_AUTH_SILENT, PPP, .given = CAUSE_AUTH_SILENT },
	{ CAUSE_NO_IP, PPP, .given = CAUSE_NO_IP },
	{ CAUSE_GAVE_UP, PPP, .given = CAUSE_HUNG_UP },
	{ CAUSE_ADMIN, PPP, .given = CAUSE_ADMIN },
	{ CAUSE_HUNG_UP, UP, .given = CAUSE_HUNG_UP },
	{ CAUSE_DEAD_PEER, UP, .given = CAUSE_DEAD_PEER },
	{ CAUSE_IDLE, UP, .given = CAUSE_IDLE },
	{ CAUSE_SESSION_TIME, UP, .given = CAUSE_SESSION_TIME },
	{ CAUSE_DUPLICATE_LOGIN, UP, .given = CAUSE_DUPLICATE_LOGIN },
	{ CAUSE_REDIALLED, UP, .given = CAUSE_REDIALLED },
	{ CAUSE_ADMIN, UP, .given = CAUSE_ADMIN },
	{ CAUSE_SHUTDOWN, UP, .given = CAUSE_SHUTDOWN },
	{ CAUSE_KEYS_LOST, UP, .given = CAUSE_KEYS_LOST },
	{ CAUSE_OTHER, UP, .given = CAUSE_OTHER },
};

static void
pluto(size_t i)
{
	const struct ike_told t = { .event = ends[i].event,
		.peer = "198.51.100.1",
		.conn = "anyone",
		.instance = 1,
		.state = 1,
		.id = "",
		.detail = ends[i].detail != NULL ? ends[i].detail : "",
		.text = "any words",
		.failed = ends[i].how == PLUTO,
		.large = ends[i].large };

	ike(IKE_CALLING, 1, 1, 0, "");
	story_take_ike(st, &t, now);
	if (ends[i].how == PLUTO)
		return;
	now.mono.ms += STORY_IKE_QUIET_MS;
	(void)stories_expire(st, now.mono);
}

static void
ppp(size_t i)
{
	const struct ppp_up up = { .ifname = "ppp0", .user = "bob" };
	enum cause given = ends[i].given;

	story_take_ppp_start(st, 7, now.mono);
	if (ends[i].how == VERDICT) {
		story_take_auth(st, 7, "bob", given, "any words", now.mono);
		given = CAUSE_HUNG_UP; /* as it seems afterwards */
	}
	if (ends[i].how == UP)
		story_take_up(st, 7, &up, now.mono);
	story_take_ppp_end(st, 7, given, "any words", now.mono);
}

START_TEST(end_has_its_cause_whatever_the_words)
{
	const struct story *s;

	if (ends[_i].how == PLUTO || ends[_i].how == QUIET) {
		pluto((size_t)_i);
	} else {
		l2tp(L2TP_SCCRQ, 7, 11, false, "x");
		if (ends[_i].how == L2TP)
			says(L2TP_STOPCCN, 7, ends[_i].given);
		else if (ends[_i].how == TUNNEL)
			closes(7, ends[_i].given);
		else
			ppp((size_t)_i);
	}
	ck_assert_uint_eq(count(), 1);
	s = stories_first(st);
	ck_assert_str_eq(cause_name(s->cause), cause_name(ends[_i].cause));
	ck_assert_int_eq(
	    s->result, ends[_i].how == UP ? STORY_ENDED : STORY_FAILED);
}
END_TEST

START_TEST(each_cause_has_an_end_here)
{
	enum cause c;
	size_t i;

	for (c = CAUSE_NONE + 1; c < CAUSE_N; c++) {
		for (i = 0; i < nitems(ends) && ends[i].cause != c; i++)
			;
		ck_assert_msg(
		    i < nitems(ends), "no end with cause %s", cause_name(c));
	}
}
END_TEST

START_TEST(each_cause_has_words)
{
	enum cause c;

	for (c = CAUSE_NONE + 1; c < CAUSE_N; c++) {
		ck_assert_str_ne(cause_name(c), "");
		ck_assert_str_ne(cause_text(c), "");
		ck_assert_str_ne(cause_mend(c), "");
		ck_assert_str_ne(cause_symptom(c), "");
	}
	ck_assert_str_eq(cause_name(CAUSE_NONE), "");
	ck_assert_str_eq(cause_name(CAUSE_N), "");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("cause");
	TCase *tc = tcase_create("cause");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(tc, begin, finish);
	tcase_add_loop_test(
	    tc, end_has_its_cause_whatever_the_words, 0, (int)nitems(ends));
	tcase_add_test(tc, each_cause_has_an_end_here);
	tcase_add_test(tc, each_cause_has_words);
	suite_add_tcase(s, tc);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
