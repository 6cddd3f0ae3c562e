/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <check.h>

#include "../../ppp/radius_order.h"

static struct radius_request request, reply;
static struct radius_packet packet, reply_packet;
static struct radius_view view;
static struct radius_order order;
static struct radius_station station;
static struct radius_target target;

static void
setup(void)
{
	memset(&request, 0, sizeof(request));
	request.code = RADIUS_DISCONNECT_REQUEST;
	station = (struct radius_station){ .nas_identifier = "vpn",
		.local = { .family = 4, .ip = { 203, 0, 113, 1 } },
		.peer = { .family = 4, .ip = { 192, 0, 2, 10 } },
		.port = 0x00010002,
		.label = "PP[ANONYMOUS01]",
		.session_id = "0123456789abcdef" };
	target = (struct radius_target){ .station = &station,
		.user = "alice",
		.told_user = "",
		.address.s_addr = htonl(0xc0a864de) };
}

static void
encode(void)
{
	struct radius_seal seal = { .secret = "secret" };

	ck_assert(radius_encode(&packet, &request, &seal));
	ck_assert(radius_view(&view, packet.octets, packet.len));
}

static enum radius_error_cause
take(void)
{
	encode();
	return radius_take_order(&order, &view, "vpn");
}

static void
add(uint8_t type, const char *text)
{
	radius_add_text(&request.attrs, type, text);
}

START_TEST(disconnect_by_every_name_is_taken)
{
	static const uint8_t ip[] = { 192, 168, 100, 222 };
	int i;

	for (i = 0; i < 6; i++) {
		request.attrs.len = 0;
		if (i == 0)
			add(RADIUS_USER_NAME, "alice");
		if (i == 1)
			add(RADIUS_ACCT_SESSION_ID, "0123456789abcdef");
		if (i == 2)
			radius_add(
			    &request.attrs, RADIUS_FRAMED_IP_ADDRESS, ip, 4);
		if (i == 3)
			radius_add_u32(
			    &request.attrs, RADIUS_NAS_PORT, 0x00010002);
		if (i == 4)
			add(RADIUS_NAS_PORT_ID, "PP[ANONYMOUS01]");
		if (i == 5)
			add(RADIUS_CALLING_STATION_ID, "192.0.2.10");
		ck_assert_uint_eq(take(), 0);
		ck_assert(order.disconnect);
		ck_assert(radius_order_is_for(&view, &target));
	}
}
END_TEST

START_TEST(all_that_is_said_must_be_so)
{
	static const struct {
		uint8_t type;
		const char *right, *wrong;
	} names[] = {
		{ RADIUS_USER_NAME, "alice", "alic" },
		{ RADIUS_ACCT_SESSION_ID, "0123456789abcdef", "0123" },
		{ RADIUS_FRAMED_IP_ADDRESS, "\300\250\144\336",
		    "\300\250\144\337" },
		{ RADIUS_NAS_PORT_ID, "PP[ANONYMOUS01]", "PP[ANONYMOUS02]" },
		{ RADIUS_CALLING_STATION_ID, "192.0.2.10", "192.0.2.1" },
		{ RADIUS_CALLED_STATION_ID, "203.0.113.1", "203.0.113.2" },
	};
	size_t i, k;

	/* One of them is wrong in each round but the last. */
	for (i = 0; i <= nitems(names); i++) {
		request.attrs.len = 0;
		for (k = 0; k < nitems(names); k++)
			add(names[k].type,
			    k == i ? names[k].wrong : names[k].right);
		ck_assert_uint_eq(take(), 0);
		ck_assert(radius_order_is_for(&view, &target) ==
			  (i == nitems(names)));
	}
}
END_TEST

START_TEST(user_may_be_called_as_accounting_calls_him)
{
	target.told_user = "alice@example.org";
	add(RADIUS_USER_NAME, "alice@example.org");
	ck_assert_uint_eq(take(), 0);
	ck_assert(radius_order_is_for(&view, &target));
}
END_TEST

START_TEST(nas_address_must_be_that_of_the_session)
{
	add(RADIUS_USER_NAME, "alice");
	radius_add(&request.attrs, RADIUS_NAS_IP_ADDRESS, "\313\0\161\1", 4);
	ck_assert_uint_eq(take(), 0);
	ck_assert(radius_order_is_for(&view, &target));
	station.nas_address.s_addr = htonl(0xc0a86401);
	ck_assert(!radius_order_is_for(&view, &target));
	station.nas_address.s_addr = htonl(0xcb007101);
	ck_assert(radius_order_is_for(&view, &target));
}
END_TEST

