/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <check.h>

#include "../../ppp/radius_packet.h"

/* RFC 2865 7.1, 7.2, and RFC 5997 6.1. */
static const char secret[] = "xyzzy5461";

static const uint8_t nemo[] = { 0x01, 0x00, 0x00, 0x38, 0x0f, 0x40, 0x3f, 0x94,
	0x73, 0x97, 0x80, 0x57, 0xbd, 0x83, 0xd5, 0xcb, 0x98, 0xf4, 0x22, 0x7a,
	0x01, 0x06, 0x6e, 0x65, 0x6d, 0x6f, 0x02, 0x12, 0x0d, 0xbe, 0x70, 0x8d,
	0x93, 0xd4, 0x13, 0xce, 0x31, 0x96, 0xe4, 0x3f, 0x78, 0x2a, 0x0a, 0xee,
	0x04, 0x06, 0xc0, 0xa8, 0x01, 0x10, 0x05, 0x06, 0x00, 0x00, 0x00,
	0x03 };
static const uint8_t nemo_accept[] = { 0x02, 0x00, 0x00, 0x26, 0x86, 0xfe, 0x22,
	0x0e, 0x76, 0x24, 0xba, 0x2a, 0x10, 0x05, 0xf6, 0xbf, 0x9b, 0x55, 0xe0,
	0xb2, 0x06, 0x06, 0x00, 0x00, 0x00, 0x01, 0x0f, 0x06, 0x00, 0x00, 0x00,
	0x00, 0x0e, 0x06, 0xc0, 0xa8, 0x01, 0x03 };
static const uint8_t flopsy_accept[] = { 0x02, 0x01, 0x00, 0x38, 0x15, 0xef,
	0xbc, 0x7d, 0xab, 0x26, 0xcf, 0xa3, 0xdc, 0x34, 0xd9, 0xc0, 0x3c, 0x86,
	0x01, 0xa4, 0x06, 0x06, 0x00, 0x00, 0x00, 0x02, 0x07, 0x06, 0x00, 0x00,
	0x00, 0x01, 0x08, 0x06, 0xff, 0xff, 0xff, 0xfe, 0x0a, 0x06, 0x00, 0x00,
	0x00, 0x02, 0x0d, 0x06, 0x00, 0x00, 0x00, 0x01, 0x0c, 0x06, 0x00, 0x00,
	0x05, 0xdc };
static const uint8_t flopsy_authenticator[] = { 0x2a, 0xee, 0x86, 0xf0, 0x8d,
	0x0d, 0x55, 0x96, 0x9c, 0xa5, 0x97, 0x8e, 0x0d, 0x33, 0x67, 0xa2 };
/* A Status-Server: the only sample with a Message-Authenticator. */
static const uint8_t status[] = { 0x0c, 0xda, 0x00, 0x26, 0x8a, 0x54, 0xf4,
	0x68, 0x6f, 0xb3, 0x94, 0xc5, 0x28, 0x66, 0xe3, 0x02, 0x18, 0x5d, 0x06,
	0x23, 0x50, 0x12, 0x5a, 0x66, 0x5e, 0x2e, 0x1e, 0x84, 0x11, 0xf3, 0xe2,
	0x43, 0x82, 0x20, 0x97, 0xc8, 0x4f, 0xa3 };

static struct radius_view
view(const void *data, size_t len)
{
	struct radius_view v;

	ck_assert(radius_view(&v, data, len));
	return v;
}

static struct radius_attr
find(const struct radius_view *v, uint32_t vendor, uint8_t type)
{
	struct radius_attr a;

	ck_assert(radius_find(v, vendor, type, &a));
	return a;
}

START_TEST(sample_password_is_read)
{
	struct radius_view v = view(nemo, sizeof(nemo));
	struct radius_attr a = find(&v, 0, RADIUS_USER_PASSWORD);
	uint8_t plain[RADIUS_PASSWORD_MAX];

	ck_assert(radius_unhide(
	    secret, radius_authenticator(&v), a.value, a.len, plain));
	ck_assert_str_eq((char *)plain, "arctangent");
}
END_TEST

START_TEST(sample_password_is_hidden_as_in_the_rfc)
{
	struct radius_request rq = { .code = RADIUS_ACCESS_REQUEST,
		.has_password = true,
		.password = "arctangent",
		.password_len = 10 };
	struct radius_seal seal = { .secret = secret };
	struct radius_view v = view(nemo, sizeof(nemo));
	struct radius_attr want = find(&v, 0, RADIUS_USER_PASSWORD), got;
	struct radius_packet p;

	memcpy(seal.authenticator, radius_authenticator(&v), 16);
	ck_assert(radius_encode(&p, &rq, &seal));
	v = view(p.octets, p.len);
	got = find(&v, 0, RADIUS_USER_PASSWORD);
	ck_assert_uint_eq(got.len, want.len);
	ck_assert_mem_eq(got.value, want.value, want.len);
}
END_TEST

