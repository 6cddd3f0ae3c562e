/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <arpa/inet.h>
#include <check.h>

#include "../../include/compiler.h"
#include "../../ppp/pool.h"

static struct in_addr
ip(const char *text)
{
	struct in_addr a;

	ck_assert_int_eq(inet_pton(AF_INET, text, &a), 1);
	return a;
}

static struct conf_range
range(const char *first, const char *last)
{
	return (struct conf_range){ ip(first), ip(last) };
}

static void
expect_for(struct pool *p, const char *user, const char *want)
{
	struct in_addr got;
	char text[INET_ADDRSTRLEN];

	ck_assert(pool_take(p, user, &got));
	inet_ntop(AF_INET, &got, text, sizeof(text));
	ck_assert_str_eq(text, want);
}

/* A user who was never there before. */
static void
expect(struct pool *p, const char *want)
{
	static unsigned int n;
	char user[16];

	snprintf(user, sizeof(user), "user %u", n++);
	expect_for(p, user, want);
}

static void
expect_none(struct pool *p)
{
	struct in_addr got;

	ck_assert(!pool_take(p, "somebody", &got));
}

START_TEST(pool_fresh_gives_lowest_first_across_ranges)
{
	struct conf_range r[] = { range("10.0.1.0", "10.0.1.0"),
		range("10.0.0.254", "10.0.0.255") };
	struct pool *p = pool_new(r, 2, NULL, 0);

	expect(p, "10.0.0.254");
	expect(p, "10.0.0.255");
	expect(p, "10.0.1.0");
	expect_none(p);
	ck_assert_uint_eq(pool_in_use(p), 3);
	pool_free(p);
}
END_TEST

START_TEST(pool_size_is_what_it_could_give)
{
	struct conf_range r[] = { range("10.0.0.0", "10.0.0.9"),
		range("10.0.0.5", "10.0.0.14") };
	struct in_addr never[] = { ip("10.0.0.3"), ip("10.0.0.3"),
		ip("10.0.1.1") };
	struct pool *p = pool_new(r, 2, never, 3);

	ck_assert_uint_eq(pool_size(p), 14);
	expect(p, "10.0.0.0");
	ck_assert_uint_eq(pool_size(p), 14);
	pool_free(p);
	p = pool_new(NULL, 0, NULL, 0);
	ck_assert_uint_eq(pool_size(p), 0);
	pool_free(p);
}
END_TEST

START_TEST(pool_overlapping_ranges_give_each_address_once)
{
	struct conf_range r[] = { range("10.0.0.1", "10.0.0.3"),
		range("10.0.0.2", "10.0.0.4"), range("10.0.0.1", "10.0.0.2") };
	struct pool *p = pool_new(r, 3, NULL, 0);

	expect(p, "10.0.0.1");
	expect(p, "10.0.0.2");
	expect(p, "10.0.0.3");
	expect(p, "10.0.0.4");
	expect_none(p);
	pool_free(p);
}
END_TEST

START_TEST(pool_excluded_address_is_never_given)
{
	struct conf_range r = range("10.0.0.1", "10.0.0.4");
	struct in_addr never[] = { ip("10.0.0.4"), ip("192.0.2.1"),
		ip("10.0.0.2") };
	struct pool *p = pool_new(&r, 1, never, 3);

	expect(p, "10.0.0.1");
	expect(p, "10.0.0.3");
	expect_none(p);
	pool_free(p);
}
END_TEST

START_TEST(pool_returned_address_comes_back_last_and_oldest_first)
{
	struct conf_range r = range("10.0.0.1", "10.0.0.3");
	struct pool *p = pool_new(&r, 1, NULL, 0);

	expect(p, "10.0.0.1");
	expect(p, "10.0.0.2");
	pool_give(p, ip("10.0.0.2"));
	pool_give(p, ip("10.0.0.1"));
	ck_assert_uint_eq(pool_in_use(p), 0);
	expect(p, "10.0.0.3");
	expect(p, "10.0.0.2");
	expect(p, "10.0.0.1");
	expect_none(p);
	pool_free(p);
}
END_TEST