START_TEST(change_of_session_timeout_is_taken)
{
	request.code = RADIUS_COA_REQUEST;
	add(RADIUS_USER_NAME, "alice");
	radius_add_u32(&request.attrs, RADIUS_SESSION_TIMEOUT, 60);
	radius_add_u32(&request.attrs, RADIUS_EVENT_TIMESTAMP, 1700000000);
	ck_assert_uint_eq(take(), 0);
	ck_assert(!order.disconnect);
	ck_assert(order.has_session_timeout);
	ck_assert_uint_eq(order.session_timeout_s, 60);
	ck_assert(order.has_time);
	ck_assert_uint_eq(order.time_s, 1700000000);
}
END_TEST

START_TEST(what_cannot_be_done_is_refused_with_its_cause)
{
	/* Nobody is named. */
	ck_assert_uint_eq(take(), RADIUS_MISSING_ATTRIBUTE);
	add(RADIUS_CALLED_STATION_ID, "203.0.113.1");
	ck_assert_uint_eq(take(), RADIUS_MISSING_ATTRIBUTE);
	add(RADIUS_USER_NAME, "alice");
	ck_assert_uint_eq(take(), 0);
	/* A change, but of what? */
	request.code = RADIUS_COA_REQUEST;
	ck_assert_uint_eq(take(), RADIUS_MISSING_ATTRIBUTE);
	radius_add_u32(&request.attrs, RADIUS_SESSION_TIMEOUT, 60);
	ck_assert_uint_eq(take(), 0);
	request.code = RADIUS_DISCONNECT_REQUEST;
	ck_assert_uint_eq(take(), RADIUS_UNSUPPORTED_ATTRIBUTE);
	request.code = RADIUS_COA_REQUEST;
	add(RADIUS_FILTER_ID, "web");
	ck_assert_uint_eq(take(), RADIUS_UNSUPPORTED_ATTRIBUTE);
}
END_TEST

static void
add_rate(uint8_t type, uint32_t bits)
{
	const uint32_t value = htonl(bits);

	radius_add_vendor(
	    &request.attrs, RADIUS_VENDOR_WISPR, type, &value, sizeof(value));
}

START_TEST(all_changes_are_taken_at_once)
{
	request.code = RADIUS_COA_REQUEST;
	add(RADIUS_USER_NAME, "alice");
	radius_add_u32(&request.attrs, RADIUS_IDLE_TIMEOUT, 300);
	radius_add_u32(&request.attrs, RADIUS_ACCT_INTERIM_INTERVAL, 10);
	add_rate(RADIUS_WISPR_BANDWIDTH_MAX_UP, 96000);
	add_rate(RADIUS_WISPR_BANDWIDTH_MAX_DOWN, 0);
	ck_assert_uint_eq(take(), 0);
	ck_assert(!order.has_session_timeout);
	ck_assert(order.has_idle_timeout);
	ck_assert_uint_eq(order.idle_timeout_s, 300);
	ck_assert(order.has_interim);
	ck_assert_uint_eq(order.interim_s, 60);
	ck_assert(order.has_rate_up && order.has_rate_down);
	ck_assert_uint_eq(order.rate.up_kbit, 96);
	ck_assert_uint_eq(order.rate.down_kbit, 0);
	/* One that is no rate, and another number of that vendor's. */
	add_rate(RADIUS_WISPR_BANDWIDTH_MAX_UP, 7999);
	ck_assert_uint_eq(take(), RADIUS_INVALID_VALUE);
	request.attrs.len = 0;
	add(RADIUS_USER_NAME, "alice");
	add_rate(6, 96000);
	ck_assert_uint_eq(take(), RADIUS_UNSUPPORTED_ATTRIBUTE);
	/* Nothing of it is for a Disconnect-Request. */
	request.code = RADIUS_DISCONNECT_REQUEST;
	request.attrs.len = 0;
	add(RADIUS_USER_NAME, "alice");
	add_rate(RADIUS_WISPR_BANDWIDTH_MAX_UP, 96000);
	ck_assert_uint_eq(take(), RADIUS_UNSUPPORTED_ATTRIBUTE);
}
END_TEST

