/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "utf8.h"

static const struct {
	const char *text;
	uint32_t code;
} good[] = {
	{ "a", 'a' },
	{ "\x7f", 0x7f },
	{ "\xc2\x80", 0x80 },
	{ "\xdf\xbf", 0x7ff },
	{ "\xe0\xa0\x80", 0x800 },
	{ "\xed\x9f\xbf", 0xd7ff },
	{ "\xee\x80\x80", 0xe000 },
	{ "\xf0\x90\x80\x80", 0x10000 },
	{ "\xf4\x8f\xbf\xbf", 0x10ffff },
};

START_TEST(character_is_read_and_cut_at_every_length_is_none)
{
	const uint8_t *s = (const uint8_t *)good[_i].text;
	size_t i, len = strlen(good[_i].text);
	uint32_t code;

	ck_assert_uint_eq(utf8_char(s, len, &code), len);
	ck_assert_uint_eq(code, good[_i].code);
	for (i = 0; i < len; i++)
		ck_assert_uint_eq(utf8_char(s, i, &code), 0);
}
END_TEST

START_TEST(what_follows_a_character_is_left)
{
	uint32_t code;

	ck_assert_uint_eq(
	    utf8_char((const uint8_t *)"\xc3\xa9\xff", 3, &code), 2);
	ck_assert_uint_eq(code, 0xe9);
	/* NUL is a character where a length is given. */
	ck_assert_uint_eq(utf8_char((const uint8_t *)"", 1, &code), 1);
}
END_TEST

START_TEST(string_of_other_octets_is_told)
{
	static const char *const bad[] = { "\x80", "\xc3", "\xc3(", "\xe6\xbc",
		"\xf0\x9f\x98", "\xc0\xaf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf",
		"\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80",
		"\xff" };
	size_t i;
	char text[16];

	ck_assert(utf8_is_valid(""));
	ck_assert(utf8_is_valid("a\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80"));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert(!utf8_is_valid(bad[i]));
		snprintf(text, sizeof(text), "ab%s", bad[i]);
		ck_assert(!utf8_is_valid(text));
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("utf8");
	TCase *tc = tcase_create("utf8");
	SRunner *sr;
	int failed;

	tcase_add_loop_test(tc,
	    character_is_read_and_cut_at_every_length_is_none, 0,
	    (int)(sizeof(good) / sizeof(good[0])));
	tcase_add_test(tc, what_follows_a_character_is_left);
	tcase_add_test(tc, string_of_other_octets_is_told);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? 0 : 1;
}
