/* SPDX-License-Identifier: ISC */
/* What clients may choose from, and what libreswan lacks of it. */

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../ipsec/algs.h"

static struct algs algs;
static char *text;
static size_t text_len;
static bool one_group; /* only one is to be written */

/* "dh2" is not in "dh20". */
static bool
lacks(const char *probe, const char *lacking)
{
	const char *s = strstr(probe, lacking);
	size_t len = strlen(lacking);

	return s != NULL && (len == 0 || s[len] < '0' || s[len] > '9');
}

/* algparse's answer as libreswan 4 and 5 write it. */
static void
answer(const char *version, const char *lacking)
{
	char *const *argv = algs_argv();
	char line[128];
	size_t i;

	algs_init(&algs);
	for (i = 2; argv[i] != NULL; i++) {
		snprintf(
		    line, sizeof(line), "algparse %s '%s'", version, argv[i]);
		algs_line(&algs, line);
		algs_line(&algs, lacks(argv[i], lacking)
				     ? "\tERROR: IKE DH algorithm is not "
				       "recognized"
				     : "\tAES_CBC_128-HMAC_SHA1-MODP2048");
	}
}

static void
write_all(enum conf_proposals level)
{
	FILE *f;

	free(text);
	f = open_memstream(&text, &text_len);
	ck_assert_ptr_nonnull(f);
	algs_write(f, &algs, level, one_group);
	ck_assert_int_eq(fclose(f), 0);
}

/* A whole item of the list behind key. */
static bool
offers(const char *key, const char *item)
{
	const char *line = strstr(text, key), *s;
	size_t len = strlen(item);

	ck_assert_ptr_nonnull(line);
	for (s = line + strlen(key);
	     strncmp(s, item, len) != 0 || (s[len] != ',' && s[len] != '\n');
	     s++) {
		s += strcspn(s, ",\n");
		if (*s != ',')
			return false;
	}
	return true;
}

static bool
ike(const char *item)
{
	return offers("\tike=", item);
}

static bool
esp(const char *item)
{
	return offers("\tesp=", item);
}

static void
assert_missing(enum conf_proposals level, const char *want)
{
	char buf[ALGS_TEXT] = "";
	bool is = algs_missing(&algs, level, buf);

	ck_assert_str_eq(buf, want != NULL ? want : "");
	ck_assert(is == (want != NULL));
}

START_TEST(modern_has_what_current_clients_offer_first)
{
	int i;

	algs_init(&algs);
	for (i = CONF_PROPOSALS_MODERN; i <= CONF_PROPOSALS_LEGACY; i++) {
		write_all((enum conf_proposals)i);
		/* Windows, iOS and macOS, ChromeOS and NetworkManager. */
		ck_assert(ike("aes256-sha1;dh20"));
		ck_assert(ike("aes128-sha1;dh19"));
		ck_assert(ike("aes256-sha1;dh14"));
		ck_assert(ike("aes256-sha2_256;dh14"));
		ck_assert(ike("aes128-sha2_256;dh15"));
		ck_assert(esp("aes256-sha1"));
		ck_assert(esp("aes128-sha1"));
		ck_assert(esp("aes_gcm128"));
		ck_assert(ike("3des-sha1;dh14") == (i > CONF_PROPOSALS_MODERN));
		ck_assert(
		    ike("aes256-sha1;dh5") == (i > CONF_PROPOSALS_MODERN));
		ck_assert(esp("3des-sha1") == (i > CONF_PROPOSALS_MODERN));
		ck_assert(
		    ike("aes256-md5;dh14") == (i == CONF_PROPOSALS_LEGACY));
		ck_assert(esp("3des-md5") == (i == CONF_PROPOSALS_LEGACY));
	}
}
END_TEST

START_TEST(esp_with_sha2_256_is_not_in_legacy)
{
	int i;

	algs_init(&algs);
	for (i = CONF_PROPOSALS_MODERN; i <= CONF_PROPOSALS_LEGACY; i++) {
		write_all((enum conf_proposals)i);
		ck_assert(
		    esp("aes256-sha2_256") == (i < CONF_PROPOSALS_LEGACY));
		ck_assert(
		    esp("aes128-sha2_256") == (i < CONF_PROPOSALS_LEGACY));
		ck_assert(esp("aes256-sha2_512"));
	}
}
END_TEST

START_TEST(group_2_only_in_legacy_and_only_if_it_is_there)
{
	static const char *const versions[] = { "-v1", "--ikev1" };
	size_t i;

	for (i = 0; i < 2; i++) {
		answer(versions[i], "no such thing");
		ck_assert(algs.answered);
		write_all(CONF_PROPOSALS_LEGACY);
		ck_assert(ike("aes256-sha2_384;dh2"));
		ck_assert(ike("3des-md5;dh2"));
		assert_missing(CONF_PROPOSALS_LEGACY, NULL);
		write_all(CONF_PROPOSALS_COMPATIBLE);
		ck_assert(!ike("aes256-sha1;dh2"));
		answer(versions[i], "sha1;dh2");
		write_all(CONF_PROPOSALS_LEGACY);
		ck_assert(!ike("aes256-sha1;dh2"));
		ck_assert(ike("aes256-sha1;dh5"));
	}
}
END_TEST

