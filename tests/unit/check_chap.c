/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <check.h>

#include "../../ppp/chap.h"

static struct chap *chap;

static void
setup(void)
{
	const char *error;

	chap = chap_new(&error);
	ck_assert_msg(chap != NULL, "%s", error);
}

static void
teardown(void)
{
	chap_free(chap);
}

/* RFC 2759 9.2. */
static const uint8_t challenge[] = { 0x5B, 0x5D, 0x7C, 0x7D, 0x7B, 0x3F, 0x2F,
	0x3E, 0x3C, 0x2C, 0x60, 0x21, 0x32, 0x26, 0x26, 0x28 };
static const uint8_t peer_challenge[] = { 0x21, 0x40, 0x23, 0x24, 0x25, 0x5E,
	0x26, 0x2A, 0x28, 0x29, 0x5F, 0x2B, 0x3A, 0x33, 0x7C, 0x7E };
static const uint8_t hashed[] = { 0xD0, 0x2E, 0x43, 0x86, 0xBC, 0xE9, 0x12,
	0x26 };
static const uint8_t nt_hash[] = { 0x44, 0xEB, 0xBA, 0x8D, 0x53, 0x12, 0xB8,
	0xD6, 0x11, 0x47, 0x44, 0x11, 0xF5, 0x69, 0x89, 0xAE };
static const uint8_t nt_response[] = { 0x82, 0x30, 0x9E, 0xCD, 0x8D, 0x70, 0x8B,
	0x5E, 0xA0, 0x8F, 0xAA, 0x39, 0x81, 0xCD, 0x83, 0x54, 0x42, 0x33, 0x11,
	0x4A, 0x3D, 0x85, 0xD6, 0xDF };
static const char proof[] = "407A5589115FD0D6209F510FE9C04566932CDA56";

static uint8_t response[CHAP_MS_RESPONSE_LEN];

static struct chap_ms
exchange(const char *name)
{
	memset(response, 0, sizeof(response));
	memcpy(response, peer_challenge, 16);
	memcpy(response + 24, nt_response, 24);
	return (struct chap_ms){ challenge, response, (const uint8_t *)name,
		strlen(name) };
}

static void
expect_nt_hash(const char *password, size_t len, const char *want)
{
	uint8_t got[CHAP_NT_HASH_LEN];
	char text[2 * sizeof(got) + 1];
	size_t i;

	ck_assert(chap_nt_hash(chap, (const uint8_t *)password, len, got));
	for (i = 0; i < sizeof(got); i++)
		snprintf(text + 2 * i, 3, "%02x", got[i]);
	ck_assert_str_eq(text, want);
}

START_TEST(nt_hash_of_rfc2759_password_matches)
{
	uint8_t got[CHAP_NT_HASH_LEN];

	ck_assert(chap_nt_hash(chap, (const uint8_t *)"clientPass", 10, got));
	ck_assert_mem_eq(got, nt_hash, sizeof(got));
}
END_TEST

START_TEST(nt_hash_of_empty_password_is_md4_of_nothing)
{
	expect_nt_hash("", 0, "31d6cfe0d16ae931b73c59d7e0c089c0");
}
END_TEST

START_TEST(nt_hash_of_utf8_is_that_of_utf16)
{
	/* MD4 of E4 00, AC 20 and of the pair 3D D8 00 DE. */
	expect_nt_hash("\xc3\xa4", 2, "3104eab484d59efabcea2c44b07f41d3");
	expect_nt_hash("\xe2\x82\xac", 3, "030926b781938db4365d46adc7cfbcb8");
	expect_nt_hash(
	    "\xf0\x9f\x98\x80", 4, "4b58a10cc20a4e7d808d218e1f80aabc");
}
END_TEST

START_TEST(nt_hash_of_malformed_utf8_takes_octets_as_latin1)
{
	/* Alone, overlong, cut off. */
	expect_nt_hash("\xe4", 1, "3104eab484d59efabcea2c44b07f41d3");
	expect_nt_hash("\xc0\x80", 2, "040e2cc26dc58c25f71cd33e2cf91f5d");
	expect_nt_hash("\xe2\x82", 2, "4659b918f92f1c37e9936e29c2f9ff01");
}
END_TEST

START_TEST(nt_hash_of_long_password_stays_in_bounds)
{
	uint8_t got[CHAP_NT_HASH_LEN], same[CHAP_NT_HASH_LEN], s[1200];
	size_t i;

	memset(s, 'x', sizeof(s));
	ck_assert(chap_nt_hash(chap, s, 256, same));
	ck_assert(chap_nt_hash(chap, s, sizeof(s), got));
	ck_assert_mem_eq(got, same, sizeof(got));
	for (i = 0; i + 4 <= sizeof(s); i += 4)
		memcpy(s + i, "\xf0\x9f\x98\x80", 4);
	for (i = 500; i <= sizeof(s); i++)
		ck_assert(chap_nt_hash(chap, s, i, got));
}
END_TEST

START_TEST(ms_challenge_hash_of_rfc2759_matches)
{
	struct chap_ms ms = exchange("User");
	uint8_t got[CHAP_MS_HASHED_LEN];

	ck_assert(chap_ms_challenge_hash(chap, &ms, got));
	ck_assert_mem_eq(got, hashed, sizeof(got));
}
END_TEST

START_TEST(ms_nt_response_of_rfc2759_matches)
{
	uint8_t got[CHAP_NT_RESPONSE_LEN];

	ck_assert(chap_ms_nt_response(chap, hashed, nt_hash, got));
	ck_assert_mem_eq(got, nt_response, sizeof(got));
}
END_TEST

