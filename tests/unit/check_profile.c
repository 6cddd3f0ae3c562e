/* SPDX-License-Identifier: ISC */
/*
 * Profiles for clients: what is written for given facts, compared with files in
 * tests/data/profile, which other programs read in the scenario "profiles".
 */

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>

#include <qrencode.h>

#include "../../ipsec/algs.h"
#include "../../lnsd/lnsctl/profile.h"

typedef int (*write_fn)(FILE *, const struct profile_facts *);

static struct conf_route routes[2];
static char *text;
static size_t text_len;

static struct profile_facts
plain(void)
{
	return (struct profile_facts){
		.name = "VPN vpn.example.org",
		.server = "vpn.example.org",
		.user = "alice",
		.password = "correct horse",
		.psk = "battery staple",
		.auth = CONF_AUTH_MSCHAPV2,
		.mtu = 1280,
		.all_traffic = true,
	};
}

/* Nothing of it stands for itself everywhere. */
static struct profile_facts
hostile(void)
{
	struct profile_facts f = plain();

	f.name = "Zoë & <Bob>'s\n\"VPN\" ‘$x’ \\n ]]>";
	f.server = "2001:db8::1";
	f.user = " o'hara; <x> & \"y\" ";
	f.password = "  ${p}`$(id)`'’‘\\s;#é\"]]> ";
	f.psk = "0s'\"<&>\\ ü$`;#";
	f.auth = CONF_AUTH_PAP;
	f.mtu = 0;
	f.ipv6 = true;
	f.behind_nat = true;
	f.all_traffic = false;
	inet_pton(AF_INET, "192.168.100.0", &routes[0].network);
	routes[0].bits = 24;
	inet_pton(AF_INET, "10.7.0.1", &routes[1].network);
	routes[1].bits = 32;
	f.routes = routes;
	f.n_routes = 2;
	return f;
}

static FILE *
begin(void)
{
	FILE *f;

	free(text);
	f = open_memstream(&text, &text_len);
	ck_assert_ptr_nonnull(f);
	return f;
}

static void
write_text(write_fn fn, const struct profile_facts *facts)
{
	FILE *f = begin();

	ck_assert_int_eq(fn(f, facts), 0);
	ck_assert_int_eq(fclose(f), 0);
}

static void
assert_golden(const char *name)
{
	char path[128], want[8192];
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "tests/data/profile/%s", name);
	f = fopen(path, "r");
	ck_assert_msg(f != NULL, "%s", path);
	len = fread(want, 1, sizeof(want) - 1, f);
	fclose(f);
	want[len] = '\0';
	ck_assert_str_eq(text, want);
	ck_assert_uint_eq(text_len, len);
}

static const struct {
	const char *suffix;
	write_fn fn;
} formats[] = {
	{ "mobileconfig", profile_write_apple },
	{ "onc", profile_write_onc },
	{ "ps1", profile_write_windows },
	{ "nmconnection", profile_write_nm },
};

static void
assert_all_golden(const char *name, const struct profile_facts *facts)
{
	char file[64];
	size_t i;

	for (i = 0; i < nitems(formats); i++) {
		snprintf(file, sizeof(file), "%s.%s", name, formats[i].suffix);
		write_text(formats[i].fn, facts);
		assert_golden(file);
	}
}

START_TEST(plain_facts_are_written_as_ever)
{
	struct profile_facts f = plain();

	assert_all_golden("plain", &f);
}
END_TEST

START_TEST(hostile_facts_are_escaped)
{
	struct profile_facts f = hostile();

	assert_all_golden("hostile", &f);
}
END_TEST

START_TEST(no_password_is_asked_for)
{
	struct profile_facts f = plain();
	size_t i;

	f.password = NULL;
	for (i = 0; i < nitems(formats); i++) {
		write_text(formats[i].fn, &f);
		ck_assert_ptr_null(strstr(text, "Password</key>"));
		ck_assert_ptr_null(strstr(text, "\"Password\""));
		ck_assert_ptr_null(strstr(text, "\npassword="));
		ck_assert_ptr_null(strstr(text, "correct"));
	}
	ck_assert_ptr_nonnull(strstr(text, "\npassword-flags=2\n"));
}
END_TEST

START_TEST(a_certificate_stands_for_the_key)
{
	struct profile_facts f = plain();

	f.psk = NULL;
	f.pkcs12 = "/etc/ssl/alice.p12";
	write_text(profile_write_nm, &f);
	assert_golden("certificate.nmconnection");
	write_text(profile_write_windows, &f);
	ck_assert_ptr_null(strstr(text, "L2tpPsk"));
}
END_TEST

static bool
says(const char *what)
{
	return strstr(text, what) != NULL;
}

