/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <check.h>
#include <openssl/evp.h>

#include "../../ppp/user.h"

#define ALL (CONF_AUTH_PAP | CONF_AUTH_CHAP | CONF_AUTH_MSCHAPV2)

/* RFC 2759 9.2: user "User", password "clientPass". */
static const uint8_t ms_challenge[] = { 0x5B, 0x5D, 0x7C, 0x7D, 0x7B, 0x3F,
	0x2F, 0x3E, 0x3C, 0x2C, 0x60, 0x21, 0x32, 0x26, 0x26, 0x28 };
static const uint8_t ms_response[49] = { 0x21, 0x40, 0x23, 0x24, 0x25, 0x5E,
	0x26, 0x2A, 0x28, 0x29, 0x5F, 0x2B, 0x3A, 0x33, 0x7C, 0x7E, 0, 0, 0, 0,
	0, 0, 0, 0, 0x82, 0x30, 0x9E, 0xCD, 0x8D, 0x70, 0x8B, 0x5E, 0xA0, 0x8F,
	0xAA, 0x39, 0x81, 0xCD, 0x83, 0x54, 0x42, 0x33, 0x11, 0x4A, 0x3D, 0x85,
	0xD6, 0xDF, 0 };
static const char ms_proof[] = "407A5589115FD0D6209F510FE9C04566932CDA56";

static char pw[] = "clientPass", secret[] = "sesame";
static char n_user[] = "User", n_office[] = "OFFICE\\bob", n_bob[] = "bob",
	    n_hash[] = "hash", n_empty[] = "empty", empty[] = "",
	    n_off[] = "off", n_utf8[] = "utf8",
	    utf8[] = "gr\xc3\xb6\xc3\x9f"
		     "e";

static struct conf_user users[] = {
	{ .name = n_user, .password = pw },
	{ .name = n_office, .password = secret },
	{ .name = n_bob, .password = pw },
	{ .name = n_hash,
	    .has_nt_hash = true,
	    .nt_hash = { 0x44, 0xEB, 0xBA, 0x8D, 0x53, 0x12, 0xB8, 0xD6, 0x11,
		0x47, 0x44, 0x11, 0xF5, 0x69, 0x89, 0xAE } },
	{ .name = n_empty, .password = empty },
	{ .name = n_utf8, .password = utf8 },
	{ .name = n_off, .password = pw, .disabled = true },
};

static struct chap *chap;
static struct user_db *db;
static struct user_verdict v;

static void
setup(void)
{
	const char *error;

	chap = chap_new(&error);
	ck_assert_msg(chap != NULL, "%s", error);
	db = user_db_new(users, sizeof(users) / sizeof(users[0]), chap);
	ck_assert_ptr_nonnull(db);
}

static void
teardown(void)
{
	user_db_free(db);
	chap_free(chap);
}

static struct wire_ask
ask(int method, const char *name, const void *response, size_t len)
{
	struct wire_ask a = { .method = (uint8_t)method };

	a.name_len = (uint16_t)strlen(name);
	memcpy(a.name, name, a.name_len);
	a.response_len = (uint16_t)len;
	memcpy(a.response, response, len);
	return a;
}

static const char *
pap(const char *name, const char *password)
{
	struct wire_ask a = ask(WIRE_PAP, name, password, strlen(password));

	user_verify(db, ALL, &a, &v);
	ck_assert_int_eq(v.granted, v.reason == NULL);
	return v.reason == NULL ? "granted" : v.reason;
}

static const char *
md5(const char *name, const char *password)
{
	uint8_t in[300], out[EVP_MAX_MD_SIZE];
	size_t len = strlen(password);
	struct wire_ask a;

	in[0] = 9;
	memcpy(in + 1, password, len);
	memset(in + 1 + len, 0x77, 16);
	ck_assert_int_eq(
	    EVP_Digest(in, 17 + len, out, NULL, EVP_md5(), NULL), 1);
	a = ask(WIRE_CHAP, name, out, 16);
	a.id = 9;
	a.challenge_len = 16;
	memset(a.challenge, 0x77, 16);
	user_verify(db, ALL, &a, &v);
	return v.reason == NULL ? "granted" : v.reason;
}

static struct wire_ask
ms_ask(const char *name)
{
	struct wire_ask a =
	    ask(WIRE_MSCHAPV2, name, ms_response, sizeof(ms_response));

	a.challenge_len = sizeof(ms_challenge);
	memcpy(a.challenge, ms_challenge, sizeof(ms_challenge));
	return a;
}

START_TEST(pap_right_password_is_granted_and_user_found)
{
	ck_assert_str_eq(pap("User", "clientPass"), "granted");
	ck_assert_ptr_eq(v.user, &users[0]);
	ck_assert_str_eq(v.proof, "");
	ck_assert_str_eq(pap("empty", ""), "granted");
}
END_TEST

