/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../../lnsd/page_files.h"
#include "../../lnsd/page_json.h"
#include "../../lnsd/story_take.h"

static struct stories *st;
static struct story_time now = { { 1000 }, 1700000000 };

static void
set_up(void)
{
	st = stories_new();
	ck_assert_ptr_nonnull(st);
}

static void
tear_down(void)
{
	stories_free(st);
}

static void
sccrq(uint16_t tid, uint32_t client, const char *host)
{
	const struct lns_effect e = { .type = LNS_MESSAGE,
		.message = 1,
		.tid = tid,
		.text = host,
		.path = { .peer = { 4, { 198, 51, 100, 1 }, 4500 },
		    .client = client } };

	now.mono.ms += 10;
	story_take_effect(st, &e, now);
}

static json_int_t
number(const json_t *o, const char *stage, const char *what)
{
	return json_integer_value(json_object_get(
	    json_object_get(json_object_get(o, "funnel"), stage), what));
}

START_TEST(funnel_counts_all_and_lists_the_newest)
{
	json_t *o;
	uint16_t i;

	for (i = 1; i <= PAGE_ATTEMPTS + 5; i++) {
		struct lns_effect e = { .type = LNS_MESSAGE,
			.message = 1,
			.tid = i,
			.text = "x",
			.path = {
			    .peer = { 4, { 198, 51, 100, (uint8_t)i }, 4500 },
			    .client = i } };

		story_take_effect(st, &e, now);
	}
	story_take_ppp_start(st, 3, now.mono);
	story_take_auth(
	    st, 3, "<b>eve</b>", CAUSE_PASSWORD, "wrong password", now.mono);
	story_take_ppp_end(
	    st, 3, CAUSE_AUTH_METHOD, "authentication failed", now.mono);
	o = page_json_attempts(st);
	ck_assert_ptr_nonnull(o);
	ck_assert_int_eq(
	    json_integer_value(json_object_get(o, "kept")), PAGE_ATTEMPTS + 5);
	ck_assert_uint_eq(
	    json_array_size(json_object_get(o, "attempts")), PAGE_ATTEMPTS);
	ck_assert_int_eq(number(o, "l2tp", "reached"), PAGE_ATTEMPTS + 5);
	ck_assert_int_eq(number(o, "ppp", "reached"), 1);
	ck_assert_int_eq(number(o, "ppp", "failed"), 1);
	ck_assert_int_eq(number(o, "up", "reached"), 0);
	json_decref(o);
}
END_TEST

START_TEST(times_have_all_buckets)
{
	json_t *o, *limits = page_json_bucket_ms(), *ppp;

	sccrq(7, 1, "x");
	now.mono.ms += 70;
	story_take_ppp_start(st, 7, now.mono);
	o = page_json_times(stories_counts(st));
	ppp = json_array_get(o, STORY_L2TP);
	ck_assert_str_eq(
	    json_string_value(json_object_get(ppp, "stage")), "l2tp");
	ck_assert_int_eq(json_integer_value(json_object_get(ppp, "n")), 1);
	ck_assert_uint_eq(json_array_size(json_object_get(ppp, "buckets")),
	    json_array_size(limits));
	ck_assert_int_eq(json_integer_value(json_array_get(
			     json_object_get(ppp, "buckets"), 1)),
	    1);
	json_decref(limits);
	json_decref(o);
}
END_TEST

START_TEST(history_is_in_the_order_of_time)
{
	static struct traffic t;
	json_t *o, *list;
	size_t i;

	for (i = 0; i < TRAFFIC_SAMPLES + 3; i++)
		traffic_keep(&t, (int64_t)i, 2);
	o = page_json_history(&t);
	list = json_object_get(o, "samples");
	ck_assert_uint_eq(json_array_size(list), TRAFFIC_SAMPLES);
	ck_assert_int_eq(
	    json_integer_value(json_array_get(json_array_get(list, 0), 0)), 3);
	json_decref(o);
}
END_TEST

START_TEST(query_is_a_number_or_nothing)
{
	ck_assert_uint_eq(page_query_n("n=7"), 7);
	ck_assert_uint_eq(
	    page_query_n("n=999999999999999999"), 999999999999999999);
	ck_assert_uint_eq(page_query_n(NULL), 0);
	ck_assert_uint_eq(page_query_n(""), 0);
	ck_assert_uint_eq(page_query_n("n="), 0);
	ck_assert_uint_eq(page_query_n("n=-1"), 0);
	ck_assert_uint_eq(page_query_n("n=1x"), 0);
	ck_assert_uint_eq(page_query_n("m=1"), 0);
	ck_assert_uint_eq(page_query_n("n=9999999999999999999"), 0);
}
END_TEST

/* Nothing from elsewhere, no HTML made of strings, no style or script that the
 * page's own policy forbids. */
START_TEST(files_hold_nothing_that_is_forbidden)
{
	static const char *const forbidden[] = { "https:", "//cdn", "innerHTML",
		"outerHTML", "insertAdjacent", "document.write", "eval(",
		"onclick=", "onload=", " style=", "<style", "javascript:" };
	const struct page_file *f = &page_files[_i];
	size_t len = (size_t)(f->end - f->text), i;

	ck_assert_uint_gt(len, 100);
	ck_assert_int_eq(f->end[0], '\0');
	for (i = 0; i < nitems(forbidden); i++)
		ck_assert_msg(memmem(f->text, len, forbidden[i],
				  strlen(forbidden[i])) == NULL,
		    "%s has %s", f->path, forbidden[i]);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("page");
	TCase *tc = tcase_create("all");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, funnel_counts_all_and_lists_the_newest);
	tcase_add_test(tc, times_have_all_buckets);
	tcase_add_test(tc, history_is_in_the_order_of_time);
	tcase_add_test(tc, query_is_a_number_or_nothing);
	tcase_add_loop_test(
	    tc, files_hold_nothing_that_is_forbidden, 0, PAGE_FILES);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