START_TEST(wrong_values_are_refused_with_their_cause)
{
	static const struct {
		uint8_t type;
		uint32_t vendor;
		const char *value;
		unsigned int error;
	} wrong[] = {
		{ RADIUS_NAS_IDENTIFIER, 0, "other", RADIUS_NAS_MISMATCH },
		{ RADIUS_SESSION_TIMEOUT, 0, "abc", RADIUS_INVALID_VALUE },
		{ RADIUS_IDLE_TIMEOUT, 0, "abc", RADIUS_INVALID_VALUE },
		{ RADIUS_ACCT_INTERIM_INTERVAL, 0, "abc",
		    RADIUS_INVALID_VALUE },
		{ RADIUS_EVENT_TIMESTAMP, 0, "abc", RADIUS_INVALID_VALUE },
		{ RADIUS_SERVICE_TYPE, 0, "abc", RADIUS_INVALID_VALUE },
		{ RADIUS_SERVICE_TYPE, 0, NULL, RADIUS_UNSUPPORTED_SERVICE },
		{ 1, 9, "abc", RADIUS_UNSUPPORTED_ATTRIBUTE },
	};
	size_t i;

	request.code = RADIUS_COA_REQUEST;
	for (i = 0; i < nitems(wrong); i++) {
		request.attrs.len = 0;
		add(RADIUS_USER_NAME, "alice");
		if (wrong[i].vendor != 0)
			radius_add_vendor(&request.attrs, wrong[i].vendor,
			    wrong[i].type, wrong[i].value, 3);
		else if (wrong[i].value == NULL)
			radius_add_u32(&request.attrs, wrong[i].type, 17);
		else
			add(wrong[i].type, wrong[i].value);
		radius_add_u32(&request.attrs, RADIUS_SESSION_TIMEOUT, 60);
		ck_assert_uint_eq(take(), wrong[i].error);
	}
}
END_TEST

/* RFC 5176 3.1. */
START_TEST(reply_has_the_cause_and_the_proxies_states)
{
	struct radius_seal seal = { .secret = "secret" };
	struct radius_view v;
	struct radius_attr a;
	uint32_t cause;

	add(RADIUS_USER_NAME, "alice");
	add(RADIUS_PROXY_STATE, "one");
	add(RADIUS_PROXY_STATE, "two");
	encode();
	radius_from_order(&reply, &view, 0);
	ck_assert_int_eq(reply.code, RADIUS_DISCONNECT_ACK);
	ck_assert_uint_eq(reply.attrs.len, 10);
	ck_assert_mem_eq(reply.attrs.octets, "\041\005one\041\005two", 10);
	radius_from_order(&reply, &view, RADIUS_NO_SUCH_SESSION);
	ck_assert_int_eq(reply.code, RADIUS_DISCONNECT_NAK);
	ck_assert(radius_encode(&reply_packet, &reply, &seal));
	ck_assert(radius_view(&v, reply_packet.octets, reply_packet.len));
	ck_assert(radius_find(&v, 0, RADIUS_ERROR_CAUSE, &a));
	ck_assert(radius_u32(&a, &cause));
	ck_assert_uint_eq(cause, 503);
	request.code = RADIUS_COA_REQUEST;
	encode();
	radius_from_order(&reply, &view, 0);
	ck_assert_int_eq(reply.code, RADIUS_COA_ACK);
	radius_from_order(&reply, &view, RADIUS_NO_SUCH_SESSION);
	ck_assert_int_eq(reply.code, RADIUS_COA_NAK);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("radius_order");
	TCase *tc = tcase_create("order");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, disconnect_by_every_name_is_taken);
	tcase_add_test(tc, all_that_is_said_must_be_so);
	tcase_add_test(tc, user_may_be_called_as_accounting_calls_him);
	tcase_add_test(tc, nas_address_must_be_that_of_the_session);
	tcase_add_test(tc, change_of_session_timeout_is_taken);
	tcase_add_test(tc, what_cannot_be_done_is_refused_with_its_cause);
	tcase_add_test(tc, all_changes_are_taken_at_once);
	tcase_add_test(tc, wrong_values_are_refused_with_their_cause);
	tcase_add_test(tc, reply_has_the_cause_and_the_proxies_states);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
