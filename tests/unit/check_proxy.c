/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <check.h>

#include "../../ppp/proxy.h"

#define ALL (CONF_AUTH_PAP | CONF_AUTH_CHAP | CONF_AUTH_MSCHAPV2)

static struct conf_ppp ppp;
static struct lns_call call;
static struct proxy_plan plan;
static struct proxy_lcp lcp;

static void
put(struct lns_octets *o, const void *data, size_t len)
{
	memcpy(o->data, data, len);
	o->len = (uint8_t)len;
}

#define PUT(o, text) put(&(o), text, sizeof(text) - 1)

#define MRU_1300 "\x01\x04\x05\x14"
#define ACCM "\x02\x06\x00\x0a\x00\x00"
#define PAP "\x03\x04\xc0\x23"
#define MD5 "\x03\x05\xc2\x23\x05"
#define MSV1 "\x03\x05\xc2\x23\x80"
#define MSV2 "\x03\x05\xc2\x23\x81"
#define EAP "\x03\x04\xc2\x27"
#define MAGIC_1 "\x05\x06\x11\x22\x33\x44"
#define MAGIC_2 "\x05\x06\x55\x66\x77\x88"
#define MAGIC_0 "\x05\x06\x00\x00\x00\x00"
#define PFC "\x07\x02"
#define ACFC "\x08\x02"
#define CALLBACK "\x0d\x03\x06"
#define MRRU "\x11\x04\x05\xdc"
#define ENDPOINT "\x13\x09\x03\x00\x01\x02\x03\x04\x05"
#define FULL MRU_1300 ACCM MD5 MAGIC_1 PFC ACFC ENDPOINT

/* A call that a LAC has taken as far as CHAP's response. */
static void
setup(void)
{
	memset(&ppp, 0, sizeof(ppp));
	ppp.auth = ALL;
	ppp.mtu = 1400;
	memset(&call, 0, sizeof(call));
	PUT(call.last_sent, MRU_1300 MD5 MAGIC_1);
	PUT(call.last_received, MAGIC_2 PFC ACFC);
	call.auth = LNS_PROXY_CHAP;
	call.auth_id = 7;
	PUT(call.auth_name, "alice");
	PUT(call.auth_challenge, "0123456789");
	PUT(call.auth_response, "sixteen octets..");
}

static bool
plan_is_empty(void)
{
	static const struct proxy_plan none;

	return memcmp(&plan, &none, sizeof(plan)) == 0;
}

static void
assert_used(void)
{
	const char *why = proxy_decide(&call, &ppp, &plan);
	struct wire_msg m;

	ck_assert_msg(why == NULL, "%s", why);
	memset(&m, 0, sizeof(m));
	m.magic = WIRE_MAGIC;
	m.type = WIRE_PROXY;
	m.u.proxy = plan.open;
	ck_assert(wire_valid(&m, sizeof(m)));
	ck_assert(!plan.open.answered || wire_ask_valid(&plan.ask));
}

static void
assert_not_used(const char *word)
{
	const char *why;

	memset(&plan, 0xff, sizeof(plan));
	why = proxy_decide(&call, &ppp, &plan);
	ck_assert_ptr_nonnull(why);
	ck_assert_msg(strstr(why, word) != NULL, "%s", why);
	ck_assert(plan_is_empty());
}

static const char *
parse(const char *options, size_t len)
{
	/* So that a sanitizer sees every octet too many. */
	uint8_t *copy = malloc(len + (len == 0));
	const char *error;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, options, len);
	error = proxy_parse(copy, len, &lcp);
	free(copy);
	return error;
}

#define PARSE(text) parse(text, sizeof(text) - 1)

START_TEST(proxy_all_options_are_read)
{
	ck_assert_ptr_null(PARSE(FULL));
	ck_assert_uint_eq(lcp.lcp.flags, WIRE_LCP_ALL);
	ck_assert_uint_eq(lcp.lcp.mru, 1300);
	ck_assert_uint_eq(lcp.lcp.asyncmap, 0x000a0000);
	ck_assert_uint_eq(lcp.lcp.magic, 0x11223344);
	ck_assert_uint_eq(lcp.auth, 0xc223);
	ck_assert_uint_eq(lcp.algorithm, 5);
	ck_assert_ptr_null(PARSE(PAP));
	ck_assert_uint_eq(lcp.lcp.flags, 0);
	ck_assert_uint_eq(lcp.auth, 0xc023);
	ck_assert_uint_eq(lcp.algorithm, 0);
	ck_assert_ptr_null(PARSE(""));
	ck_assert_uint_eq(lcp.lcp.flags, 0);
}
END_TEST

