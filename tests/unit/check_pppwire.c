/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <check.h>

#include "../../ppp/plugin/wire.h"

static struct wire_msg m;

static void
fill(uint32_t type)
{
	memset(&m, 0xff, sizeof(m));
	m.magic = WIRE_MAGIC;
	m.type = type;
	if (type == WIRE_ASK) {
		m.u.ask.method = WIRE_PAP;
		m.u.ask.name_len = WIRE_NAME_MAX;
		m.u.ask.challenge_len = WIRE_CHALLENGE_MAX;
		m.u.ask.response_len = WIRE_RESPONSE_MAX;
	} else if (type == WIRE_VERDICT) {
		m.u.verdict.idle_s = INT32_MAX;
		m.u.verdict.session_s = INT32_MAX;
		m.u.verdict.proof[WIRE_PROOF_MAX - 1] = '\0';
	} else if (type == WIRE_PHASE) {
		m.u.phase = WIRE_PHASE_AUTH;
	} else if (type == WIRE_UP) {
		m.u.up.ifname[WIRE_IFNAME_MAX - 1] = '\0';
	} else if (type == WIRE_IPV6_UP) {
		m.u.ipv6_up.ifname[WIRE_IFNAME_MAX - 1] = '\0';
		m.u.ipv6_up.local[0] = 0;
		m.u.ipv6_up.mtu = WIRE_IPV6_MTU_MIN;
	} else if (type == WIRE_END) {
		m.u.end.status = WIRE_STATUS_MAX;
	} else if (type == WIRE_PROXY) {
		m.u.proxy.sent.flags = WIRE_LCP_ALL;
		m.u.proxy.received.flags = WIRE_LCP_ALL;
		m.u.proxy.method = WIRE_CHAP;
		m.u.proxy.answered = 1;
		m.u.proxy.reply = 1;
		m.u.proxy.name_len = WIRE_NAME_MAX;
	}
}

START_TEST(wire_message_at_its_bounds_is_valid)
{
	uint32_t t;

	for (t = WIRE_ASK; t <= WIRE_IPV6_DOWN; t++) {
		fill(t);
		ck_assert_msg(wire_valid(&m, sizeof(m)), "type %u", t);
	}
}
END_TEST

START_TEST(wire_other_length_is_rejected)
{
	uint32_t t;
	size_t len;

	for (t = WIRE_ASK; t <= WIRE_IPV6_DOWN; t++) {
		fill(t);
		for (len = 0; len < sizeof(m); len++)
			ck_assert(!wire_valid(&m, len));
		ck_assert(!wire_valid(&m, sizeof(m) + 1));
	}
}
END_TEST

START_TEST(wire_other_magic_or_type_is_rejected)
{
	fill(WIRE_END);
	m.magic++;
	ck_assert(!wire_valid(&m, sizeof(m)));
	fill(WIRE_END);
	m.type = 0;
	ck_assert(!wire_valid(&m, sizeof(m)));
	m.type = WIRE_IPV6_DOWN + 1;
	ck_assert(!wire_valid(&m, sizeof(m)));
	memset(&m, 0, sizeof(m));
	ck_assert(!wire_valid(&m, sizeof(m)));
	memset(&m, 0xff, sizeof(m));
	ck_assert(!wire_valid(&m, sizeof(m)));
}
END_TEST

START_TEST(wire_ask_with_a_length_too_large_is_rejected)
{
	fill(WIRE_ASK);
	m.u.ask.name_len = WIRE_NAME_MAX + 1;
	ck_assert(!wire_valid(&m, sizeof(m)));
	fill(WIRE_ASK);
	m.u.ask.challenge_len = WIRE_CHALLENGE_MAX + 1;
	ck_assert(!wire_valid(&m, sizeof(m)));
	fill(WIRE_ASK);
	m.u.ask.response_len = WIRE_RESPONSE_MAX + 1;
	ck_assert(!wire_valid(&m, sizeof(m)));
}
END_TEST

START_TEST(wire_ask_with_unknown_method_is_rejected)
{
	fill(WIRE_ASK);
	m.u.ask.method = 0;
	ck_assert(!wire_valid(&m, sizeof(m)));
	m.u.ask.method = WIRE_PROXIED + 1;
	ck_assert(!wire_valid(&m, sizeof(m)));
}
END_TEST

START_TEST(wire_string_without_end_is_rejected)
{
	fill(WIRE_UP);
	m.u.up.ifname[WIRE_IFNAME_MAX - 1] = 'x';
	ck_assert(!wire_valid(&m, sizeof(m)));
	m.u.up.ifname[0] = '\0';
	ck_assert(!wire_valid(&m, sizeof(m)));
	fill(WIRE_VERDICT);
	m.u.verdict.proof[WIRE_PROOF_MAX - 1] = 'x';
	ck_assert(!wire_valid(&m, sizeof(m)));
}
END_TEST