START_TEST(the_best_method_and_no_other)
{
	struct profile_facts f = plain();

	f.auth = CONF_AUTH_CHAP;
	write_text(profile_write_nm, &f);
	ck_assert(says("refuse-pap=yes\n") && says("refuse-mschapv2=yes\n"));
	ck_assert(!says("refuse-chap="));
	write_text(profile_write_windows, &f);
	ck_assert(says("'Chap'") && says("'Optional'"));
	f.auth = CONF_AUTH_MSCHAPV2;
	write_text(profile_write_windows, &f);
	ck_assert(says("'MSChapv2'") && says("'Required'"));
}
END_TEST

START_TEST(only_a_server_behind_nat_touches_the_registry)
{
	struct profile_facts f = plain();

	write_text(profile_write_windows, &f);
	ck_assert(!says("PolicyAgent"));
	f.behind_nat = true;
	write_text(profile_write_windows, &f);
	ck_assert(says("AssumeUDPEncapsulationContextOnSendRule"));
}
END_TEST

START_TEST(key_that_looks_like_base64_is_written_in_it)
{
	static const char *const keys[][2] = { { "0sabc", "0sMHNhYmM=" },
		{ " a", "0sIGE=" }, { "a ", "0sYSA=" }, { "a\\b", "a\\\\b" } };
	struct profile_facts f = plain();
	char want[64];
	size_t i;

	for (i = 0; i < nitems(keys); i++) {
		f.psk = keys[i][0];
		write_text(profile_write_nm, &f);
		snprintf(want, sizeof(want), "\nipsec-psk=%s\n", keys[i][1]);
		ck_assert_msg(says(want), "%s", text);
	}
}
END_TEST

/* Whatever the server's proposals are, what the keyfile offers is among them.
 */
START_TEST(what_is_offered_is_accepted)
{
	static const char *const ike[] = { "aes256-sha2_256;dh14",
		"aes256-sha1;dh14" };
	static const char *const esp[] = { "aes256-sha2_512", "aes256-sha1" };
	struct profile_facts f = plain();
	struct algs algs;
	int level;
	size_t i;
	FILE *out;

	write_text(profile_write_nm, &f);
	ck_assert(says("\nipsec-ike=aes256-sha2_256-modp2048,"
		       "aes256-sha1-modp2048\n"));
	ck_assert(says("\nipsec-esp=aes256-sha2_512,aes256-sha1\n"));
	algs_init(&algs);
	for (level = 0; level <= CONF_PROPOSALS_LEGACY; level++) {
		out = begin();
		algs_write(out, &algs, (enum conf_proposals)level, false);
		fclose(out);
		for (i = 0; i < 2; i++)
			ck_assert(says(ike[i]) && says(esp[i]));
	}
}
END_TEST

START_TEST(uuid_is_that_of_server_and_user)
{
	struct profile_facts f = plain(), g = plain();
	char a[PROFILE_UUID], b[PROFILE_UUID];

	g.psk = "another";
	g.password = NULL;
	g.name = "another";
	profile_uuid(&f, "vpn", a);
	profile_uuid(&g, "vpn", b);
	ck_assert_str_eq(a, b);
	ck_assert_uint_eq(strlen(a), 36);
	ck_assert_int_eq(a[14], '5');
	profile_uuid(&f, "nm", b);
	ck_assert_str_ne(a, b);
	g.user = "bob";
	profile_uuid(&g, "vpn", b);
	ck_assert_str_ne(a, b);
	/* "ab" "c" is not "a" "bc". */
	f.server = "ab";
	f.user = "c";
	g.server = "a";
	g.user = "bc";
	profile_uuid(&f, "vpn", a);
	profile_uuid(&g, "vpn", b);
	ck_assert_str_ne(a, b);
}
END_TEST

static void
steps(enum profile_platform p, const struct profile_facts *f, const char *file)
{
	FILE *out = begin();

	profile_steps(out, p, f, file);
	fclose(out);
}

START_TEST(steps_by_hand_have_every_value)
{
	struct profile_facts f = plain();
	int p;

	for (p = 0; p < PROFILE_N; p++) {
		steps((enum profile_platform)p, &f, NULL);
		ck_assert(says(f.server) && says(f.user));
		ck_assert(says(f.password) && says(f.psk));
		f.password = NULL;
		steps((enum profile_platform)p, &f, NULL);
		ck_assert(says("(the user's own)"));
		f = plain();
	}
	f = hostile();
	steps(PROFILE_ANDROID, &f, NULL);
	ck_assert(says("Forwarding routes: 192.168.100.0/24 10.7.0.1/32\n"));
}
END_TEST

/* Windows alone cannot be told the password by its file. */
START_TEST(steps_with_a_file_leave_secrets_to_it)
{
	struct profile_facts f = plain();
	int p;

	for (p = 0; p < PROFILE_N; p++) {
		if (p == PROFILE_ANDROID)
			continue;
		steps((enum profile_platform)p, &f, "alice.file");
		ck_assert(says("alice.file"));
		ck_assert(!says(f.psk));
		ck_assert(says(f.password) == (p == PROFILE_WINDOWS));
	}
}
END_TEST

