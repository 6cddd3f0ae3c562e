/* SPDX-License-Identifier: ISC */

/* What lnsctl prints, and how it reads sessions. */

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../lnsd/lnsctl/sessions.h"
#include "../../lnsd/lnsctl/table.h"

static const struct table_column columns[] = { { "NAME", false },
	{ "N", true } };

static char *
print(const struct table *t)
{
	static char buf[4096];
	FILE *f = fmemopen(buf, sizeof(buf), "w");

	table_print(t, f, "nothing");
	fclose(f);
	return buf;
}

START_TEST(table_without_rows_says_so)
{
	struct table t;

	table_init(&t, columns, 2);
	ck_assert_str_eq(print(&t), "nothing\n");
	table_fini(&t);
}
END_TEST

START_TEST(table_is_as_wide_as_what_is_in_it)
{
	struct table t;

	table_init(&t, columns, 2);
	table_put(&t, "a");
	table_printf(&t, "%d", 1234);
	table_put(&t, "gr\303\274n");
	table_put(&t, "");
	ck_assert_str_eq(
	    print(&t), "NAME     N\na     1234\ngr\303\274n     -\n");
	table_fini(&t);
}
END_TEST

START_TEST(text_of_a_peer_is_made_printable)
{
	char out[16];

	printable(out, sizeof(out), "a\033[2J\nb\177");
	ck_assert_str_eq(out, "a?[2J?b?");
	printable(out, sizeof(out), "x\302\233y");
	ck_assert_str_eq(out, "x??y");
}
END_TEST

START_TEST(text_that_is_too_long_is_cut_between_characters)
{
	char out[6];

	printable(out, sizeof(out), "abcdef");
	ck_assert_str_eq(out, "abcd~");
	printable(out, sizeof(out), "abcde");
	ck_assert_str_eq(out, "abcde");
	printable(out, sizeof(out), "abc\303\274de");
	ck_assert_str_eq(out, "abc~");
}
END_TEST

START_TEST(amounts_have_three_digits_and_a_unit)
{
	static const struct {
		uint64_t n;
		const char *text;
	} cases[] = { { 0, "0" }, { 999, "999" }, { 1000, "1.0k" },
		{ 9949, "9.9k" }, { 9960, "10k" }, { 999499, "999k" },
		{ 999500, "1.0M" }, { 123456789, "123M" },
		{ UINT64_MAX, "18E" } };
	char buf[16];
	size_t i;

	for (i = 0; i < nitems(cases); i++)
		ck_assert_str_eq(amount_text(cases[i].n, buf), cases[i].text);
}
END_TEST

START_TEST(durations_have_two_units)
{
	char buf[24];

	ck_assert_str_eq(duration_text(-1, buf), "0s");
	ck_assert_str_eq(duration_text(59, buf), "59s");
	ck_assert_str_eq(duration_text(189, buf), "3m09s");
	ck_assert_str_eq(duration_text(7500, buf), "2h05m");
	ck_assert_str_eq(duration_text(4 * 86400 + 11 * 3600, buf), "4d11h");
}
END_TEST

static json_t *
parse(const char *text)
{
	json_t *o = json_loads(text, 0, NULL);

	ck_assert_ptr_nonnull(o);
	return o;
}

static const json_t *
session(const json_t *answer, size_t i)
{
	return json_array_get(json_object_get(answer, "sessions"), i);
}

START_TEST(rates_are_of_sessions_that_were_there_before)
{
	json_t *then = parse("{\"time_ms\": 1000, \"sessions\": ["
			     "{\"tunnel_id\": 1, \"session_id\": 2,"
			     " \"rx_octets\": 100, \"tx_octets\": 9}]}");
	json_t *now = parse("{\"time_ms\": 1500, \"sessions\": ["
			    "{\"tunnel_id\": 1, \"session_id\": 2,"
			    " \"rx_octets\": 1100, \"tx_octets\": 5},"
			    "{\"tunnel_id\": 1, \"session_id\": 3,"
			    " \"rx_octets\": 7, \"tx_octets\": null}]}");

	sessions_add_rates(now, then);
	ck_assert_int_eq(int_of(session(now, 0), "rx_bps"), 16000);
	ck_assert(json_is_null(json_object_get(session(now, 0), "tx_bps")));
	ck_assert(json_is_null(json_object_get(session(now, 1), "rx_bps")));
	sessions_add_rates(now, NULL);
	ck_assert(json_is_null(json_object_get(session(now, 0), "rx_bps")));
	json_decref(then);
	json_decref(now);
}
END_TEST

START_TEST(sessions_are_sorted_by_text_number_and_address)
{
	json_t *a = parse(
	    "{\"sessions\": ["
	    "{\"user\": \"b\", \"n\": 3, \"address\": \"10.0.0.10\"},"
	    "{\"user\": \"c\", \"n\": 20, \"address\": null},"
	    "{\"user\": \"a\", \"n\": null, \"address\": \"10.0.0.9\"}]}");

	sessions_sort(a, "user", 0);
	ck_assert_str_eq(text_of(session(a, 0), "user"), "a");
	ck_assert_str_eq(text_of(session(a, 2), "user"), "c");
	sessions_sort(a, "n", 1);
	ck_assert_str_eq(text_of(session(a, 0), "user"), "c");
	ck_assert_str_eq(text_of(session(a, 2), "user"), "a");
	sessions_sort(a, "address", 0);
	ck_assert_str_eq(text_of(session(a, 1), "user"), "a");
	ck_assert_str_eq(text_of(session(a, 2), "user"), "b");
	json_decref(a);
}
END_TEST

START_TEST(client_is_shown_with_its_port_if_it_has_one)
{
	json_t *a = parse("{\"client_address\": \"192.0.2.1\","
			  " \"client_port\": 4500}");
	json_t *b = parse("{\"client_address\": \"2001:db8::1\","
			  " \"client_port\": 0}");
	char buf[64];

	ck_assert_str_eq(client_text(a, buf), "192.0.2.1:4500");
	ck_assert_str_eq(client_text(b, buf), "2001:db8::1");
	(void)json_object_set_new(b, "client_port", json_integer(5));
	ck_assert_str_eq(client_text(b, buf), "[2001:db8::1]:5");
	json_decref(a);
	json_decref(b);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("lnsctl");
	TCase *tc = tcase_create("all");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, table_without_rows_says_so);
	tcase_add_test(tc, table_is_as_wide_as_what_is_in_it);
	tcase_add_test(tc, text_of_a_peer_is_made_printable);
	tcase_add_test(tc, text_that_is_too_long_is_cut_between_characters);
	tcase_add_test(tc, amounts_have_three_digits_and_a_unit);
	tcase_add_test(tc, durations_have_two_units);
	tcase_add_test(tc, rates_are_of_sessions_that_were_there_before);
	tcase_add_test(tc, sessions_are_sorted_by_text_number_and_address);
	tcase_add_test(tc, client_is_shown_with_its_port_if_it_has_one);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