START_TEST(proxy_options_cut_anywhere_are_malformed)
{
	static const size_t ends[] = { 0, 4, 10, 15, 21, 23, 25, 34 };
	size_t len, i;

	ck_assert_uint_eq(sizeof(FULL) - 1, 34);
	for (len = 0; len < sizeof(FULL); len++) {
		bool at_end = false;

		for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
			at_end = at_end || ends[i] == len;
		ck_assert_msg(
		    (parse(FULL, len) == NULL) == at_end, "length %zu", len);
	}
}
END_TEST

START_TEST(proxy_every_other_length_of_an_option_is_refused)
{
	/* type, the lengths that are right */
	static const struct {
		uint8_t type, min, max;
	} known[] = { { 1, 4, 4 }, { 2, 6, 6 }, { 3, 4, 5 }, { 5, 6, 6 },
		{ 7, 2, 2 }, { 8, 2, 2 }, { 19, 3, 23 } };
	char buf[255];
	size_t i, len;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		for (len = 0; len <= sizeof(buf); len++) {
			memset(buf, 1, sizeof(buf));
			buf[0] = (char)known[i].type;
			buf[1] = (char)len;
			ck_assert_msg(
			    (parse(buf, len < 2 ? 2 : len) == NULL) ==
				(len >= known[i].min && len <= known[i].max),
			    "type %u length %zu", known[i].type, len);
		}
	}
}
END_TEST

START_TEST(proxy_option_given_twice_is_malformed)
{
	ck_assert_ptr_nonnull(PARSE(PFC PFC));
	ck_assert_ptr_nonnull(PARSE(MD5 MAGIC_1 PAP));
	ck_assert_ptr_nonnull(PARSE(MRU_1300 MRU_1300));
}
END_TEST

START_TEST(proxy_option_that_we_do_not_do_is_refused)
{
	char option[2] = { 0, 2 };
	int type;

	ck_assert_ptr_nonnull(PARSE(CALLBACK));
	ck_assert_ptr_nonnull(PARSE(MAGIC_1 MRRU));
	for (type = 0; type < 256; type++) {
		option[0] = (char)type;
		ck_assert_msg(
		    (parse(option, 2) == NULL) == (type == 7 || type == 8),
		    "type %d", type);
	}
}
END_TEST

START_TEST(proxy_chap_is_used_as_it_came)
{
	assert_used();
	ck_assert_uint_eq(plan.open.sent.flags, WIRE_LCP_MRU | WIRE_LCP_MAGIC);
	ck_assert_uint_eq(plan.open.sent.mru, 1300);
	ck_assert_uint_eq(plan.open.sent.magic, 0x11223344);
	ck_assert_uint_eq(plan.open.received.flags,
	    WIRE_LCP_MAGIC | WIRE_LCP_PFC | WIRE_LCP_ACFC);
	ck_assert_uint_eq(plan.open.received.magic, 0x55667788);
	ck_assert_uint_eq(plan.open.method, WIRE_CHAP);
	ck_assert_uint_eq(plan.open.answered, 1);
	ck_assert_uint_eq(plan.open.reply, 1);
	ck_assert_uint_eq(plan.open.id, 7);
	ck_assert_uint_eq(plan.open.name_len, 5);
	ck_assert_mem_eq(plan.open.name, "alice", 5);
	ck_assert_uint_eq(plan.ask.method, WIRE_CHAP);
	ck_assert_uint_eq(plan.ask.id, 7);
	ck_assert_uint_eq(plan.ask.name_len, 5);
	ck_assert_mem_eq(plan.ask.name, "alice", 5);
	ck_assert_uint_eq(plan.ask.challenge_len, 10);
	ck_assert_mem_eq(plan.ask.challenge, "0123456789", 10);
	ck_assert_uint_eq(plan.ask.response_len, 16);
	ck_assert_mem_eq(plan.ask.response, "sixteen octets..", 16);
}
END_TEST

START_TEST(proxy_pap_is_used_and_its_password_not_for_pppd)
{
	PUT(call.last_sent, MRU_1300 PAP);
	call.auth = LNS_PROXY_PAP;
	PUT(call.auth_response, "pass word");
	assert_used();
	ck_assert_uint_eq(plan.open.method, WIRE_PAP);
	ck_assert_uint_eq(plan.open.reply, 1);
	ck_assert_ptr_null(memmem(&plan.open, sizeof(plan.open), "pass", 4));
	ck_assert_uint_eq(plan.ask.method, WIRE_PAP);
	ck_assert_uint_eq(plan.ask.challenge_len, 0);
	ck_assert_uint_eq(plan.ask.response_len, 9);
	ck_assert_mem_eq(plan.ask.response, "pass word", 9);
}
END_TEST

