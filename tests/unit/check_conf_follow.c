/* SPDX-License-Identifier: ISC */
#include "conf_file.h"

static struct conf *before, *next;
static struct conf_changes ch;

/* Every key of a profile that points to something. */
#define FULL                                                                  \
	"ppp \"full\" { local-address = \"10.1.0.1\"\n"                       \
	"  pool = { \"10.1.0.10-10.1.0.20\", \"10.1.0.30-10.1.0.40\" }\n"     \
	"  ip-up = \"/bin/true\" ip-down = \"/bin/true\"\n"                   \
	"  pppd-options = { \"lcp-max-failure\", \"5\" }\n"                   \
	"  radius { server = \"127.0.0.1:1812\" secret = \"s3cret-s3cret\"\n" \
	"    nas-identifier = \"nas\" } }\n"
#define FIXED                                                                 \
	"peer \"f\" { address = \"192.0.2.9\" psk = \"sesame\" ppp = \"p\"\n" \
	"  identity = \"@f\" tunnel-secret = \"ts\" }\n"
#define ANY "peer \"a\" { address = any psk = \"sesame\" ppp = \"p\" }\n"

static struct conf *
load_text(const char *text)
{
	struct conf *c;
	FILE *out;
	size_t len;

	put("lnsd.conf", text, strlen(text), 0600);
	free(errors);
	errors = NULL;
	out = open_memstream(&errors, &len);
	c = conf_load(conf_path, out);
	fclose(out);
	ck_assert_msg(c != NULL, "%s", errors);
	return c;
}

static void
follow(const char *a, const char *b)
{
	before = load_text(a);
	next = load_text(b);
	ck_assert_int_eq(conf_follow(next, before, &ch), 0);
}

static void
done(void)
{
	conf_changes_fini(&ch);
	conf_free(before);
	conf_free(next);
}

START_TEST(follow_of_the_same_text_changes_nothing)
{
	size_t i;

	follow(PPP FULL USER FIXED ANY, PPP FULL USER FIXED ANY);
	for (i = 0; i < next->n_ppp; i++)
		ck_assert(!ch.ppp[i]);
	for (i = 0; i < next->n_peers; i++)
		ck_assert(!ch.peers[i]);
	ck_assert(!ch.users && !ch.users_file && !ch.certificates);
	ck_assert(!ch.general);
	ck_assert_uint_eq(ch.n_restart, 0);
	done();
}
END_TEST

START_TEST(follow_keeps_numbers_when_the_order_changes)
{
	follow(PPP FULL USER FIXED ANY, FULL PPP USER ANY FIXED);
	ck_assert_str_eq(next->ppp[0].name, "p");
	ck_assert_str_eq(next->ppp[1].name, "full");
	ck_assert_str_eq(next->peers[0].name, "f");
	ck_assert_str_eq(next->peers[1].name, "a");
	ck_assert_uint_eq(next->peers[0].ppp, 0);
	ck_assert_uint_eq(next->peers[1].ppp, 0);
	ck_assert(!ch.peers[0] && !ch.peers[1] && !ch.ppp[0] && !ch.ppp[1]);
	done();
}
END_TEST

START_TEST(follow_leaves_a_place_for_what_has_gone)
{
	follow(FULL PPP USER FIXED ANY,
	    PPP USER "peer \"b\" { address = \"192.0.2.7\" psk = \"x\" ppp = "
		     "\"p\" }\n" ANY);
	ck_assert_uint_eq(next->n_ppp, 2);
	ck_assert(next->ppp[0].gone && ch.ppp[0]);
	ck_assert_str_eq(next->ppp[1].name, "p");
	ck_assert(!next->ppp[1].gone && !ch.ppp[1]);
	ck_assert_uint_eq(next->n_peers, 3);
	ck_assert(next->peers[0].gone && ch.peers[0]);
	ck_assert(!next->peers[1].gone && !ch.peers[1]);
	ck_assert_str_eq(next->peers[2].name, "b");
	ck_assert(ch.peers[2]);
	ck_assert_uint_eq(next->peers[2].ppp, 1);
	done();
}
END_TEST

START_TEST(follow_gives_its_place_back_to_who_returns)
{
	struct conf *third;
	struct conf_changes more;

	follow(PPP USER FIXED ANY, PPP USER ANY);
	third = load_text(PPP USER ANY FIXED);
	ck_assert_int_eq(conf_follow(third, next, &more), 0);
	ck_assert_uint_eq(third->n_peers, 2);
	ck_assert_str_eq(third->peers[0].name, "f");
	ck_assert(!third->peers[0].gone && more.peers[0]);
	ck_assert(!more.peers[1]);
	conf_changes_fini(&more);
	conf_free(third);
	done();
}
END_TEST

static const struct {
	const char *was, *is;
} peer_changes[] = {
	{ "psk = \"sesame\"", "psk = \"other\"" },
	{ "identity = \"@f\"", "identity = \"@g\"" },
	{ "tunnel-secret = \"ts\"", "tunnel-secret = \"tt\"" },
	{ "address = \"192.0.2.9\"", "address = \"192.0.2.8\"" },
	{ "ppp = \"p\"\n  ident", "ppp = \"full\"\n  ident" },
};

static const struct {
	const char *was, *is;
} ppp_changes[] = {
	{ "10.1.0.30-10.1.0.40", "10.1.0.30-10.1.0.41" },
	{ "ip-up = \"/bin/true\"", "ip-up = \"/bin/false\"" },
	{ "ip-down = \"/bin/true\"", "" },
	{ "\"5\"", "\"6\"" },
	{ "local-address = \"10.1.0.1\"",
	    "local-address = \"10.1.0.1\" mtu = 1300" },
};