START_TEST(pap_wrong_password_is_refused)
{
	ck_assert_str_eq(pap("User", "clientpass"), "wrong password");
	ck_assert_str_eq(pap("User", "clientPas"), "wrong password");
	ck_assert_str_eq(pap("User", "clientPasss"), "wrong password");
	ck_assert_str_eq(pap("User", ""), "wrong password");
	ck_assert_ptr_eq(v.user, &users[0]);
}
END_TEST

START_TEST(unknown_name_is_refused_whatever_the_password)
{
	ck_assert_str_eq(pap("Use", "clientPass"), "unknown user");
	ck_assert_str_eq(pap("Users", "clientPass"), "unknown user");
	ck_assert_str_eq(pap("", ""), "unknown user");
	ck_assert_str_eq(pap("nobody", "no password"), "unknown user");
	ck_assert_ptr_null(v.user);
	ck_assert_str_eq(md5("nobody", "no password"), "unknown user");
}
END_TEST

START_TEST(disabled_user_is_refused_whatever_the_password)
{
	ck_assert_str_eq(pap("off", pw), "the user is disabled");
	ck_assert_str_eq(pap("off", "wrong"), "the user is disabled");
}
END_TEST

START_TEST(name_with_nul_is_not_the_part_before_it)
{
	struct wire_ask a = ask(WIRE_PAP, "User", "clientPass", 10);

	a.name_len = 6;
	a.name[4] = '\0';
	a.name[5] = 'x';
	user_verify(db, ALL, &a, &v);
	ck_assert_str_eq(v.reason, "unknown user");
	a.name_len = 5;
	user_verify(db, ALL, &a, &v);
	ck_assert_str_eq(v.reason, "unknown user");
}
END_TEST

START_TEST(name_with_domain_is_looked_up_whole_and_then_bare)
{
	/* OFFICE\bob is a user of his own, HOME\bob is bob. */
	ck_assert_str_eq(pap("OFFICE\\bob", "sesame"), "granted");
	ck_assert_ptr_eq(v.user, &users[1]);
	ck_assert_str_eq(pap("OFFICE\\bob", "clientPass"), "wrong password");
	ck_assert_str_eq(pap("HOME\\bob", "clientPass"), "granted");
	ck_assert_ptr_eq(v.user, &users[2]);
	ck_assert_str_eq(pap("HOME\\carol", "clientPass"), "unknown user");
}
END_TEST

START_TEST(chap_right_and_wrong_password)
{
	ck_assert_str_eq(md5("User", "clientPass"), "granted");
	ck_assert_str_eq(md5("User", "other"), "wrong password");
}
END_TEST

START_TEST(ms_right_response_is_granted_with_proof)
{
	struct wire_ask a = ms_ask("User");

	user_verify(db, ALL, &a, &v);
	ck_assert(v.granted);
	ck_assert_str_eq(v.proof, ms_proof);
	a = ms_ask("OFFICE\\User");
	user_verify(db, ALL, &a, &v);
	ck_assert(v.granted);
	ck_assert_ptr_eq(v.user, &users[0]);
}
END_TEST

START_TEST(ms_utf8_password_is_granted_in_both_readings)
{
	const uint8_t *pw8 = (const uint8_t *)utf8;
	struct wire_ask a = ms_ask("utf8");
	const struct chap_ms ms = { a.challenge, a.response, a.name,
		a.name_len };
	uint8_t hash[2][CHAP_NT_HASH_LEN], hashed[CHAP_MS_HASHED_LEN];
	char want[CHAP_PROOF_SIZE];
	int i;

	ck_assert(chap_nt_hash(chap, pw8, strlen(utf8), hash[0]));
	ck_assert(chap_nt_hash_octets(chap, pw8, strlen(utf8), hash[1]));
	ck_assert_mem_ne(hash[0], hash[1], CHAP_NT_HASH_LEN);
	for (i = 0; i < 2; i++) {
		ck_assert(chap_ms_challenge_hash(chap, &ms, hashed));
		ck_assert(chap_ms_nt_response(
		    chap, hashed, hash[i], a.response + 24));
		ck_assert(chap_ms_proof(
		    chap, hashed, hash[i], a.response + 24, want));
		user_verify(db, ALL, &a, &v);
		ck_assert(v.granted);
		ck_assert_str_eq(v.proof, want);
	}
	a.response[24] ^= 1;
	user_verify(db, ALL, &a, &v);
	ck_assert(!v.granted);
}
END_TEST

START_TEST(ms_refusal_tells_no_proof)
{
	struct wire_ask a = ms_ask("bob"); /* the name is in the hash */

	user_verify(db, ALL, &a, &v);
	ck_assert_str_eq(v.reason, "wrong password");
	ck_assert_str_eq(v.proof, "");
}
END_TEST