START_TEST(sample_replies_are_genuine)
{
	struct radius_view v = view(nemo_accept, sizeof(nemo_accept));

	ck_assert_int_eq(
	    radius_check_reply(&v, nemo + 4, secret, false), RADIUS_GOOD);
	ck_assert_int_eq(
	    radius_check_reply(&v, nemo + 4, secret, true), RADIUS_UNSEALED);
	ck_assert_int_eq(
	    radius_check_reply(&v, nemo + 4, "other", false), RADIUS_FORGED);
	v = view(flopsy_accept, sizeof(flopsy_accept));
	ck_assert_int_eq(
	    radius_check_reply(&v, flopsy_authenticator, secret, false),
	    RADIUS_GOOD);
}
END_TEST

/* The sample and what we make of the same. */
START_TEST(sample_message_authenticator_is_the_same)
{
	struct radius_request rq = { .code = RADIUS_ACCESS_REQUEST };
	struct radius_seal seal = { .secret = secret, .id = 0xda };
	uint8_t as_access[sizeof(status)];
	struct radius_packet p, q;

	/* The code is covered, too. */
	rq.code = (enum radius_code)0x0c;
	memcpy(seal.authenticator, status + 4, 16);
	ck_assert(radius_encode(&p, &rq, &seal));
	ck_assert_uint_eq(p.len, sizeof(status));
	ck_assert_mem_eq(p.octets + 20, status + 20, sizeof(status) - 20);
	rq.code = RADIUS_ACCESS_REQUEST;
	ck_assert(radius_encode(&q, &rq, &seal));
	memcpy(as_access, q.octets, sizeof(as_access));
	ck_assert_mem_eq(as_access + 4, status + 4, 16);
	ck_assert_mem_ne(as_access + 22, status + 22, 16);
}
END_TEST

START_TEST(message_authenticator_is_the_first_attribute)
{
	static const enum radius_code codes[] = { RADIUS_ACCESS_REQUEST,
		RADIUS_DISCONNECT_ACK, RADIUS_COA_REQUEST };
	struct radius_seal seal = { .secret = secret };
	struct radius_packet p;
	size_t i;

	for (i = 0; i < nitems(codes); i++) {
		struct radius_request rq = { .code = codes[i] };

		radius_attrs_init(&rq.attrs);
		radius_add_text(&rq.attrs, RADIUS_USER_NAME, "alice");
		ck_assert(radius_encode(&p, &rq, &seal));
		ck_assert_uint_eq(p.octets[20], RADIUS_MESSAGE_AUTHENTICATOR);
	}
}
END_TEST

/* RFC 5176 2.3, RFC 2866 3: requests that are signed as a whole. */
START_TEST(request_signed_as_a_whole_is_genuine_until_changed)
{
	static const enum radius_code codes[] = { RADIUS_ACCOUNTING_REQUEST,
		RADIUS_DISCONNECT_REQUEST, RADIUS_COA_REQUEST };
	struct radius_seal seal = { .secret = secret, .id = 7 };
	struct radius_packet p;
	struct radius_view v;
	size_t i, at;

	for (i = 0; i < nitems(codes); i++) {
		struct radius_request rq = { .code = codes[i] };
		bool acct = codes[i] == RADIUS_ACCOUNTING_REQUEST;

		radius_add_text(&rq.attrs, RADIUS_USER_NAME, "alice");
		ck_assert(radius_encode(&p, &rq, &seal));
		v = view(p.octets, p.len);
		ck_assert_int_eq(radius_check_request(&v, secret, true),
		    acct ? RADIUS_UNSEALED : RADIUS_GOOD);
		ck_assert_int_eq(
		    radius_check_request(&v, secret, false), RADIUS_GOOD);
		ck_assert_int_eq(
		    radius_check_request(&v, "xyzzy", false), RADIUS_FORGED);
		for (at = 0; at < p.len; at++) {
			p.octets[at] ^= 1;
			if (radius_view(&v, p.octets, p.len))
				ck_assert_int_eq(
				    radius_check_request(&v, secret, false),
				    RADIUS_FORGED);
			p.octets[at] ^= 1;
		}
	}
}
END_TEST

