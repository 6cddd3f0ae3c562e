/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <check.h>

#include "../../ppp/pppd.h"
#include "known_causes.h"

static struct conf_ppp ppp;
static struct pppd_spec spec;
static struct pppd_args args;
static char line[PPPD_TEXT_MAX + PPPD_ARGS_MAX];

static void
setup(void)
{
	memset(&ppp, 0, sizeof(ppp));
	ppp.auth = CONF_AUTH_MSCHAPV2;
	ppp.local_address.s_addr = inet_addr("192.168.100.1");
	ppp.mtu = 1280;
	ppp.proxy_arp = true;
	ppp.lcp_echo_interval_s = 30;
	ppp.lcp_echo_failure = 4;
	spec = (struct pppd_spec){ &ppp, "/usr/sbin/pppd", "/x/lnsd-ppp.so",
		"vpn", "TUNNEL[1]", 7, 8, false, 1280, false };
}

static const char *
build(void)
{
	size_t i, n = 0;

	ck_assert(pppd_args(&args, &spec));
	ck_assert_ptr_null(args.argv[args.n]);
	for (i = 0; i < args.n; i++)
		n += (size_t)snprintf(
		    line + n, sizeof(line) - n, " %s", args.argv[i]);
	strcat(line, " ");
	return line;
}

/* The words stand there together, as words. */
#define HAS(words) ck_assert_msg(strstr(line, " " words " "), "%s", line)
#define HAS_NOT(words) ck_assert_msg(!strstr(line, " " words " "), "%s", line)

START_TEST(args_begin_with_pppd_and_plugin)
{
	build();
	ck_assert_str_eq(args.argv[0], "/usr/sbin/pppd");
	ck_assert_str_eq(args.argv[1], "plugin");
	ck_assert_str_eq(args.argv[2], "/x/lnsd-ppp.so");
	HAS("lnsd-ctl 8");
	HAS("lnsd-session 7");
	HAS("lnsd-label TUNNEL[1]");
	HAS("name vpn");
	HAS("nodetach");
}
END_TEST

START_TEST(args_of_a_prepared_pppd_name_no_session)
{
	spec.prepared = true;
	build();
	HAS("lnsd-prepared 8");
	HAS("name vpn");
	HAS_NOT("lnsd-ctl");
	HAS_NOT("lnsd-session");
	HAS_NOT("lnsd-label");
	HAS_NOT("ipparam");
	HAS_NOT("mtu");
	ck_assert_ptr_null(strstr(line, "TUNNEL"));
	ck_assert(pppd_session_args(&args, "TUNNEL[1]", 1280));
	ck_assert_uint_eq(args.n, 8);
	ck_assert_str_eq(args.argv[0], "lnsd-label");
	ck_assert_str_eq(args.argv[1], "TUNNEL[1]");
	ck_assert_str_eq(args.argv[2], "ipparam");
	ck_assert_str_eq(args.argv[3], "TUNNEL[1]");
	ck_assert_str_eq(args.argv[4], "mtu");
	ck_assert_str_eq(args.argv[5], "1280");
	ck_assert_str_eq(args.argv[6], "mru");
	ck_assert_str_eq(args.argv[7], "1280");
	ck_assert_ptr_null(args.argv[8]);
}
END_TEST

START_TEST(args_override_what_debian_sets_in_etc_ppp_options)
{
	build();
	HAS("auth");
	HAS("hide-password");
	HAS("lcp-echo-interval 30");
	HAS("lcp-echo-failure 4");
	HAS("lcp-max-terminate 0");
	HAS("lcp-restart 1");
	HAS("ipcp-restart 1");
	HAS("lcp-max-configure 30");
	ppp.lcp_echo_interval_s = 0;
	build();
	HAS("lcp-echo-interval 0");
}
END_TEST

START_TEST(args_require_exactly_the_configured_protocols)
{
	static const char *const option[] = { " require-pap ", " require-chap ",
		" require-mschap-v2 " };
	static const unsigned int bit[] = { CONF_AUTH_PAP, CONF_AUTH_CHAP,
		CONF_AUTH_MSCHAPV2 };
	size_t i;

	for (ppp.auth = 1; ppp.auth < 8; ppp.auth++) {
		build();
		for (i = 0; i < 3; i++)
			ck_assert_int_eq(strstr(line, option[i]) != NULL,
			    (ppp.auth & bit[i]) != 0);
		HAS_NOT("require-mschap");
		HAS_NOT("require-eap");
		/* We log in nowhere, whatever the peer asks of us. */
		HAS("refuse-mschap-v2 refuse-mschap refuse-chap refuse-pap "
		    "refuse-eap");
	}
}
END_TEST

