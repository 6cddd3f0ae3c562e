/* SPDX-License-Identifier: ISC */
/* Failed logins are counted, forgotten in time, and bounded. */

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../ppp/tries.h"

static struct tries *t;

static struct mono
at(int64_t ms)
{
	return (struct mono){ ms };
}

static void
setup(void)
{
	t = tries_new();
	ck_assert_ptr_nonnull(t);
}

static void
teardown(void)
{
	tries_free(t);
}

static unsigned int
count(const char *key, int64_t ms)
{
	int64_t left;

	return tries_count(t, key, at(ms), &left);
}

START_TEST(tries_are_counted_by_key)
{
	ck_assert_uint_eq(count("user bob", 0), 0);
	ck_assert_uint_eq(tries_add(t, "user bob", at(0), at(100)), 1);
	ck_assert_uint_eq(tries_add(t, "user bob", at(1), at(100)), 2);
	ck_assert_uint_eq(tries_add(t, "user bo", at(2), at(100)), 1);
	ck_assert_uint_eq(count("user bob", 3), 2);
	ck_assert_uint_eq(count("user bo", 3), 1);
	ck_assert_uint_eq(count("user", 3), 0);
}
END_TEST

/* Each one puts the time off for all of its key. */
START_TEST(tries_are_forgotten_in_time)
{
	int64_t left;

	tries_add(t, "a", at(0), at(100));
	tries_add(t, "a", at(50), at(150));
	ck_assert_uint_eq(tries_count(t, "a", at(149), &left), 2);
	ck_assert_int_eq(left, 1);
	ck_assert_uint_eq(tries_count(t, "a", at(150), &left), 0);
	ck_assert_int_eq(left, 0);
	ck_assert_uint_eq(tries_add(t, "a", at(150), at(250)), 1);
}
END_TEST

START_TEST(tries_of_who_got_in_are_forgotten_at_once)
{
	tries_add(t, "a", at(0), at(100));
	tries_add(t, "b", at(0), at(100));
	tries_forget(t, "a");
	tries_forget(t, "none");
	ck_assert_uint_eq(count("a", 1), 0);
	ck_assert_uint_eq(count("b", 1), 1);
}
END_TEST

START_TEST(tries_make_room_for_others)
{
	char key[32];
	int i;

	tries_add(t, "guesser", at(0), at(1000));
	for (i = 0; i < 3 * TRIES_MAX; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		ck_assert_uint_eq(tries_add(t, key, at(1), at(500 + i)), 1);
		tries_add(t, "guesser", at(1), at(100000));
	}
	ck_assert_uint_eq(count("guesser", 2), 3 * TRIES_MAX + 1);
	ck_assert_uint_eq(count("k0", 2), 0);
	ck_assert_uint_eq(count(key, 2), 1);
}
END_TEST

START_TEST(tries_cut_a_key_that_is_too_long)
{
	char key[2 * TRIES_KEY];

	memset(key, 'x', sizeof(key) - 1);
	key[sizeof(key) - 1] = '\0';
	ck_assert_uint_eq(tries_add(t, key, at(0), at(9)), 1);
	key[sizeof(key) - 2] = 'y';
	ck_assert_uint_eq(tries_add(t, key, at(0), at(9)), 2);
	tries_forget(t, key);
	ck_assert_uint_eq(count(key, 1), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("tries");
	TCase *tc = tcase_create("all");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, tries_are_counted_by_key);
	tcase_add_test(tc, tries_are_forgotten_in_time);
	tcase_add_test(tc, tries_of_who_got_in_are_forgotten_at_once);
	tcase_add_test(tc, tries_make_room_for_others);
	tcase_add_test(tc, tries_cut_a_key_that_is_too_long);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