/* The Response Authenticator made good again, as BlastRADIUS can. */
START_TEST(reply_with_a_wrong_message_authenticator_is_forged)
{
	struct radius_request rq = { .code = RADIUS_ACCESS_ACCEPT };
	struct radius_request other = { .code = RADIUS_ACCESS_ACCEPT };
	struct radius_seal seal = { .secret = secret };
	struct radius_packet p, q;
	struct radius_view v;

	radius_add_text(&rq.attrs, RADIUS_USER_NAME, "alice");
	ck_assert(radius_encode(&p, &rq, &seal));
	v = view(p.octets, p.len);
	ck_assert_int_eq(
	    radius_check_reply(&v, seal.authenticator, secret, true),
	    RADIUS_GOOD);
	/* A second one, whose value is wrong, in a packet that is signed. */
	radius_add(
	    &other.attrs, RADIUS_MESSAGE_AUTHENTICATOR, "0123456789abcde", 16);
	other.code = RADIUS_ACCOUNTING_RESPONSE;
	ck_assert(radius_encode(&q, &other, &seal));
	v = view(q.octets, q.len);
	ck_assert_int_eq(
	    radius_check_reply(&v, seal.authenticator, secret, false),
	    RADIUS_FORGED);
}
END_TEST

START_TEST(password_of_every_length_comes_back)
{
	struct radius_request rq = { .code = RADIUS_ACCESS_REQUEST,
		.has_password = true };
	struct radius_seal seal = { .secret = secret, .authenticator = "auth" };
	uint8_t plain[RADIUS_PASSWORD_MAX];
	struct radius_packet p;
	size_t len;

	for (len = 0; len <= RADIUS_PASSWORD_MAX; len++) {
		struct radius_view v;
		struct radius_attr a;

		memset(rq.password, 0, sizeof(rq.password));
		memset(rq.password, 'x', len);
		rq.password_len = len;
		ck_assert(radius_encode(&p, &rq, &seal));
		v = view(p.octets, p.len);
		a = find(&v, 0, RADIUS_USER_PASSWORD);
		ck_assert_uint_eq(a.len, len == 0 ? 16 : (len + 15) / 16 * 16);
		ck_assert(radius_unhide(
		    secret, seal.authenticator, a.value, a.len, plain));
		ck_assert_mem_eq(plain, rq.password, a.len);
	}
	rq.password_len = RADIUS_PASSWORD_MAX + 1;
	ck_assert(!radius_encode(&p, &rq, &seal));
}
END_TEST

START_TEST(vendor_attributes_are_given_one_by_one)
{
	/* Two in one Vendor-Specific, and another kind of it behind. */
	static const uint8_t vsa[] = { 0, 0, 1, 0x37, 28, 6, 10, 0, 0, 1, 29, 6,
		10, 0, 0, 2 };
	static const uint8_t odd[] = { 0, 0, 0, 9, 1 };
	struct radius_request rq = { .code = RADIUS_COA_ACK };
	struct radius_seal seal = { .secret = secret };
	struct radius_cursor c = { 0 };
	struct radius_packet p;
	struct radius_view v;
	struct radius_attr a;
	uint32_t value;

	radius_add(&rq.attrs, RADIUS_VENDOR_SPECIFIC, vsa, sizeof(vsa));
	radius_add(&rq.attrs, RADIUS_VENDOR_SPECIFIC, odd, sizeof(odd));
	radius_add_u32(&rq.attrs, RADIUS_SESSION_TIMEOUT, 3600);
	ck_assert(radius_encode(&p, &rq, &seal));
	v = view(p.octets, p.len);
	ck_assert(radius_next(&v, &c, &a));
	ck_assert(radius_next(&v, &c, &a));
	ck_assert(a.vendor == 311 && a.type == RADIUS_MS_PRIMARY_DNS);
	ck_assert(radius_u32(&a, &value) && value == 0x0a000001);
	ck_assert(radius_next(&v, &c, &a));
	ck_assert(a.vendor == 311 && a.type == RADIUS_MS_SECONDARY_DNS);
	ck_assert(radius_next(&v, &c, &a));
	ck_assert(a.vendor == 0 && a.type == RADIUS_VENDOR_SPECIFIC);
	ck_assert(radius_next(&v, &c, &a));
	ck_assert(a.vendor == 0 && a.type == RADIUS_SESSION_TIMEOUT);
	ck_assert(!radius_next(&v, &c, &a));
	/* What it has written it reads. */
	radius_attrs_init(&rq.attrs);
	radius_add_vendor(&rq.attrs, 311, RADIUS_MS_CHAP2_SUCCESS, "xS=12", 5);
	ck_assert(radius_encode(&p, &rq, &seal));
	v = view(p.octets, p.len);
	a = find(&v, 311, RADIUS_MS_CHAP2_SUCCESS);
	ck_assert_uint_eq(a.len, 5);
	ck_assert_mem_eq(a.value, "xS=12", 5);
}
END_TEST