START_TEST(args_give_the_mtu)
{
	build();
	HAS("mtu 1280 mru 1280");
}
END_TEST

START_TEST(args_ask_for_ipv6_where_there_is_a_pool)
{
	build();
	HAS("noipv6");
	HAS_NOT("+ipv6");
	ppp.ipv6_pool.len = 56;
	build();
	HAS("+ipv6");
	HAS("nodefaultroute6");
	HAS("ipv6cp-restart 1 ipv6cp-max-configure 30");
	HAS_NOT("noipv6");
}
END_TEST

START_TEST(args_give_our_address_and_leave_the_peers_to_the_plugin)
{
	build();
	HAS("192.168.100.1: noipdefault");
	HAS("nodefaultroute");
	HAS("noccp");
	HAS("novj");
	HAS("noipv6");
	HAS("proxyarp");
	ppp.proxy_arp = false;
	build();
	HAS("noproxyarp");
	HAS_NOT("proxyarp");
}
END_TEST

START_TEST(args_of_the_profile_come_before_ours)
{
	char word[] = "kdebug", value[] = "1";
	char *words[] = { word, value };

	ppp.pppd_options = words;
	ppp.n_pppd_options = 2;
	build();
	HAS("kdebug 1 lnsd-noscripts name vpn");
}
END_TEST

START_TEST(args_run_scripts_and_debug_only_if_told)
{
	build();
	HAS("lnsd-noscripts");
	HAS_NOT("debug");
	ppp.scripts = true;
	spec.debug = true;
	build();
	HAS_NOT("lnsd-noscripts");
	HAS("debug");
}
END_TEST

START_TEST(args_too_long_are_refused)
{
	static char path[PPPD_TEXT_MAX + 1];

	memset(path, 'x', sizeof(path) - 1);
	spec.plugin = path;
	ck_assert(!pppd_args(&args, &spec));
	path[PPPD_TEXT_MAX - 3000] = '\0';
	ck_assert(pppd_args(&args, &spec));
}
END_TEST

static bool named = true;

static enum lns_ppp_end
why(int status, enum pppd_progress progress, bool terminated,
    const char *contains)
{
	const struct pppd_exit e = { status, progress, named, terminated };
	enum cause code;
	const char *cause;
	enum lns_ppp_end w = pppd_why(&e, &cause, &code);

	assert_cause_of(cause, code);
	ck_assert_msg(strstr(cause, contains), "%s", cause);
	return w;
}

#define EXIT(code) ((code) << 8)

START_TEST(exit_codes_become_causes)
{
	static const struct {
		int code;
		enum lns_ppp_end why;
		const char *cause;
	} t[] = {
		{ 0, LNS_PPP_PEER, "peer hung up" },
		{ 1, LNS_PPP_FAILED, "pppd failed" },
		{ 2, LNS_PPP_FAILED, "options" },
		{ 4, LNS_PPP_FAILED, "kernel" },
		{ 5, LNS_PPP_ADMIN, "told to stop" },
		{ 11, LNS_PPP_AUTH, "authentication failed" },
		{ 12, LNS_PPP_IDLE, "idle timeout" },
		{ 13, LNS_PPP_IDLE, "session time limit" },
		{ 15, LNS_PPP_LOST, "lcp echo" },
		{ 16, LNS_PPP_FAILED, "session went away" },
		{ 99, LNS_PPP_FAILED, "exit status 99" },
		{ 127, LNS_PPP_FAILED, "crashed" },
	};
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		ck_assert_int_eq(
		    why(EXIT(t[i].code), PPPD_RUNNING, false, t[i].cause),
		    t[i].why);
	ck_assert_int_eq(
	    why(9, PPPD_RUNNING, false, "signal 9"), LNS_PPP_FAILED);
	ck_assert_int_eq(
	    why(EXIT(127), PPPD_LCP, false, "could not be started"),
	    LNS_PPP_FAILED);
}
END_TEST

