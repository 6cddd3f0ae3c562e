/* SPDX-License-Identifier: ISC */
/* What a client is told, from a configuration and what was wished. */

#include <check.h>
#include <arpa/inet.h>

#include "conf_file.h"
#include "../../lnsd/lnsctl/profile.h"

#define LISTEN(a) "listen = { \"" a "\" }\n"
#define KNOWN LISTEN("203.0.113.1") BASE

static struct conf *conf;
static struct profile_wish wish;
static struct profile_host host;
static struct profile_store store;
static struct profile_facts facts;
static char *said;

static void
begin(void)
{
	setup();
	memset(&wish, 0, sizeof(wish));
	memset(&host, 0, sizeof(host));
	wish.user = "u";
}

static void
end(void)
{
	conf_free(conf);
	conf = NULL;
	free(said);
	said = NULL;
	teardown();
}

static bool
ask(const char *text)
{
	size_t len;
	FILE *f;
	bool ok;

	conf_free(conf);
	conf = load(text);
	ck_assert_msg(conf != NULL, "%s", errors);
	free(said);
	ck_assert_ptr_nonnull(f = open_memstream(&said, &len));
	ok = profile_facts(conf, NULL, &wish, &host, &store, &facts, f);
	fclose(f);
	return ok;
}

static bool
says(const char *what)
{
	return strstr(said, what) != NULL;
}

static void
host_has(const char *ip)
{
	host.address.family = 4;
	ck_assert_int_eq(inet_pton(AF_INET, ip, host.address.ip), 1);
}

START_TEST(all_is_taken_from_the_configuration)
{
	ck_assert(ask(KNOWN));
	ck_assert_str_eq(facts.server, "203.0.113.1");
	ck_assert_str_eq(facts.name, "VPN 203.0.113.1");
	ck_assert_str_eq(facts.user, "u");
	ck_assert_str_eq(facts.password, "pw");
	ck_assert_str_eq(facts.psk, "sesame");
	ck_assert_uint_eq(facts.auth, CONF_AUTH_MSCHAPV2);
	ck_assert_uint_eq(facts.mtu, 1280);
	ck_assert(facts.all_traffic && !facts.ipv6 && !facts.behind_nat);
	ck_assert(says("--server NAME if people dial another"));
}
END_TEST

START_TEST(wishes_come_before_it)
{
	wish.server = "vpn.example.org";
	wish.name = "Büro";
	wish.routes = "10.0.0.0/8,192.168.1.0/24";
	wish.no_password = true;
	ck_assert(ask(KNOWN));
	ck_assert_str_eq(facts.server, "vpn.example.org");
	ck_assert_str_eq(facts.name, "Büro");
	ck_assert_ptr_null(facts.password);
	ck_assert(!facts.all_traffic);
	ck_assert_uint_eq(facts.n_routes, 2);
	ck_assert_uint_eq(facts.routes[1].bits, 24);
	ck_assert_str_eq(said, "");
}
END_TEST

START_TEST(server_is_what_can_be_dialled_from_outside)
{
	static char fqdn[] = "srv.example.org";

	/* Every address, and nothing known of them. */
	ck_assert(!ask(BASE));
	ck_assert(says("--server NAME"));
	host_has("198.51.100.7");
	ck_assert(ask(BASE));
	ck_assert_str_eq(facts.server, "198.51.100.7");
	ck_assert(!facts.behind_nat);
	/* A private one: a name may be right, and it is said. */
	host_has("192.168.1.7");
	ck_assert(ask(BASE));
	ck_assert_str_eq(facts.server, "192.168.1.7");
	ck_assert(says("private") && facts.behind_nat);
	host.fqdn = fqdn;
	ck_assert(ask(BASE));
	ck_assert_str_eq(facts.server, fqdn);
	ck_assert(says("was not looked at") && facts.behind_nat);
	/* The NAT's, where the configuration knows it. */
	ck_assert(ask(LISTEN("10.9.0.2") "uplink \"10.9.0.2\" { public-address "
					 "= \"203.0.113.9\" }\n" BASE));
	ck_assert_str_eq(facts.server, "203.0.113.9");
	ck_assert(facts.behind_nat);
	wish.server = "vpn.example.org";
	ck_assert(ask(LISTEN("10.9.0.2") BASE) && facts.behind_nat);
}
END_TEST

START_TEST(wrong_wishes_are_refused)
{
	static const char *const names[] = { "", "a\nb", "a\xff" };
	static const char *const servers[] = { "", "-x", "a b", "a'b",
		"[::1]" };
	static const char *const nets[] = { "", "10.0.0.1/8", "x",
		"10.0.0.0/8,,", "10.0.0.0/8 10.1.0.0/16",
		"100.100.100.100/0000000000000000000000000032" };
	size_t i;

	for (i = 0; i < nitems(names); i++) {
		wish.name = names[i];
		ck_assert(!ask(KNOWN) && says("--name"));
	}
	wish.name = NULL;
	for (i = 0; i < nitems(servers); i++) {
		wish.server = servers[i];
		ck_assert(!ask(KNOWN) && says("--server"));
	}
	wish.server = NULL;
	for (i = 0; i < nitems(nets); i++) {
		wish.routes = nets[i];
		ck_assert_msg(!ask(KNOWN), "%s", nets[i]);
		ck_assert(says("--routes"));
	}
	wish.routes = "10.0.0.0/8";
	wish.all_traffic = true;
	ck_assert(!ask(KNOWN) && says("contradiction"));
}
END_TEST