START_TEST(what_is_missing_is_told_in_one_line)
{
	algs_init(&algs);
	assert_missing(CONF_PROPOSALS_MODERN, NULL);
	assert_missing(CONF_PROPOSALS_COMPATIBLE, NULL);
	assert_missing(CONF_PROPOSALS_LEGACY,
	    "this libreswan has no DH group 2 (modp1024): Android, older "
	    "iPhones and Macs cannot connect with proposals = legacy");
	answer("-v1", "3des");
	assert_missing(CONF_PROPOSALS_MODERN, NULL);
	assert_missing(CONF_PROPOSALS_COMPATIBLE,
	    "this libreswan has no 3DES, no 3DES in ESP: clients that know "
	    "nothing better cannot connect with proposals = compatible");
	write_all(CONF_PROPOSALS_COMPATIBLE);
	ck_assert_ptr_null(strstr(text, "3des"));
}
END_TEST

START_TEST(whatever_is_missing_fits_and_an_odd_answer_does_no_harm)
{
	char buf[ALGS_TEXT];

	answer("-v1", "");
	ck_assert(algs_missing(&algs, CONF_PROPOSALS_LEGACY, buf));
	ck_assert_uint_lt(strlen(buf), ALGS_TEXT);
	algs_init(&algs);
	algs_line(&algs, "\tERROR: of nothing");
	algs_line(&algs, "algparse -v1 'ike=unknown'");
	algs_line(&algs, "\tERROR: unknown");
	algs_line(&algs, "execve: No such file");
	ck_assert(!algs.answered);
	assert_missing(CONF_PROPOSALS_MODERN, NULL);
}
END_TEST

START_TEST(aggressive_mode_has_one_group)
{
	one_group = true;
	answer("-v1", "sha1;dh2");
	write_all(CONF_PROPOSALS_LEGACY);
	ck_assert(ike("aes256-sha1;dh14"));
	ck_assert_ptr_null(strstr(text, "dh20"));
	ck_assert_ptr_null(strstr(text, "dh2,"));
	answer("-v1", "no such thing");
	write_all(CONF_PROPOSALS_MODERN);
	ck_assert(ike("aes256-sha1;dh14"));
	ck_assert_ptr_null(strstr(text, "dh20"));
	/* Android. */
	write_all(CONF_PROPOSALS_LEGACY);
	ck_assert(ike("aes256-sha1;dh2"));
	ck_assert_ptr_null(strstr(text, "dh14"));
	one_group = false;
}
END_TEST

/* pluto's message for a connection holds 4096 octets in all. */
START_TEST(longest_list_fits_into_plutos_message)
{
	answer("-v1", "no such thing");
	write_all(CONF_PROPOSALS_LEGACY);
	ck_assert_uint_lt(text_len, 3500);
}
END_TEST

START_TEST(what_is_accepted_is_told_in_words)
{
	struct algs a;
	char buf[256], small[20];

	algs_init(&a);
	ck_assert_str_eq(
	    algs_accepts_ike(&a, CONF_PROPOSALS_MODERN, buf, sizeof(buf)),
	    "aes256/aes128 with sha2_256/sha2_512/sha2_384/sha1 and "
	    "dh20/dh19/dh14/dh15/dh16/dh21");
	ck_assert_str_eq(
	    algs_accepts_ike(&a, CONF_PROPOSALS_MODERN, small, sizeof(small)),
	    "aes256/aes128 with ");
	ck_assert_str_eq(
	    algs_accepts_esp(&a, CONF_PROPOSALS_MODERN, buf, sizeof(buf)),
	    "aes_gcm256,aes_gcm128,aes256-sha2_256,aes256-sha2_512,"
	    "aes256-sha1,aes128-sha2_256,aes128-sha2_512,aes128-sha1");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("algs");
	TCase *t = tcase_create("algs");
	SRunner *r;
	int failed;

	tcase_add_test(t, modern_has_what_current_clients_offer_first);
	tcase_add_test(t, esp_with_sha2_256_is_not_in_legacy);
	tcase_add_test(t, group_2_only_in_legacy_and_only_if_it_is_there);
	tcase_add_test(t, what_is_missing_is_told_in_one_line);
	tcase_add_test(
	    t, whatever_is_missing_fits_and_an_odd_answer_does_no_harm);
	tcase_add_test(t, aggressive_mode_has_one_group);
	tcase_add_test(t, what_is_accepted_is_told_in_words);
	tcase_add_test(t, longest_list_fits_into_plutos_message);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	free(text);
	return failed == 0 ? 0 : 1;
}
