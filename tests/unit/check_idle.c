/* SPDX-License-Identifier: ISC */
/* When a link is idle. */
#include <stdlib.h>
#include <check.h>

#include "../../ppp/idle.h"

static const struct mono start = { 1000 };
static struct idle idle;

static int64_t
look(int64_t after_ms, uint64_t packets, unsigned int limit_s)
{
	return idle_look(&idle, packets, limit_s, mono_add_ms(start, after_ms));
}

START_TEST(idle_link_without_packets_is_over_at_the_limit)
{
	idle_begin(&idle, start);
	ck_assert_int_eq(look(0, 0, 80), 10000);
	ck_assert_int_eq(look(70001, 0, 80), 9999);
	ck_assert_int_eq(look(79999, 0, 80), 1);
	ck_assert_int_eq(look(80000, 0, 80), 0);
	ck_assert_int_eq(look(90000, 0, 80), 0);
}
END_TEST

START_TEST(idle_packet_begins_the_time_anew)
{
	idle_begin(&idle, start);
	ck_assert_int_eq(look(79999, 1, 80), 10000);
	ck_assert_int_gt(look(80000, 1, 80), 0);
	ck_assert_int_gt(look(159998, 1, 80), 0);
	ck_assert_int_eq(look(159999, 1, 80), 0);
}
END_TEST

START_TEST(idle_looks_are_neither_too_many_nor_too_few)
{
	ck_assert_int_eq(idle_first_ms(1), 500);
	ck_assert_int_eq(idle_first_ms(80), 10000);
	ck_assert_int_eq(idle_first_ms(86400), 60000);
	ck_assert_int_eq(idle_first_ms(4294967295u), 60000);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("idle");
	TCase *tc = tcase_create("idle");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, idle_link_without_packets_is_over_at_the_limit);
	tcase_add_test(tc, idle_packet_begins_the_time_anew);
	tcase_add_test(tc, idle_looks_are_neither_too_many_nor_too_few);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