START_TEST(pool_gives_a_user_what_he_had)
{
	struct conf_range r = range("10.0.0.1", "10.0.0.4");
	struct pool *p = pool_new(&r, 1, NULL, 0);

	expect_for(p, "alice", "10.0.0.1");
	expect_for(p, "bob", "10.0.0.2");
	pool_give(p, ip("10.0.0.1"));
	pool_give(p, ip("10.0.0.2"));
	expect_for(p, "bob", "10.0.0.2");
	/* Another one of his, while that is out. */
	expect_for(p, "bob", "10.0.0.3");
	expect_for(p, "carol", "10.0.0.4");
	expect_for(p, "alice", "10.0.0.1");
	expect_none(p);
	/* What he had last. */
	pool_give(p, ip("10.0.0.2"));
	pool_give(p, ip("10.0.0.3"));
	expect_for(p, "bob", "10.0.0.3");
	pool_give(p, ip("10.0.0.3"));
	/* Nothing else is left: it is somebody else's now. */
	expect_for(p, "dave", "10.0.0.2");
	expect_for(p, "erin", "10.0.0.3");
	pool_give(p, ip("10.0.0.3"));
	pool_give(p, ip("10.0.0.1"));
	expect_for(p, "bob", "10.0.0.3");
	pool_free(p);
}
END_TEST

START_TEST(pool_avoids_what_somebody_else_has)
{
	struct conf_range r = range("10.0.0.1", "10.0.0.3");
	struct pool *p = pool_new(&r, 1, NULL, 0);

	expect_for(p, "alice", "10.0.0.1");
	pool_avoid(p, ip("10.0.0.1"));
	ck_assert_uint_eq(pool_in_use(p), 0);
	/* Not even as his own. */
	expect_for(p, "alice", "10.0.0.2");
	expect_for(p, "bob", "10.0.0.3");
	expect_for(p, "carol", "10.0.0.1");
	pool_give(p, ip("10.0.0.1"));
	expect_for(p, "carol", "10.0.0.1");
	pool_free(p);
}
END_TEST

START_TEST(pool_top_of_address_space_does_not_wrap)
{
	struct conf_range r = range("255.255.255.254", "255.255.255.255");
	struct pool *p = pool_new(&r, 1, NULL, 0);

	expect(p, "255.255.255.254");
	expect(p, "255.255.255.255");
	expect_none(p);
	expect_none(p);
	pool_free(p);
}
END_TEST

START_TEST(pool_without_ranges_is_empty)
{
	struct pool *p = pool_new(NULL, 0, NULL, 0);

	expect_none(p);
	pool_free(p);
}
END_TEST

/* Against a plain array: nothing is given twice, nothing is lost. */
START_TEST(pool_random_use_keeps_every_address_exactly_once)
{
	enum { N = 100 };
	struct conf_range r = range("10.0.0.0", "10.0.0.99");
	struct pool *p = pool_new(&r, 1, NULL, 0);
	bool out[N] = { false };
	struct in_addr a;
	static const char *const users[] = { "a", "b", "c", "d", "e" };
	unsigned int seed = 1, used = 0, i, n;

	for (i = 0; i < 20000; i++) {
		n = (unsigned int)rand_r(&seed) % N;
		if (out[n]) {
			pool_give(p, (struct in_addr){ htonl(0x0a000000 + n) });
			out[n] = false;
			used--;
		} else if (rand_r(&seed) % 4 > 0) {
			ck_assert(pool_take(p, users[i % nitems(users)], &a));
			n = ntohl(a.s_addr) - 0x0a000000;
			ck_assert_uint_lt(n, N);
			ck_assert(!out[n]);
			out[n] = true;
			used++;
		}
		ck_assert_uint_eq(pool_in_use(p), used);
	}
	while (pool_take(p, "the rest", &a))
		used++;
	ck_assert_uint_eq(used, N);
	pool_free(p);
}
END_TEST

