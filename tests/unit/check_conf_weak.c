/* SPDX-License-Identifier: ISC */
/* Pre-shared keys that can be guessed: warnings with a line, without the key.
 */
#include "conf_file.h"

#include "../../lnsd/conf_value.h"

/* The only warning is this one; NULL: none. */
static void
assert_warned(struct conf *c, int line, const char *expected)
{
	char text[PATH_MAX + 256];

	if (expected == NULL) {
		ck_assert_uint_eq(c->n_warnings, 0);
	} else {
		snprintf(text, sizeof(text), "%s:%d: warning: %s", conf_path,
		    line, expected);
		ck_assert_uint_eq(c->n_warnings, 1);
		ck_assert_str_eq(c->warnings[0], text);
	}
	conf_free(c);
}

START_TEST(weak_keys_are_known)
{
	ck_assert_ptr_nonnull(conf_weak_psk("secret"));
	ck_assert_ptr_nonnull(conf_weak_psk("VPN"));
	ck_assert_ptr_nonnull(conf_weak_psk("Replace this pre-shared key"));
	ck_assert_ptr_nonnull(conf_weak_psk("aB3$xY7!kL9"));
	ck_assert_ptr_nonnull(conf_weak_psk("xxxxxxxxxxxxxxxxxxxx"));
	ck_assert_ptr_null(conf_weak_psk("aB3$xY7!kL9?"));
	ck_assert_ptr_null(conf_weak_psk("xxxxxxxxxxxxxxxxxxxy"));
}
END_TEST

START_TEST(short_key_is_warned_of_with_its_line)
{
	assert_warned(assert_loaded(PPP "peer a { address = any\n"
					"  psk = hushhushhus }\n"),
	    3,
	    "peer \"a\": psk: the pre-shared key has fewer than 12 "
	    "characters and can be guessed");
	assert_warned(assert_loaded(PPP "peer a { address = any\n"
					"  psk = hushhushhush }\n"),
	    0, NULL);
}
END_TEST

START_TEST(weak_key_of_template_is_warned_of_once_and_only_if_used)
{
	assert_warned(
	    assert_loaded(PPP "template t { psk = vpn }\n"
			      "peer a { address = any template = t }\n"
			      "peer b { address = 192.0.2.1 template = t }\n"),
	    2,
	    "template \"t\": psk: the pre-shared key is one that everybody "
	    "tries first");
	assert_warned(assert_loaded(PPP "template t { psk = vpn }\n"
					"peer a { address = any template = t\n"
					"  psk = 'a key of 21 characters' }\n"),
	    0, NULL);
}
END_TEST

START_TEST(weak_key_in_a_file_is_warned_of_where_the_file_is_named)
{
	put("secret", "secret\n", 7, 0600);
	assert_warned(assert_loaded(PPP "peer a { address = any\n\n"
					"  psk-file = secret }\n"),
	    4,
	    "peer \"a\": psk-file: the pre-shared key is one that everybody "
	    "tries first");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("conf_weak");
	TCase *tc = tcase_create("conf_weak");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, weak_keys_are_known);
	tcase_add_test(tc, short_key_is_warned_of_with_its_line);
	tcase_add_test(
	    tc, weak_key_of_template_is_warned_of_once_and_only_if_used);
	tcase_add_test(
	    tc, weak_key_in_a_file_is_warned_of_where_the_file_is_named);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? 0 : 1;
}