START_TEST(proxy_text_is_pap_without_a_reply)
{
	PUT(call.last_sent, MRU_1300);
	call.auth = LNS_PROXY_TEXT;
	assert_used();
	ck_assert_uint_eq(plan.open.method, WIRE_PAP);
	ck_assert_uint_eq(plan.open.answered, 1);
	ck_assert_uint_eq(plan.open.reply, 0);
	ppp.auth = ALL & ~CONF_AUTH_PAP;
	assert_not_used("not allowed");
}
END_TEST

START_TEST(proxy_lcp_alone_leaves_authentication_to_us)
{
	call.auth = LNS_PROXY_NO_AUTH;
	assert_used();
	ck_assert_uint_eq(plan.open.method, WIRE_CHAP);
	ck_assert_uint_eq(plan.open.answered, 0);
	ck_assert_uint_eq(plan.open.reply, 0);
	ck_assert_uint_eq(plan.ask.method, 0);
	PUT(call.last_sent, MRU_1300 MSV2);
	assert_used();
	ck_assert_uint_eq(plan.open.method, WIRE_MSCHAPV2);
	PUT(call.last_sent, MRU_1300 PAP);
	assert_used();
	/* No word of authentication: who knows what has been. */
	call.auth = LNS_PROXY_NONE;
	assert_not_used("pap");
	PUT(call.last_sent, MRU_1300 MD5);
	assert_used();
	ck_assert_uint_eq(plan.open.answered, 0);
	PUT(call.last_sent, MRU_1300);
	assert_not_used("without authentication");
	call.auth = LNS_PROXY_NO_AUTH;
	assert_not_used("without authentication");
}
END_TEST

START_TEST(proxy_type_that_differs_from_lcp_is_not_used)
{
	static const struct {
		enum lns_proxy_auth auth;
		const char *sent;
		size_t len;
	} no[] = {
		{ LNS_PROXY_CHAP, MRU_1300 PAP, 8 },
		{ LNS_PROXY_CHAP, MRU_1300 MSV1, 9 },
		{ LNS_PROXY_CHAP, MRU_1300 MSV2, 9 },
		{ LNS_PROXY_CHAP, MRU_1300 EAP, 8 },
		{ LNS_PROXY_CHAP, MRU_1300, 4 },
		{ LNS_PROXY_PAP, MRU_1300 MD5, 9 },
		{ LNS_PROXY_PAP, MRU_1300, 4 },
		{ LNS_PROXY_TEXT, MRU_1300 PAP, 8 },
		{ LNS_PROXY_TEXT, MRU_1300 EAP, 8 },
		{ LNS_PROXY_MSCHAP, MRU_1300 MSV1, 9 },
		{ LNS_PROXY_MSCHAP, MRU_1300 MD5, 9 },
		{ LNS_PROXY_NO_AUTH, MRU_1300 MSV1, 9 },
		{ LNS_PROXY_NO_AUTH, MRU_1300 EAP, 8 },
		{ (enum lns_proxy_auth)7, MRU_1300 MD5, 9 },
	};
	size_t i;

	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		call.auth = no[i].auth;
		put(&call.last_sent, no[i].sent, no[i].len);
		assert_not_used("");
	}
}
END_TEST

START_TEST(proxy_protocol_that_is_not_allowed_is_not_used)
{
	ppp.auth = ALL & ~CONF_AUTH_CHAP;
	assert_not_used("not allowed");
	call.auth = LNS_PROXY_NO_AUTH;
	assert_not_used("not allowed");
	PUT(call.last_sent, MRU_1300 MSV2);
	assert_used();
	ppp.auth = CONF_AUTH_CHAP;
	assert_not_used("not allowed");
}
END_TEST

START_TEST(proxy_without_both_option_lists_is_not_used)
{
	call.last_sent.len = 0;
	assert_not_used("missing");
	setup();
	call.last_received.len = 0;
	assert_not_used("missing");
}
END_TEST

START_TEST(proxy_with_any_list_cut_is_not_used_or_says_less)
{
	size_t len;

	/* One octet less than an option is malformed in either list. */
	for (len = 1; len < 15; len++) {
		setup();
		call.last_sent.len = (uint8_t)len;
		if (len == 9) /* without the magic number */
			assert_used();
		else
			assert_not_used("");
	}
	for (len = 1; len < 10; len++) {
		setup();
		call.last_received.len = (uint8_t)len;
		if (len == 6 || len == 8)
			assert_used();
		else
			assert_not_used("malformed");
	}
}
END_TEST

