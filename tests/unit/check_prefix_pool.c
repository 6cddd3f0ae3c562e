/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <arpa/inet.h>
#include <check.h>

#include "../../include/compiler.h"
#include "../../ppp/prefix_pool.h"

static struct in6_addr
ip(const char *text)
{
	struct in6_addr a;

	ck_assert_int_eq(inet_pton(AF_INET6, text, &a), 1);
	return a;
}

static struct prefix_pool *
pool(const char *address, unsigned int len, const struct in6_addr *never,
    size_t n)
{
	struct conf_prefix prefix = { ip(address), len };
	struct prefix_pool *p = prefix_pool_new(&prefix, never, n);

	ck_assert_ptr_nonnull(p);
	return p;
}

static void
expect(struct prefix_pool *p, const char *user, const char *want)
{
	struct in6_addr got;
	char text[INET6_ADDRSTRLEN];

	ck_assert(prefix_pool_take(p, user, &got));
	inet_ntop(AF_INET6, &got, text, sizeof(text));
	ck_assert_str_eq(text, want);
}

static void
expect_none(struct prefix_pool *p)
{
	struct in6_addr got;

	ck_assert(!prefix_pool_take(p, "somebody", &got));
}

static void
give(struct prefix_pool *p, const char *text)
{
	struct in6_addr a = ip(text);

	prefix_pool_give(p, &a);
}

START_TEST(prefixes_are_given_lowest_first_until_none_is_left)
{
	struct prefix_pool *p = pool("2001:db8:100:8::", 62, NULL, 0);

	expect(p, "a", "2001:db8:100:8::");
	expect(p, "b", "2001:db8:100:9::");
	expect(p, "c", "2001:db8:100:a::");
	ck_assert_uint_eq(prefix_pool_in_use(p), 3);
	expect(p, "d", "2001:db8:100:b::");
	expect_none(p);
	prefix_pool_free(p);
}
END_TEST

START_TEST(pool_of_64_has_one_prefix)
{
	struct prefix_pool *p = pool("2001:db8:100:8::", 64, NULL, 0);

	expect(p, "a", "2001:db8:100:8::");
	expect_none(p);
	give(p, "2001:db8:100:8::");
	expect(p, "b", "2001:db8:100:8::");
	prefix_pool_free(p);
}
END_TEST

START_TEST(pool_of_32_counts_all_its_prefixes)
{
	struct in6_addr last = ip("2001:db8:ffff:ffff::");
	struct prefix_pool *p = pool("2001:db8::", 32, &last, 1);

	expect(p, "a", "2001:db8::");
	expect(p, "b", "2001:db8:0:1::");
	prefix_pool_free(p);
}
END_TEST

START_TEST(numbers_carry_over_all_octets)
{
	struct prefix_pool *p = pool("2001:db8:1:ff00::", 56, NULL, 0);
	char user[32];
	struct in6_addr got;

	for (int i = 0; i < 255; i++) {
		snprintf(user, sizeof(user), "user %d", i);
		ck_assert(prefix_pool_take(p, user, &got));
	}
	expect(p, "last", "2001:db8:1:ffff::");
	expect_none(p);
	prefix_pool_free(p);
}
END_TEST

START_TEST(user_gets_his_last_prefix_again_if_it_is_free)
{
	struct prefix_pool *p = pool("2001:db8::", 63, NULL, 0);

	expect(p, "a", "2001:db8::");
	expect(p, "b", "2001:db8:0:1::");
	give(p, "2001:db8::");
	give(p, "2001:db8:0:1::");
	expect(p, "b", "2001:db8:0:1::");
	expect(p, "c", "2001:db8::");
	give(p, "2001:db8::");
	expect(p, "a", "2001:db8::");
	prefix_pool_free(p);
}
END_TEST

START_TEST(the_one_free_for_longest_goes_to_somebody_new)
{
	struct prefix_pool *p = pool("2001:db8::", 63, NULL, 0);

	expect(p, "a", "2001:db8::");
	expect(p, "b", "2001:db8:0:1::");
	give(p, "2001:db8:0:1::");
	give(p, "2001:db8::");
	expect(p, "c", "2001:db8:0:1::");
	prefix_pool_free(p);
}
END_TEST

START_TEST(prefixes_of_users_are_never_given)
{
	/* Before, inside and behind. */
	struct in6_addr never[] = { ip("2001:db7:ffff:ffff::"),
		ip("2001:db8:0:1::"), ip("2001:db8:0:4::"),
		ip("2001:db8:0:2::") };
	struct prefix_pool *p = pool("2001:db8::", 62, never, nitems(never));

	expect(p, "a", "2001:db8::");
	expect(p, "b", "2001:db8:0:3::");
	expect_none(p);
	prefix_pool_free(p);
}
END_TEST

START_TEST(prefix_that_is_reserved_later_is_given_no_more)
{
	struct prefix_pool *p = pool("2001:db8::", 63, NULL, 0);
	const struct in6_addr never = ip("2001:db8:0:1::");

	expect(p, "a", "2001:db8::");
	ck_assert(prefix_pool_reserve(p, &never, 1));
	expect_none(p);
	ck_assert(prefix_pool_reserve(p, NULL, 0));
	expect(p, "b", "2001:db8:0:1::");
	prefix_pool_free(p);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("prefix_pool");
	TCase *tc = tcase_create("prefix_pool");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, prefixes_are_given_lowest_first_until_none_is_left);
	tcase_add_test(tc, prefix_that_is_reserved_later_is_given_no_more);
	tcase_add_test(tc, pool_of_64_has_one_prefix);
	tcase_add_test(tc, pool_of_32_counts_all_its_prefixes);
	tcase_add_test(tc, numbers_carry_over_all_octets);
	tcase_add_test(tc, user_gets_his_last_prefix_again_if_it_is_free);
	tcase_add_test(tc, the_one_free_for_longest_goes_to_somebody_new);
	tcase_add_test(tc, prefixes_of_users_are_never_given);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