START_TEST(ms_proof_of_rfc2759_matches)
{
	char got[CHAP_PROOF_SIZE];

	ck_assert(chap_ms_proof(chap, hashed, nt_hash, nt_response, got));
	ck_assert_str_eq(got, proof);
}
END_TEST

START_TEST(ms_right_response_is_accepted_with_proof)
{
	struct chap_ms ms = exchange("User");
	char got[CHAP_PROOF_SIZE];

	ck_assert(chap_ms_verify(chap, &ms, nt_hash, got));
	ck_assert_str_eq(got, proof);
}
END_TEST

START_TEST(ms_domain_before_name_is_left_out_of_the_hash)
{
	struct chap_ms ms = exchange("OFFICE\\User");
	char got[CHAP_PROOF_SIZE];

	ck_assert(chap_ms_verify(chap, &ms, nt_hash, got));
	ck_assert_str_eq(got, proof);
}
END_TEST

START_TEST(ms_other_name_is_refused)
{
	struct chap_ms ms = exchange("user");
	char got[CHAP_PROOF_SIZE];

	ck_assert(!chap_ms_verify(chap, &ms, nt_hash, got));
}
END_TEST

/* One wrong bit anywhere in what is verified. */
START_TEST(ms_any_changed_octet_is_refused)
{
	struct chap_ms ms = exchange("User");
	char got[CHAP_PROOF_SIZE];
	size_t i;

	for (i = 0; i < 48; i++) {
		if (i >= 16 && i < 24)
			continue; /* reserved */
		response[i] ^= 1;
		ck_assert(!chap_ms_verify(chap, &ms, nt_hash, got));
		response[i] ^= 1;
	}
	ck_assert(chap_ms_verify(chap, &ms, nt_hash, got));
}
END_TEST

/* MD5 of 2a, "sesame", 01..11, made with another program. */
static const uint8_t md5_want[] = { 0x53, 0xfa, 0x2d, 0xfc, 0x54, 0x48, 0x54,
	0x8b, 0x3a, 0x84, 0x28, 0x21, 0x2a, 0xe0, 0x16, 0xb2 };
static const uint8_t md5_challenge[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
	13, 14, 15, 16, 17 };

START_TEST(md5_right_response_is_accepted)
{
	ck_assert(chap_md5_verify(chap, 0x2a, "sesame", md5_challenge,
	    sizeof(md5_challenge), md5_want, sizeof(md5_want)));
}
END_TEST

START_TEST(md5_anything_else_is_refused)
{
	const size_t n = sizeof(md5_challenge);
	uint8_t bad[sizeof(md5_want) + 1] = { 0 };
	size_t i;

	memcpy(bad, md5_want, sizeof(md5_want));
	ck_assert(
	    !chap_md5_verify(chap, 0x2b, "sesame", md5_challenge, n, bad, 16));
	ck_assert(
	    !chap_md5_verify(chap, 0x2a, "Sesame", md5_challenge, n, bad, 16));
	ck_assert(!chap_md5_verify(
	    chap, 0x2a, "sesame", md5_challenge, n - 1, bad, 16));
	for (i = 0; i < 16; i++)
		ck_assert(!chap_md5_verify(
		    chap, 0x2a, "sesame", md5_challenge, n, bad, i));
	ck_assert(!chap_md5_verify(
	    chap, 0x2a, "sesame", md5_challenge, n, bad, sizeof(bad)));
	for (i = 0; i < 16; i++) {
		bad[i] ^= 0x80;
		ck_assert(!chap_md5_verify(
		    chap, 0x2a, "sesame", md5_challenge, n, bad, 16));
		bad[i] ^= 0x80;
	}
}
END_TEST

START_TEST(bare_name_is_what_follows_the_last_backslash)
{
	static const struct {
		const char *name, *bare;
	} t[] = { { "alice", "alice" }, { "A\\alice", "alice" },
		{ "A\\B\\alice", "alice" }, { "alice\\", "" }, { "", "" } };
	size_t i, len;
	const uint8_t *bare;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		len = strlen(t[i].name);
		bare = chap_bare_name((const uint8_t *)t[i].name, &len);
		ck_assert_uint_eq(len, strlen(t[i].bare));
		ck_assert(memcmp(bare, t[i].bare, len) == 0);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("chap");
	TCase *tc = tcase_create("chap");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, nt_hash_of_rfc2759_password_matches);
	tcase_add_test(tc, nt_hash_of_empty_password_is_md4_of_nothing);
	tcase_add_test(tc, nt_hash_of_utf8_is_that_of_utf16);
	tcase_add_test(tc, nt_hash_of_malformed_utf8_takes_octets_as_latin1);
	tcase_add_test(tc, nt_hash_of_long_password_stays_in_bounds);
	tcase_add_test(tc, ms_challenge_hash_of_rfc2759_matches);
	tcase_add_test(tc, ms_nt_response_of_rfc2759_matches);
	tcase_add_test(tc, ms_proof_of_rfc2759_matches);
	tcase_add_test(tc, ms_right_response_is_accepted_with_proof);
	tcase_add_test(tc, ms_domain_before_name_is_left_out_of_the_hash);
	tcase_add_test(tc, ms_other_name_is_refused);
	tcase_add_test(tc, ms_any_changed_octet_is_refused);
	tcase_add_test(tc, md5_right_response_is_accepted);
	tcase_add_test(tc, md5_anything_else_is_refused);
	tcase_add_test(tc, bare_name_is_what_follows_the_last_backslash);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