START_TEST(pool_claimed_address_is_given_to_nobody_else)
{
	struct conf_range r = range("10.0.0.1", "10.0.0.4");
	struct in_addr never = ip("10.0.0.1");
	struct pool *p = pool_new(&r, 1, &never, 1);

	/* Before anybody has had it. */
	ck_assert_int_eq(pool_claim(p, "alice", ip("10.0.0.2")), POOL_CLAIMED);
	ck_assert_int_eq(pool_claim(p, "bob", ip("10.0.0.2")), POOL_TAKEN);
	ck_assert_int_eq(pool_claim(p, "bob", never), POOL_TAKEN);
	ck_assert_int_eq(pool_claim(p, "bob", ip("10.0.0.5")), POOL_FOREIGN);
	expect(p, "10.0.0.3");
	ck_assert_int_eq(pool_claim(p, "bob", ip("10.0.0.3")), POOL_TAKEN);
	expect(p, "10.0.0.4");
	expect_none(p);
	/* It comes back as any other, and can be claimed again. */
	pool_give(p, ip("10.0.0.2"));
	expect_for(p, "alice", "10.0.0.2");
	pool_give(p, ip("10.0.0.2"));
	pool_give(p, ip("10.0.0.3"));
	ck_assert_int_eq(pool_claim(p, "bob", ip("10.0.0.3")), POOL_CLAIMED);
	expect_for(p, "bob", "10.0.0.2");
	expect_none(p);
	ck_assert_uint_eq(pool_in_use(p), 3);
	pool_free(p);
}
END_TEST

static void
reserve(struct pool *p, const char *a, const char *b)
{
	struct in_addr list[2];
	size_t n = 0;

	if (a != NULL)
		list[n++] = ip(a);
	if (b != NULL)
		list[n++] = ip(b);
	ck_assert(pool_reserve(p, list, n));
}

START_TEST(pool_reserved_address_is_given_no_more)
{
	struct conf_range r = range("10.0.0.1", "10.0.0.5");
	struct pool *p = pool_new(&r, 1, NULL, 0);

	expect_for(p, "ann", "10.0.0.1");
	expect_for(p, "ben", "10.0.0.2");
	pool_give(p, ip("10.0.0.1"));
	/* One that is free, one that was never given. */
	reserve(p, "10.0.0.1", "10.0.0.3");
	expect_for(p, "ann", "10.0.0.4");
	expect(p, "10.0.0.5");
	expect_none(p);
	/* One that is out, and comes back. */
	reserve(p, "10.0.0.2", NULL);
	ck_assert_int_eq(pool_claim(p, "x", ip("10.0.0.2")), POOL_TAKEN);
	pool_give(p, ip("10.0.0.2"));
	expect_for(p, "cid", "10.0.0.1");
	expect_for(p, "ben", "10.0.0.3");
	expect_none(p);
	ck_assert_uint_eq(pool_in_use(p), 4);
	pool_free(p);
}
END_TEST

START_TEST(pool_address_that_is_reserved_no_more_is_given_again)
{
	struct conf_range r = range("10.0.0.1", "10.0.0.4");
	const struct in_addr never = ip("10.0.0.1");
	struct pool *p = pool_new(&r, 1, &never, 1);

	expect(p, "10.0.0.2");
	/* One was passed over, and one will still be come to; again, and one
	 * of another network. */
	reserve(p, "10.0.0.4", "10.9.9.9");
	reserve(p, "10.0.0.4", NULL);
	reserve(p, NULL, NULL);
	expect(p, "10.0.0.3");
	expect(p, "10.0.0.4");
	expect(p, "10.0.0.1");
	expect_none(p);
	/* While it is out. */
	reserve(p, "10.0.0.1", NULL);
	reserve(p, NULL, NULL);
	pool_give(p, ip("10.0.0.1"));
	expect(p, "10.0.0.1");
	/* While it was set aside; its last user is known. */
	reserve(p, "10.0.0.1", NULL);
	pool_give(p, ip("10.0.0.1"));
	expect_none(p);
	reserve(p, NULL, NULL);
	expect(p, "10.0.0.1");
	pool_free(p);
}
END_TEST

START_TEST(pool_resized_gives_what_is_new_and_no_more_what_is_not)
{
	struct conf_range before = range("10.0.0.1", "10.0.0.3");
	struct conf_range after = range("10.0.0.3", "10.0.0.5");
	struct pool *p = pool_new(&before, 1, NULL, 0);

	expect_for(p, "out", "10.0.0.1");
	expect_for(p, "back", "10.0.0.2");
	expect_for(p, "stays", "10.0.0.3");
	pool_give(p, ip("10.0.0.2"));
	pool_give(p, ip("10.0.0.3"));
	ck_assert(pool_resize(p, &after, 1));
	ck_assert_uint_eq(pool_in_use(p), 1);
	expect_for(p, "stays", "10.0.0.3");
	expect_for(p, "back", "10.0.0.4");
	expect(p, "10.0.0.5");
	expect_none(p);
	pool_give(p, ip("10.0.0.1"));
	expect_none(p);
	ck_assert_uint_eq(pool_in_use(p), 3);
	pool_free(p);
}
END_TEST