static void
warnings(enum profile_platform p, const struct profile_facts *f)
{
	FILE *out = begin();

	profile_warnings(out, p, f);
	fclose(out);
}

START_TEST(warnings_tell_what_cannot_be)
{
	struct profile_facts f = plain(), h = hostile();
	int p;

	for (p = 0; p < PROFILE_N; p++) {
		warnings((enum profile_platform)p, &f);
		ck_assert((text[0] != '\0') == (p == PROFILE_ANDROID));
		warnings((enum profile_platform)p, &h);
		ck_assert(says("auth = pap") && says("not ASCII"));
		ck_assert(
		    says("routes") == (p == PROFILE_IOS || p == PROFILE_MACOS));
		ck_assert(
		    says("all of its traffic") == (p == PROFILE_CHROMEOS));
		ck_assert(says("user name with a quote") ==
			  (p == PROFILE_NETWORKMANAGER));
	}
	f.proposals = CONF_PROPOSALS_LEGACY;
	warnings(PROFILE_ANDROID, &f);
	ck_assert(says("lnsd -t") && !says("proposals ="));
}
END_TEST

START_TEST(platforms_have_names)
{
	ck_assert_int_eq(profile_platform("ios"), PROFILE_IOS);
	ck_assert_int_eq(
	    profile_platform("networkmanager"), PROFILE_NETWORKMANAGER);
	ck_assert_int_eq(profile_platform("os/2"), PROFILE_N);
	ck_assert_int_eq(profile_platform(""), PROFILE_N);
}
END_TEST

/* --- the QR code is read back from what is drawn --- */

/* The next character of a line: which halves are light. */
static const char *
take_block(const char *s, bool *above, bool *below)
{
	static const struct {
		const char *block;
		bool above, below;
	} blocks[] = { { "█", true, true }, { "▀", true, false },
		{ "▄", false, true }, { " ", false, false } };
	size_t i, len;

	for (i = 0; i < nitems(blocks); i++) {
		len = strlen(blocks[i].block);
		if (strncmp(s, blocks[i].block, len) == 0) {
			*above = blocks[i].above;
			*below = blocks[i].below;
			return s + len;
		}
	}
	ck_abort_msg("neither a block nor a blank");
}

START_TEST(qr_code_is_drawn_with_a_quiet_zone)
{
	static const char what[] = "battery staple, é";
	QRcode *q = QRcode_encodeData(
	    (int)strlen(what), (const unsigned char *)what, 0, QR_ECLEVEL_L);
	bool light[2];
	const char *s;
	int x, y, half;
	FILE *f = begin();

	ck_assert_int_eq(profile_qr(f, what), 0);
	fclose(f);
	ck_assert_ptr_nonnull(q);
	s = text;
	for (y = -4; y < q->width + 4; y += 2) {
		for (x = -4; x < q->width + 4; x++) {
			s = take_block(s, &light[0], &light[1]);
			for (half = 0; half < 2; half++) {
				int row = y + half;
				bool dark = x >= 0 && row >= 0 &&
					    x < q->width && row < q->width &&
					    (q->data[row * q->width + x] & 1);
				ck_assert(light[half] == !dark);
			}
		}
		ck_assert_int_eq(*s++, '\n');
	}
	ck_assert_int_eq(*s, '\0');
	QRcode_free(q);
}
END_TEST

START_TEST(qr_code_of_too_much_is_refused)
{
	char *much = malloc(4000);
	FILE *f = begin();

	memset(much, 'x', 3999);
	much[3999] = '\0';
	ck_assert_int_eq(profile_qr(f, much), -1);
	fclose(f);
	free(much);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("profile");
	TCase *t = tcase_create("profile");
	SRunner *r;
	int failed;

	tcase_add_test(t, plain_facts_are_written_as_ever);
	tcase_add_test(t, hostile_facts_are_escaped);
	tcase_add_test(t, no_password_is_asked_for);
	tcase_add_test(t, a_certificate_stands_for_the_key);
	tcase_add_test(t, the_best_method_and_no_other);
	tcase_add_test(t, only_a_server_behind_nat_touches_the_registry);
	tcase_add_test(t, key_that_looks_like_base64_is_written_in_it);
	tcase_add_test(t, what_is_offered_is_accepted);
	tcase_add_test(t, uuid_is_that_of_server_and_user);
	tcase_add_test(t, steps_by_hand_have_every_value);
	tcase_add_test(t, steps_with_a_file_leave_secrets_to_it);
	tcase_add_test(t, warnings_tell_what_cannot_be);
	tcase_add_test(t, platforms_have_names);
	tcase_add_test(t, qr_code_is_drawn_with_a_quiet_zone);
	tcase_add_test(t, qr_code_of_too_much_is_refused);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	free(text);
	return failed == 0 ? 0 : 1;
}