START_TEST(exit_after_peers_terminate_request_is_his_doing)
{
	static const int his[] = { 0, 5, 10, 16 }, not_his[] = { 11, 12, 15 };
	size_t i;

	for (i = 0; i < 4; i++)
		ck_assert_int_eq(
		    why(EXIT(his[i]), PPPD_RUNNING, true, "peer hung up"),
		    LNS_PPP_PEER);
	for (i = 0; i < 3; i++)
		ck_assert_int_ne(why(EXIT(not_his[i]), PPPD_RUNNING, true, ""),
		    LNS_PPP_PEER);
}
END_TEST

START_TEST(exit_auth_failed_without_a_name_is_told_apart)
{
	named = false;
	ck_assert_int_eq(why(EXIT(11), PPPD_LCP, false, "did not authenticate"),
	    LNS_PPP_AUTH);
	ck_assert_int_eq(
	    why(EXIT(10), PPPD_NETWORK, true, "before it had an ip address"),
	    LNS_PPP_PEER);
	ck_assert_int_eq(
	    why(EXIT(10), PPPD_AUTH, true, "peer hung up"), LNS_PPP_PEER);
	ck_assert_int_eq(
	    why(EXIT(11), PPPD_AUTH, false, "did not finish authentication"),
	    LNS_PPP_AUTH);
}
END_TEST

START_TEST(exit_negotiation_failed_depends_on_how_far_it_came)
{
	ck_assert_int_eq(why(EXIT(10), PPPD_LCP, false, "lcp"), LNS_PPP_LOST);
	ck_assert_int_eq(
	    why(EXIT(10), PPPD_AUTH, false, "authentication"), LNS_PPP_AUTH);
	ck_assert_int_eq(
	    why(EXIT(10), PPPD_NETWORK, false, "ip address"), LNS_PPP_FAILED);
	ck_assert_int_eq(
	    why(EXIT(10), PPPD_AUTH, true, "peer hung up"), LNS_PPP_PEER);
}
END_TEST

static void
put_file(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static bool
is_there(const char *name)
{
	return access(name, F_OK) == 0;
}

START_TEST(pid_file_of_the_pppd_that_was_killed_goes)
{
	char dir[] = "/tmp/lnsd-pppd-XXXXXX";

	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	put_file("ppp0.pid", "123\n");
	put_file("ppp1.pid", "124\n");
	put_file("ppp2.pid", "");
	put_file("sshd.pid", "125\n");
	pppd_remove_pid_file(dir, "ppp0", 124);
	pppd_remove_pid_file(dir, "", 125);
	pppd_remove_pid_file("/nonexistent", "", 123);
	ck_assert(is_there("ppp0.pid") && is_there("ppp1.pid") &&
		  is_there("ppp2.pid") && is_there("sshd.pid"));
	pppd_remove_pid_file(dir, "ppp0", 123);
	ck_assert(!is_there("ppp0.pid") && is_there("ppp1.pid"));
	pppd_remove_pid_file(dir, "", 124);
	ck_assert(!is_there("ppp1.pid") && is_there("ppp2.pid"));
	ck_assert_int_eq(unlink("ppp2.pid") | unlink("sshd.pid"), 0);
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("pppd");
	TCase *tc = tcase_create("pppd");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, args_begin_with_pppd_and_plugin);
	tcase_add_test(tc, args_of_a_prepared_pppd_name_no_session);
	tcase_add_test(tc, args_override_what_debian_sets_in_etc_ppp_options);
	tcase_add_test(tc, args_require_exactly_the_configured_protocols);
	tcase_add_test(tc, args_give_the_mtu);
	tcase_add_test(tc, args_ask_for_ipv6_where_there_is_a_pool);
	tcase_add_test(
	    tc, args_give_our_address_and_leave_the_peers_to_the_plugin);
	tcase_add_test(tc, args_of_the_profile_come_before_ours);
	tcase_add_test(tc, args_run_scripts_and_debug_only_if_told);
	tcase_add_test(tc, args_too_long_are_refused);
	tcase_add_test(tc, exit_codes_become_causes);
	tcase_add_test(tc, exit_negotiation_failed_depends_on_how_far_it_came);
	tcase_add_test(tc, exit_after_peers_terminate_request_is_his_doing);
	tcase_add_test(tc, exit_auth_failed_without_a_name_is_told_apart);
	tcase_add_test(tc, pid_file_of_the_pppd_that_was_killed_goes);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
