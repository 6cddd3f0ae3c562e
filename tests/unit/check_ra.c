/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <check.h>

#include "../../include/compiler.h"
#include "../../ppp/ra.h"

static struct in6_addr
ip(const char *text)
{
	struct in6_addr a;

	ck_assert_int_eq(inet_pton(AF_INET6, text, &a), 1);
	return a;
}

static uint8_t buf[RA_SIZE];

START_TEST(advertisement_holds_prefix_mtu_and_dns)
{
	/* clang-format off */
	static const uint8_t expected[] = {
		134, 0, 0, 0, 64, 0, 0xfd, 0x20, 0, 0, 0, 0, 0, 0, 0, 0,
		/* prefix: autonomous, not on-link; 30 and 7 days */
		3, 4, 64, 0x40, 0, 0x27, 0x8d, 0, 0, 0x09, 0x3a, 0x80,
		0, 0, 0, 0,
		0x20, 0x01, 0x0d, 0xb8, 0x01, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0,
		/* mtu */
		5, 1, 0, 0, 0, 0, 0x05, 0x00,
		/* rdnss */
		25, 5, 0, 0, 0, 0, 0xfd, 0x20,
		0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x53,
		0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x53,
	};
	/* clang-format on */
	struct in6_addr dns[] = { ip("2001:db8::53"), ip("fd00::53") };
	struct ra ra = { .prefix = ip("2001:db8:100:7::"),
		.mtu = 1280,
		.dns = dns,
		.n_dns = 2 };

	ck_assert_uint_eq(sizeof(expected), RA_SIZE);
	ck_assert_uint_eq(ra_encode(&ra, buf), sizeof(expected));
	ck_assert_mem_eq(buf, expected, sizeof(expected));
}
END_TEST

START_TEST(advertisement_without_dns_and_mtu_ends_behind_the_prefix)
{
	struct ra ra = { .prefix = ip("2001:db8:100:7::") };

	ck_assert_uint_eq(ra_encode(&ra, buf), 16 + 32);
}
END_TEST

static bool
solicits(const uint8_t *p, size_t len, const char *from)
{
	struct in6_addr a = ip(from);
	uint8_t *copy = malloc(len > 0 ? len : 1);
	bool rc;

	/* In memory of its own, so that the sanitizer sees what is read
	 * beyond. */
	ck_assert_ptr_nonnull(copy);
	memcpy(copy, p, len);
	rc = ra_is_solicitation(copy, len, &a);
	free(copy);
	return rc;
}

static const uint8_t rs[] = { 133, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7,
	14, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };

START_TEST(solicitation_with_and_without_options_is_one)
{
	for (size_t len = 0; len <= sizeof(rs); len++)
		ck_assert_int_eq(solicits(rs, len, "fe80::1"),
		    len == 8 || len == 16 || len == sizeof(rs));
}
END_TEST

START_TEST(solicitation_without_source_has_no_link_layer_address)
{
	ck_assert(solicits(rs, 8, "::"));
	ck_assert(!solicits(rs, 16, "::"));
}
END_TEST

START_TEST(other_messages_are_no_solicitation)
{
	uint8_t p[sizeof(rs)];

	memcpy(p, rs, sizeof(p));
	p[0] = 134;
	ck_assert(!solicits(p, 8, "fe80::1"));
	memcpy(p, rs, sizeof(p));
	p[1] = 1;
	ck_assert(!solicits(p, 8, "fe80::1"));
}
END_TEST

START_TEST(option_of_any_length_stays_inside)
{
	uint8_t p[sizeof(rs)];

	memcpy(p, rs, sizeof(p));
	for (unsigned int len = 0; len <= 255; len++) {
		p[9] = (uint8_t)len;
		p[17] = 2;
		ck_assert_int_eq(
		    solicits(p, sizeof(p), "fe80::1"), len == 1 || len == 3);
		p[9] = 1;
		p[17] = (uint8_t)len;
		ck_assert_int_eq(solicits(p, sizeof(p), "fe80::1"), len == 2);
	}
}
END_TEST

/* RFC 4861 6.2.4 of the first three, RFC 8319 4 of all. */
START_TEST(three_come_soon_and_the_others_rarely)
{
	ck_assert_int_le(ra_next_ms(1, 0), 16000);
	ck_assert_int_le(ra_next_ms(2, 4711), 16000);
	ck_assert_int_eq(ra_next_ms(3, 0), RA_INTERVAL_MIN_S * 1000);
	ck_assert_int_eq(ra_next_ms(4, RA_INTERVAL_MAX_S - RA_INTERVAL_MIN_S),
	    RA_INTERVAL_MAX_S * 1000);
	for (uint32_t r = 0; r < 100000; r += 17) {
		ck_assert_int_ge(ra_next_ms(5, r), RA_INTERVAL_MIN_S * 1000);
		ck_assert_int_le(ra_next_ms(5, r), RA_INTERVAL_MAX_S * 1000);
	}
	ck_assert_int_le(ra_next_ms(6, UINT32_MAX), RA_INTERVAL_MAX_S * 1000);
	ck_assert_int_le(RA_LIFETIME_S, 65535);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("ra");
	TCase *tc = tcase_create("ra");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, advertisement_holds_prefix_mtu_and_dns);
	tcase_add_test(
	    tc, advertisement_without_dns_and_mtu_ends_behind_the_prefix);
	tcase_add_test(tc, solicitation_with_and_without_options_is_one);
	tcase_add_test(
	    tc, solicitation_without_source_has_no_link_layer_address);
	tcase_add_test(tc, other_messages_are_no_solicitation);
	tcase_add_test(tc, option_of_any_length_stays_inside);
	tcase_add_test(tc, three_come_soon_and_the_others_rarely);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