START_TEST(ms_wrong_lengths_are_refused)
{
	struct wire_ask a = ms_ask("User");
	unsigned int i;

	for (i = 0; i <= WIRE_RESPONSE_MAX; i++) {
		a.response_len = (uint16_t)i;
		user_verify(db, ALL, &a, &v);
		ck_assert_int_eq(v.granted, i == 49);
	}
	a = ms_ask("User");
	for (i = 0; i <= WIRE_CHALLENGE_MAX; i++) {
		a.challenge_len = (uint16_t)i;
		user_verify(db, ALL, &a, &v);
		ck_assert_int_eq(v.granted, i == 16);
	}
}
END_TEST

START_TEST(hash_only_user_can_do_all_but_chap)
{
	ck_assert_str_eq(pap("hash", "clientPass"), "granted");
	ck_assert_str_eq(pap("hash", "clientpass"), "wrong password");
	ck_assert_str_eq(md5("hash", "clientPass"),
	    "chap needs a password, only its nt-hash is known");
	/* Not even with the password that nobody has. */
	ck_assert_str_eq(md5("hash", "no password"),
	    "chap needs a password, only its nt-hash is known");
}
END_TEST

START_TEST(method_not_in_profile_is_refused)
{
	static const unsigned int bit[] = { [WIRE_PAP] = CONF_AUTH_PAP,
		[WIRE_CHAP] = CONF_AUTH_CHAP,
		[WIRE_MSCHAPV2] = CONF_AUTH_MSCHAPV2 };
	struct wire_ask a;
	uint8_t m;

	a = ms_ask("User");
	for (m = WIRE_PAP; m <= WIRE_MSCHAPV2; m++) {
		a.method = m;
		user_verify(db, ALL & ~bit[m], &a, &v);
		ck_assert_str_eq(v.reason, "protocol not allowed");
	}
	a = ask(WIRE_PAP, "User", "clientPass", 10);
	user_verify(db, CONF_AUTH_PAP, &a, &v);
	ck_assert(v.granted);
	a.method = 0;
	user_verify(db, ALL, &a, &v);
	ck_assert_str_eq(v.reason, "protocol not allowed");
}
END_TEST

START_TEST(no_users_at_all_refuses_everyone)
{
	struct user_db *none = user_db_new(NULL, 0, chap);
	struct wire_ask a = ask(WIRE_PAP, "User", "clientPass", 10);

	user_verify(none, ALL, &a, &v);
	ck_assert_str_eq(v.reason, "unknown user");
	user_db_free(none);
}
END_TEST

static char n_any[] = "*";
static struct conf_user any[] = { { .name = n_any, .password = secret } };

START_TEST(who_has_no_user_of_his_own_is_anybody)
{
	struct user_db *more = user_db_new(any, 1, chap);

	user_db_add(db, more);
	ck_assert_str_eq(pap("carol", "sesame"), "granted");
	ck_assert_ptr_eq(v.user, &any[0]);
	ck_assert_str_eq(v.name, "carol");
	ck_assert_str_eq(pap("HOME\\carol", "sesame"), "granted");
	ck_assert_str_eq(v.name, "carol");
	ck_assert_str_eq(pap("carol", "clientPass"), "wrong password");
	ck_assert_str_eq(v.name, "carol");
	/* A password of his own is the only one. */
	ck_assert_str_eq(pap("User", "sesame"), "wrong password");
	ck_assert_str_eq(v.name, "User");
	ck_assert_str_eq(pap("off", "sesame"), "the user is disabled");
	/* Nobody's names. */
	ck_assert_str_eq(pap("", "sesame"), "unknown user");
	ck_assert_str_eq(v.name, "");
	ck_assert_str_eq(pap("a\nb", "sesame"), "unknown user");
	user_db_add(db, NULL);
	ck_assert_str_eq(pap("carol", "sesame"), "unknown user");
	user_db_free(more);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("user");
	TCase *tc = tcase_create("user");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, pap_right_password_is_granted_and_user_found);
	tcase_add_test(tc, pap_wrong_password_is_refused);
	tcase_add_test(tc, unknown_name_is_refused_whatever_the_password);
	tcase_add_test(tc, disabled_user_is_refused_whatever_the_password);
	tcase_add_test(tc, name_with_nul_is_not_the_part_before_it);
	tcase_add_test(tc, name_with_domain_is_looked_up_whole_and_then_bare);
	tcase_add_test(tc, chap_right_and_wrong_password);
	tcase_add_test(tc, ms_right_response_is_granted_with_proof);
	tcase_add_test(tc, ms_utf8_password_is_granted_in_both_readings);
	tcase_add_test(tc, ms_refusal_tells_no_proof);
	tcase_add_test(tc, ms_wrong_lengths_are_refused);
	tcase_add_test(tc, hash_only_user_can_do_all_but_chap);
	tcase_add_test(tc, method_not_in_profile_is_refused);
	tcase_add_test(tc, no_users_at_all_refuses_everyone);
	tcase_add_test(tc, who_has_no_user_of_his_own_is_anybody);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