START_TEST(packet_cut_anywhere_is_none)
{
	struct radius_view v;
	uint8_t cut[sizeof(nemo)];
	size_t len;

	for (len = 0; len < sizeof(nemo); len++) {
		ck_assert(!radius_view(&v, nemo, len));
		/* The length says so, too. */
		memcpy(cut, nemo, sizeof(cut));
		cut[3] = (uint8_t)len;
		ck_assert(radius_view(&v, cut, sizeof(cut)) ==
			  (len == 20 || len == 26 || len == 44 || len == 50));
	}
	memcpy(cut, nemo, sizeof(cut));
	cut[21] = 1;
	ck_assert(!radius_view(&v, cut, sizeof(cut)));
	cut[21] = 0;
	ck_assert(!radius_view(&v, cut, sizeof(cut)));
}
END_TEST

START_TEST(padding_behind_a_packet_is_left_out)
{
	uint8_t padded[sizeof(nemo_accept) + 5] = { 0 };
	struct radius_view v;

	memcpy(padded, nemo_accept, sizeof(nemo_accept));
	v = view(padded, sizeof(padded));
	ck_assert_uint_eq(v.len, sizeof(nemo_accept));
	ck_assert_int_eq(
	    radius_check_reply(&v, nemo + 4, secret, false), RADIUS_GOOD);
}
END_TEST

START_TEST(what_does_not_fit_is_no_packet)
{
	struct radius_request rq = { .code = RADIUS_ACCESS_REQUEST };
	struct radius_seal seal = { .secret = secret };
	static const uint8_t long_value[RADIUS_VALUE_MAX + 1];
	struct radius_packet p;
	int i;

	radius_add(&rq.attrs, RADIUS_CLASS, long_value, sizeof(long_value));
	ck_assert(rq.attrs.overflow);
	ck_assert(!radius_encode(&p, &rq, &seal));
	radius_attrs_init(&rq.attrs);
	for (i = 0; i < 16; i++)
		radius_add(&rq.attrs, RADIUS_CLASS, long_value, 252);
	/* 4076 octets less 16 * 254: it fits, but not with the seal. */
	ck_assert(!rq.attrs.overflow);
	ck_assert(!radius_encode(&p, &rq, &seal));
	rq.code = RADIUS_ACCOUNTING_REQUEST;
	ck_assert(radius_encode(&p, &rq, &seal));
	rq.has_delay = true;
	ck_assert(radius_encode(&p, &rq, &seal));
	ck_assert_uint_eq(p.len, 4090);
}
END_TEST

START_TEST(text_is_cut_and_nothing_is_not_added)
{
	struct radius_attrs a = { .len = 0 };
	char text[300];

	radius_add_text(&a, RADIUS_USER_NAME, NULL);
	radius_add_text(&a, RADIUS_USER_NAME, "");
	radius_add(&a, RADIUS_CLASS, "", 0);
	ck_assert_uint_eq(a.len, 0);
	memset(text, 'x', sizeof(text));
	text[299] = '\0';
	radius_add_text(&a, RADIUS_USER_NAME, text);
	ck_assert_uint_eq(a.len, 255);
	ck_assert(!a.overflow);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("radius");
	TCase *tc = tcase_create("packet");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, sample_password_is_read);
	tcase_add_test(tc, sample_password_is_hidden_as_in_the_rfc);
	tcase_add_test(tc, sample_replies_are_genuine);
	tcase_add_test(tc, sample_message_authenticator_is_the_same);
	tcase_add_test(tc, message_authenticator_is_the_first_attribute);
	tcase_add_test(tc, request_signed_as_a_whole_is_genuine_until_changed);
	tcase_add_test(tc, reply_with_a_wrong_message_authenticator_is_forged);
	tcase_add_test(tc, password_of_every_length_comes_back);
	tcase_add_test(tc, vendor_attributes_are_given_one_by_one);
	tcase_add_test(tc, packet_cut_anywhere_is_none);
	tcase_add_test(tc, padding_behind_a_packet_is_left_out);
	tcase_add_test(tc, what_does_not_fit_is_no_packet);
	tcase_add_test(tc, text_is_cut_and_nothing_is_not_added);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