START_TEST(wire_unknown_phase_is_rejected)
{
	fill(WIRE_PHASE);
	m.u.phase = 0;
	ck_assert(!wire_valid(&m, sizeof(m)));
	m.u.phase = WIRE_PHASE_NETWORK + 1;
	ck_assert(!wire_valid(&m, sizeof(m)));
}
END_TEST

START_TEST(wire_ipv6_without_two_identifiers_and_room_is_rejected)
{
	fill(WIRE_IPV6_UP);
	m.u.ipv6_up.ifname[0] = '\0';
	ck_assert(!wire_valid(&m, sizeof(m)));
	fill(WIRE_IPV6_UP);
	m.u.ipv6_up.ifname[WIRE_IFNAME_MAX - 1] = 'x';
	ck_assert(!wire_valid(&m, sizeof(m)));
	fill(WIRE_IPV6_UP);
	m.u.ipv6_up.mtu = WIRE_IPV6_MTU_MIN - 1;
	ck_assert(!wire_valid(&m, sizeof(m)));
	fill(WIRE_IPV6_UP);
	memset(m.u.ipv6_up.local, 0, WIRE_IPV6_ID_LEN);
	ck_assert(!wire_valid(&m, sizeof(m)));
	fill(WIRE_IPV6_UP);
	memset(m.u.ipv6_up.remote, 0, WIRE_IPV6_ID_LEN);
	ck_assert(!wire_valid(&m, sizeof(m)));
	fill(WIRE_IPV6_UP);
	m.u.ipv6_up.local[0] = m.u.ipv6_up.remote[0];
	ck_assert(!wire_valid(&m, sizeof(m)));
}
END_TEST

START_TEST(wire_status_that_is_no_exit_code_is_rejected)
{
	fill(WIRE_END);
	m.u.end.status = WIRE_STATUS_MAX + 1;
	ck_assert(!wire_valid(&m, sizeof(m)));
}
END_TEST

static bool
proxy_is_valid(
    uint8_t method, uint8_t answered, uint8_t reply, uint16_t name_len)
{
	fill(WIRE_PROXY);
	m.u.proxy.method = method;
	m.u.proxy.answered = answered;
	m.u.proxy.reply = reply;
	m.u.proxy.name_len = name_len;
	return wire_valid(&m, sizeof(m)) != 0;
}

START_TEST(wire_proxy_that_contradicts_itself_is_rejected)
{
	ck_assert(proxy_is_valid(WIRE_PAP, 1, 0, 0));
	ck_assert(proxy_is_valid(WIRE_MSCHAPV2, 0, 0, 0));
	ck_assert(!proxy_is_valid(WIRE_MSCHAPV2, 1, 1, 0));
	ck_assert(!proxy_is_valid(WIRE_CHAP, 0, 1, 0));
	ck_assert(!proxy_is_valid(WIRE_CHAP, 2, 1, 0));
	ck_assert(!proxy_is_valid(0, 0, 0, 0));
	ck_assert(!proxy_is_valid(WIRE_PROXIED, 0, 0, 0));
	ck_assert(!proxy_is_valid(WIRE_CHAP, 1, 1, WIRE_NAME_MAX + 1));
}
END_TEST

START_TEST(wire_proxy_with_unknown_flags_is_rejected)
{
	fill(WIRE_PROXY);
	m.u.proxy.sent.flags = WIRE_LCP_ALL + 1;
	ck_assert(!wire_valid(&m, sizeof(m)));
	fill(WIRE_PROXY);
	m.u.proxy.received.flags = WIRE_LCP_ALL + 1;
	ck_assert(!wire_valid(&m, sizeof(m)));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("pppwire");
	TCase *tc = tcase_create("pppwire");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, wire_message_at_its_bounds_is_valid);
	tcase_add_test(tc, wire_other_length_is_rejected);
	tcase_add_test(tc, wire_other_magic_or_type_is_rejected);
	tcase_add_test(tc, wire_ask_with_a_length_too_large_is_rejected);
	tcase_add_test(tc, wire_ask_with_unknown_method_is_rejected);
	tcase_add_test(tc, wire_string_without_end_is_rejected);
	tcase_add_test(tc, wire_unknown_phase_is_rejected);
	tcase_add_test(
	    tc, wire_ipv6_without_two_identifiers_and_room_is_rejected);
	tcase_add_test(tc, wire_status_that_is_no_exit_code_is_rejected);
	tcase_add_test(tc, wire_proxy_that_contradicts_itself_is_rejected);
	tcase_add_test(tc, wire_proxy_with_unknown_flags_is_rejected);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