#define TWO                                                                  \
	LISTEN("203.0.113.1")                                                \
	PPP USER "peer \"a\" { address = \"198.51.100.1\" psk = \"one\" }\n" \
		 "peer \"b\" { address = \"198.51.100.2\" psk = \"two\" }\n"

START_TEST(peer_is_the_one_for_everybody_or_named)
{
	ck_assert(!ask(TWO));
	ck_assert(says("--peer NAME, one of \"a\", \"b\""));
	wish.peer = "b";
	ck_assert(ask(TWO));
	ck_assert_str_eq(facts.psk, "two");
	wish.peer = "c";
	ck_assert(!ask(TWO) && says("no peer \"c\""));
	wish.peer = NULL;
	ck_assert(ask(TWO "peer \"all\" { address = any psk = \"three\" }\n"));
	ck_assert_str_eq(facts.psk, "three");
}
END_TEST

START_TEST(user_is_known_or_may_be)
{
	wish.user = "v";
	ck_assert(!ask(KNOWN) && says("no user \"v\""));
	ck_assert(ask(KNOWN "user \"*\" { password = \"all\" }\n"));
	ck_assert_str_eq(facts.password, "all");
	ck_assert_str_eq(facts.user, "v");
	ck_assert(ask(LISTEN("203.0.113.1") USER PEER
	    "ppp \"p\" { local-address = \"10.0.0.1\" pool = { \"10.0.0.10\" }"
	    " radius { server = \"192.0.2.5\" secret = \"0123456789abcdef\" }"
	    " }\n"));
	ck_assert_ptr_null(facts.password);
	ck_assert(says("RADIUS"));
	wish.user = "*";
	ck_assert(!ask(KNOWN "user \"*\" { password = \"all\" }\n"));
	wish.user = "v";
	ck_assert(ask(KNOWN "user \"v\" { nt-hash = "
			    "\"0123456789abcdef0123456789abcdef\" disabled = "
			    "yes }\n"));
	ck_assert_ptr_null(facts.password);
	ck_assert(says("only the hash") && says("disabled"));
	ck_assert(ask(KNOWN "user \"v\" { password = 'a\xff' }\n"));
	ck_assert_ptr_null(facts.password);
	ck_assert(says("not UTF-8"));
}
END_TEST

START_TEST(best_method_is_taken)
{
#define WITH(auth)                                                     \
	LISTEN("203.0.113.1")                                          \
	USER PEER "ppp \"p\" { local-address = \"10.0.0.1\" pool = { " \
		  "\"10.0.0.10\" } mtu = auto auth = { " auth " } }\n"
	ck_assert(ask(WITH("pap, chap, mschap-v2")));
	ck_assert_uint_eq(facts.auth, CONF_AUTH_MSCHAPV2);
	ck_assert_uint_eq(facts.mtu, 0);
	ck_assert(ask(WITH("pap, chap")));
	ck_assert_uint_eq(facts.auth, CONF_AUTH_CHAP);
	ck_assert(ask(WITH("pap")));
	ck_assert_uint_eq(facts.auth, CONF_AUTH_PAP);
}
END_TEST

START_TEST(key_that_is_no_text_is_for_who_can_have_it)
{
	static const char odd[] =
	    LISTEN("203.0.113.1") PPP USER "peer \"a\" { address = any psk = "
					   "'sesame\xff' }\n";
	int p;

	for (p = 0; p < PROFILE_N; p++) {
		wish.platform = (enum profile_platform)p;
		ck_assert(ask(odd) == (p == PROFILE_IOS || p == PROFILE_MACOS ||
					  p == PROFILE_NETWORKMANAGER));
	}
}
END_TEST

START_TEST(without_ipsec_there_is_no_profile)
{
	ck_assert(!ask(KNOWN "ipsec { mode = off }\n"));
	ck_assert(says("mode = off"));
}
END_TEST

/* The files are of no matter: the peer has them, and no key. */
START_TEST(certificate_is_for_windows_and_networkmanager)
{
	struct conf_peer *peer;
	char *psk, *text = NULL;
	size_t len;
	FILE *f;
	bool ok;
	int p;

	conf = load(KNOWN);
	ck_assert_ptr_nonnull(conf);
	peer = &conf->peers[0];
	psk = peer->psk;
	peer->psk = NULL;
	for (p = 0; p < PROFILE_N; p++) {
		wish.platform = (enum profile_platform)p;
		wish.pkcs12 = p == PROFILE_WINDOWS ? NULL : "/a.p12";
		ck_assert_ptr_nonnull(f = open_memstream(&text, &len));
		ok = profile_facts(conf, NULL, &wish, &host, &store, &facts, f);
		fclose(f);
		ck_assert(ok == (p == PROFILE_WINDOWS ||
				    p == PROFILE_NETWORKMANAGER));
		free(text);
	}
	peer->psk = psk;
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("profile_facts");
	TCase *t = tcase_create("profile_facts");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, begin, end);
	tcase_add_test(t, all_is_taken_from_the_configuration);
	tcase_add_test(t, wishes_come_before_it);
	tcase_add_test(t, server_is_what_can_be_dialled_from_outside);
	tcase_add_test(t, wrong_wishes_are_refused);
	tcase_add_test(t, peer_is_the_one_for_everybody_or_named);
	tcase_add_test(t, user_is_known_or_may_be);
	tcase_add_test(t, best_method_is_taken);
	tcase_add_test(t, key_that_is_no_text_is_for_who_can_have_it);
	tcase_add_test(t, without_ipsec_there_is_no_profile);
	tcase_add_test(t, certificate_is_for_windows_and_networkmanager);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	free(errors);
	return failed == 0 ? 0 : 1;
}