START_TEST(pool_resized_to_many_remembers_and_finds_all)
{
	struct conf_range before = range("10.0.0.1", "10.0.0.2");
	struct conf_range after = range("10.0.0.1", "10.0.3.255");
	struct pool *p = pool_new(&before, 1, NULL, 0);
	struct in_addr got;
	size_t i;

	expect_for(p, "stays", "10.0.0.1");
	expect_for(p, "back", "10.0.0.2");
	pool_give(p, ip("10.0.0.2"));
	ck_assert(pool_resize(p, &after, 1));
	expect_for(p, "back", "10.0.0.2");
	pool_give(p, ip("10.0.0.1"));
	expect_for(p, "stays", "10.0.0.1");
	for (i = 2; i < 1023; i++)
		ck_assert(pool_take(p, "many", &got));
	expect_none(p);
	ck_assert_uint_eq(pool_in_use(p), 1023);
	pool_free(p);
}
END_TEST

START_TEST(pool_resized_to_nothing_is_empty)
{
	struct conf_range before = range("10.0.0.1", "10.0.0.3");
	struct pool *p = pool_new(&before, 1, NULL, 0);

	expect(p, "10.0.0.1");
	ck_assert(pool_resize(p, NULL, 0));
	expect_none(p);
	pool_give(p, ip("10.0.0.1"));
	expect_none(p);
	ck_assert(pool_resize(p, &before, 1));
	expect(p, "10.0.0.1");
	pool_free(p);
}
END_TEST

START_TEST(pool_left_does_not_count_what_is_out_of_another_pool)
{
	struct conf_range before = range("10.0.0.1", "10.0.0.4");
	struct conf_range after = range("10.0.0.4", "10.0.0.6");
	struct in_addr never[] = { ip("10.0.0.4") };
	struct pool *p = pool_new(&before, 1, NULL, 0);
	int i;

	ck_assert_uint_eq(pool_left(p), 4);
	for (i = 1; i <= 4; i++) {
		ck_assert(pool_take(p, "x", &(struct in_addr){ 0 }));
		ck_assert_uint_eq(pool_left(p), (unsigned int)(4 - i));
	}
	ck_assert(pool_resize(p, &after, 1));
	ck_assert_uint_eq(pool_in_use(p), 4);
	ck_assert_uint_eq(pool_size(p), 3);
	ck_assert_uint_eq(pool_left(p), 2);
	/* reserved for a user while it is out */
	ck_assert(pool_reserve(p, never, 1));
	ck_assert_uint_eq(pool_size(p), 2);
	ck_assert_uint_eq(pool_left(p), 2);
	expect(p, "10.0.0.5");
	expect(p, "10.0.0.6");
	expect_none(p);
	ck_assert_uint_eq(pool_left(p), 0);
	pool_free(p);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("pool");
	TCase *tc = tcase_create("pool");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, pool_fresh_gives_lowest_first_across_ranges);
	tcase_add_test(tc, pool_size_is_what_it_could_give);
	tcase_add_test(tc, pool_overlapping_ranges_give_each_address_once);
	tcase_add_test(tc, pool_excluded_address_is_never_given);
	tcase_add_test(
	    tc, pool_returned_address_comes_back_last_and_oldest_first);
	tcase_add_test(tc, pool_gives_a_user_what_he_had);
	tcase_add_test(tc, pool_avoids_what_somebody_else_has);
	tcase_add_test(tc, pool_top_of_address_space_does_not_wrap);
	tcase_add_test(tc, pool_without_ranges_is_empty);
	tcase_add_test(tc, pool_random_use_keeps_every_address_exactly_once);
	tcase_add_test(tc, pool_claimed_address_is_given_to_nobody_else);
	tcase_add_test(tc, pool_reserved_address_is_given_no_more);
	tcase_add_test(
	    tc, pool_address_that_is_reserved_no_more_is_given_again);
	tcase_add_test(
	    tc, pool_resized_gives_what_is_new_and_no_more_what_is_not);
	tcase_add_test(tc, pool_resized_to_many_remembers_and_finds_all);
	tcase_add_test(tc, pool_resized_to_nothing_is_empty);
	tcase_add_test(
	    tc, pool_left_does_not_count_what_is_out_of_another_pool);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