START_TEST(proxy_mru_within_our_limits_is_used)
{
	ppp.mtu = 1300;
	assert_used();
	ppp.mtu = 1299;
	assert_not_used("larger");
	/* None means 1500. */
	PUT(call.last_sent, MD5);
	ppp.mtu = 1499;
	assert_not_used("larger");
	ppp.mtu = 1500;
	assert_used();
	PUT(call.last_sent, "\x01\x04\x00\x7f" MD5);
	assert_not_used("too small");
	PUT(call.last_sent, "\x01\x04\x00\x80" MD5);
	assert_used();
	PUT(call.last_received, "\x01\x04\x00\x7f");
	assert_not_used("too small");
	/* What it can take and we never send does no harm. */
	PUT(call.last_received, "\x01\x04\xff\xff");
	assert_used();
}
END_TEST

START_TEST(proxy_magic_numbers_must_differ_and_not_be_zero)
{
	PUT(call.last_received, MAGIC_1);
	assert_not_used("looped");
	PUT(call.last_received, MAGIC_0);
	assert_not_used("zero");
	PUT(call.last_received, PFC);
	assert_used();
	PUT(call.last_sent, MRU_1300 MD5 MAGIC_0);
	assert_not_used("zero");
}
END_TEST

START_TEST(proxy_peer_that_wants_us_to_authenticate_is_not_used)
{
	PUT(call.last_received, MAGIC_2 PAP);
	assert_not_used("us to authenticate");
}
END_TEST

START_TEST(proxy_longest_texts_fit)
{
	memset(&call.auth_name, 'n', sizeof(call.auth_name));
	call.auth_name.len = LNS_OCTETS_MAX;
	memset(&call.auth_response, 'r', sizeof(call.auth_response));
	call.auth_response.len = LNS_OCTETS_MAX;
	call.auth_challenge.len = WIRE_CHALLENGE_MAX;
	assert_used();
	ck_assert_uint_eq(plan.ask.name_len, LNS_OCTETS_MAX);
	ck_assert_uint_eq(plan.ask.response_len, LNS_OCTETS_MAX);
	ck_assert_uint_eq(plan.ask.challenge_len, WIRE_CHALLENGE_MAX);
	call.auth_challenge.len = WIRE_CHALLENGE_MAX + 1;
	assert_not_used("too long");
	/* PAP has none: what stands there does not matter. */
	PUT(call.last_sent, MRU_1300 PAP);
	call.auth = LNS_PROXY_PAP;
	assert_used();
	ck_assert_uint_eq(plan.ask.challenge_len, 0);
}
END_TEST

START_TEST(proxy_is_offered_if_anything_is_there)
{
	ck_assert(proxy_is_offered(&call));
	memset(&call, 0, sizeof(call));
	ck_assert(!proxy_is_offered(&call));
	call.auth = LNS_PROXY_NO_AUTH;
	ck_assert(proxy_is_offered(&call));
	setup();
	call.auth = LNS_PROXY_NONE;
	call.last_sent.len = 0;
	ck_assert(proxy_is_offered(&call));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("proxy");
	TCase *tc = tcase_create("proxy");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, proxy_all_options_are_read);
	tcase_add_test(tc, proxy_options_cut_anywhere_are_malformed);
	tcase_add_test(tc, proxy_every_other_length_of_an_option_is_refused);
	tcase_add_test(tc, proxy_option_given_twice_is_malformed);
	tcase_add_test(tc, proxy_option_that_we_do_not_do_is_refused);
	tcase_add_test(tc, proxy_chap_is_used_as_it_came);
	tcase_add_test(tc, proxy_pap_is_used_and_its_password_not_for_pppd);
	tcase_add_test(tc, proxy_text_is_pap_without_a_reply);
	tcase_add_test(tc, proxy_lcp_alone_leaves_authentication_to_us);
	tcase_add_test(tc, proxy_type_that_differs_from_lcp_is_not_used);
	tcase_add_test(tc, proxy_protocol_that_is_not_allowed_is_not_used);
	tcase_add_test(tc, proxy_without_both_option_lists_is_not_used);
	tcase_add_test(tc, proxy_with_any_list_cut_is_not_used_or_says_less);
	tcase_add_test(tc, proxy_mru_within_our_limits_is_used);
	tcase_add_test(tc, proxy_magic_numbers_must_differ_and_not_be_zero);
	tcase_add_test(
	    tc, proxy_peer_that_wants_us_to_authenticate_is_not_used);
	tcase_add_test(tc, proxy_longest_texts_fit);
	tcase_add_test(tc, proxy_is_offered_if_anything_is_there);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