/* text with was replaced by is, in a buffer that lives until the next call. */
static const char *
edited(const char *text, const char *was, const char *is)
{
	static char buf[4096];
	const char *at = strstr(text, was);

	ck_assert_ptr_nonnull(at);
	snprintf(buf, sizeof(buf), "%.*s%s%s", (int)(at - text), text, is,
	    at + strlen(was));
	return buf;
}

START_TEST(follow_sees_a_changed_peer)
{
	static const char text[] = PPP FULL USER FIXED ANY;

	follow(text, edited(text, peer_changes[_i].was, peer_changes[_i].is));
	ck_assert(ch.peers[0] && !ch.peers[1]);
	ck_assert(!ch.ppp[0] && !ch.ppp[1] && !ch.users);
	done();
}
END_TEST

START_TEST(follow_sees_a_changed_profile)
{
	static const char text[] = PPP FULL USER FIXED ANY;

	follow(text, edited(text, ppp_changes[_i].was, ppp_changes[_i].is));
	ck_assert(!ch.ppp[0] && ch.ppp[1]);
	ck_assert(!ch.peers[0] && !ch.peers[1] && !ch.users);
	done();
}
END_TEST

static const struct {
	const char *was, *is, *key;
} kept[] = {
	{ "s3cret-s3cret", "s3cret-s3creT", "ppp: radius" },
	{ "nas-identifier = \"nas\"", "nas-identifier = \"nat\"",
	    "ppp: radius" },
	{ "127.0.0.1:1812", "127.0.0.1:1645", "ppp: radius" },
	{ "10.1.0.1\"", "10.1.0.2\"", "ppp: local-address" },
	{ "ip-up", "arp-probe = yes ip-up", "ppp: arp-probe" },
	{ "ip-up", "ipv6-pool = \"2001:db8:5::/56\" ip-up", "ppp: ipv6-pool" },
	{ "{ \"10.1.0.10-10.1.0.20\", \"10.1.0.30-10.1.0.40\" }", "dhcp",
	    "ppp: pool = dhcp" },
};

START_TEST(follow_keeps_what_sessions_of_a_profile_share)
{
	static const char text[] = PPP FULL USER FIXED ANY;

	follow(text, edited(text, kept[_i].was, kept[_i].is));
	ck_assert(!ch.ppp[0] && !ch.ppp[1]);
	ck_assert_uint_eq(ch.n_restart, 1);
	ck_assert_str_eq(ch.restart[0], kept[_i].key);
	ck_assert_str_eq(next->ppp[1].radius.secrets[0], "s3cret-s3cret");
	ck_assert_str_eq(next->ppp[1].radius.nas_identifier, "nas");
	ck_assert_uint_eq(next->ppp[1].n_pool, 2);
	done();
}
END_TEST

START_TEST(follow_sees_changed_users)
{
	follow(BASE, PPP "user \"u\" { password = \"pv\" }\n" PEER);
	ck_assert(ch.users && !ch.ppp[0] && !ch.peers[0]);
	done();
}
END_TEST

START_TEST(follow_sees_what_concerns_all)
{
	follow(BASE, "trace = yes\n" BASE);
	ck_assert(ch.general && next->trace);
	ck_assert_uint_eq(ch.n_restart, 0);
	done();
}
END_TEST

START_TEST(follow_keeps_and_names_what_needs_a_restart)
{
	follow(BASE,
	    "listen = { \"192.0.2.1\" }\nrun-dir = \"/tmp/r\"\n"
	    "state-dir = \"/tmp/s\"\n"
	    "http { page = yes listen = /run/h }\n"
	    "ipsec { mode = off client-range = \"241.1.0.0/16\" }\n" BASE);
	ck_assert_uint_eq(ch.n_restart, 6);
	ck_assert_ptr_null(next->http.path);
	ck_assert(!next->http.page && next->http.listen.family == 0);
	ck_assert_str_eq(ch.restart[0], "listen");
	ck_assert_uint_eq(next->n_listen, before->n_listen);
	ck_assert_str_eq(next->run_dir, before->run_dir);
	ck_assert_str_eq(next->state_dir, before->state_dir);
	ck_assert_int_eq(next->ipsec.mode, before->ipsec.mode);
	ck_assert_uint_eq(
	    next->ipsec.client_range.s_addr, before->ipsec.client_range.s_addr);
	done();
}
END_TEST

START_TEST(conf_lives_as_long_as_somebody_holds_it)
{
	struct conf *held;

	before = load_text(BASE);
	held = conf_hold(before);
	ck_assert_ptr_eq(held, before);
	conf_free(before);
	ck_assert_str_eq(held->ppp[0].name, "p");
	conf_free(held);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("conf_follow");
	TCase *tc = tcase_create("all");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, follow_of_the_same_text_changes_nothing);
	tcase_add_test(tc, follow_keeps_numbers_when_the_order_changes);
	tcase_add_test(tc, follow_leaves_a_place_for_what_has_gone);
	tcase_add_test(tc, follow_gives_its_place_back_to_who_returns);
	tcase_add_loop_test(
	    tc, follow_sees_a_changed_peer, 0, nitems(peer_changes));
	tcase_add_loop_test(
	    tc, follow_sees_a_changed_profile, 0, nitems(ppp_changes));
	tcase_add_loop_test(
	    tc, follow_keeps_what_sessions_of_a_profile_share, 0, nitems(kept));
	tcase_add_test(tc, follow_sees_changed_users);
	tcase_add_test(tc, follow_sees_what_concerns_all);
	tcase_add_test(tc, follow_keeps_and_names_what_needs_a_restart);
	tcase_add_test(tc, conf_lives_as_long_as_somebody_holds_it);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
