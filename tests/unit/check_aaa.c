/* SPDX-License-Identifier: ISC */
/* The asynchronous verdict of RADIUS on a user. */
#include "aaa_world.h"

START_TEST(aaa_stranger_is_let_in_by_radius)
{
	run(&first, "carol/secret/x");
	ck_assert_uint_eq(server.asked, 1);
	ck_assert_str_eq(server.user, "carol");
	ck_assert_uint_eq(first.asked, 1);
	ck_assert_str_eq(first.reason, "");
	ck_assert(first.up);
	ck_assert_uint_eq(first.remote.s_addr, inet_addr("10.0.0.2"));
}
END_TEST

START_TEST(aaa_refusal_is_told_in_words)
{
	run(&first, "carol/guess/x");
	ck_assert_str_eq(first.reason, "refused by RADIUS");
	ck_assert_int_eq(first.why, LNS_PPP_AUTH);
	ck_assert(!first.up);
}
END_TEST

/* Whatever he presents. */
START_TEST(aaa_user_of_the_configuration_is_not_asked_about)
{
	run(&first, "alice/local/x");
	ck_assert(first.up);
	run(&first, "alice/secret/x");
	ck_assert_str_eq(first.reason, "wrong password");
	ck_assert_uint_eq(server.asked, 0);
	ck_assert_uint_eq(first.asked, 0);
}
END_TEST

static void
serve_everybody(void)
{
	ppp_service_free(svc);
	conf.n_users = 2;
	svc = ppp_service_new(&conf, "/nowhere/lnsd-ppp.so", false);
	ck_assert_ptr_nonnull(svc);
	svc->pppd = "/proc/self/exe";
}

static void
serve_alice(void)
{
	conf.n_users = 1;
}

static unsigned int max_sessions;

static void
note_grant(void)
{
	max_sessions = first.link->grant.max_sessions;
}

/* Users of the configuration, RADIUS, everybody. */
START_TEST(aaa_everybody_is_asked_about_first)
{
	serve_everybody();
	when_up = note_grant;
	run(&first, "alice/local/x");
	ck_assert(first.up);
	run(&first, "alice/open/x");
	ck_assert_str_eq(first.reason, "wrong password");
	ck_assert_uint_eq(server.asked, 0);
	/* RADIUS grants. */
	run(&first, "carol/secret/x");
	ck_assert(first.up);
	ck_assert_uint_eq(max_sessions, 0);
	ck_assert_uint_eq(server.asked, 1);
	/* It refuses, but everybody knows the password. */
	run(&first, "carol/open/x");
	ck_assert(first.up);
	ck_assert_uint_eq(max_sessions, 7);
	ck_assert_uint_eq(server.asked, 2);
	/* Neither. */
	run(&first, "carol/guess/x");
	ck_assert_str_eq(first.reason, "refused by RADIUS");
	/* What was said of one try is not said of the next. */
	run(&first, "carol/wrong/twice");
	ck_assert(!first.up);
	serve_alice();
}
END_TEST

START_TEST(aaa_everybody_is_let_in_when_no_server_answers)
{
	serve_everybody();
	server.silent = true;
	run(&first, "OFFICE\\carol/open/x");
	ck_assert(first.up);
	ck_assert_uint_eq(server.asked, 1);
	ck_assert_str_eq(server.user, "OFFICE\\carol");
	serve_alice();
}
END_TEST

START_TEST(aaa_method_that_is_not_allowed_is_not_asked_about)
{
	ppp->auth = CONF_AUTH_CHAP;
	run(&first, "carol/secret/x");
	ck_assert_str_eq(first.reason, "protocol not allowed");
	ck_assert_uint_eq(server.asked, 0);
}
END_TEST

START_TEST(aaa_silent_server_delays_nobody_else)
{
	struct seen alice = { .ends_before = &first };

	server.silent = true;
	start(&first, "carol/secret/x");
	start(&alice, "alice/local/x");
	loop_run();
	ck_assert(alice.up);
	ck_assert(first.ended && !first.up);
	ck_assert_str_eq(first.reason, "no RADIUS server answers");
}
END_TEST

/* With that much patience nobody would be let in otherwise. */
START_TEST(aaa_port_where_nobody_listens_is_left_at_once)
{
	int fd;

	ppp_service_free(svc);
	ppp->radius.servers[1] = ppp->radius.servers[0];
	ppp->radius.secrets[1] = secret;
	ppp->radius.n_servers = ppp->radius.n_secrets = 2;
	ppp->radius.timeout_s = ppp->radius.tries = 10;
	fd = open_port(&ppp->radius.servers[0]);
	close(fd);
	svc = ppp_service_new(&conf, "/nowhere/lnsd-ppp.so", false);
	ck_assert_ptr_nonnull(svc);
	svc->pppd = "/proc/self/exe";
	run(&first, "carol/secret/x");
	ck_assert(first.up);
	ck_assert_uint_eq(server.asked, 1);
}
END_TEST

static void
stop_first(void)
{
	ppp_link_stop(first.link, CAUSE_ADMIN, "stopped");
}

/* The reply comes, to nobody. */
START_TEST(aaa_link_that_is_stopped_wants_no_verdict)
{
	struct seen alice;

	server.on_request = stop_first;
	start(&first, "carol/secret/x");
	loop_run();
	ck_assert(first.ended && !first.up);
	ck_assert_str_eq(first.cause, "stopped");
	ck_assert_str_eq(first.reason, "");
	run(&alice, "alice/local/x");
	ck_assert(alice.up);
}
END_TEST

static void
answer_held(void)
{
	if (server.asked == 2)
		reply_to(server.held, server.held_len, &server.held_from);
}

/* The first one's refusal comes before the second one's verdict. */
START_TEST(aaa_new_question_takes_the_place_of_the_old)
{
	server.hold_first = true;
	server.on_request = answer_held;
	run(&first, "carol/secret/twice");
	ck_assert_uint_eq(server.asked, 2);
	ck_assert_str_eq(first.reason, "");
	ck_assert(first.up);
}
END_TEST

START_TEST(aaa_address_of_radius_is_kept_from_the_pool)
{
	struct seen alice = { .stops = &first };

	/* The one that alice would get. */
	server.address = inet_addr("10.0.0.2");
	first.then = &alice;
	first.then_label = "alice/local/x";
	start(&first, "carol/secret/stay");
	loop_run();
	ck_assert_uint_eq(first.remote.s_addr, inet_addr("10.0.0.2"));
	ck_assert_uint_eq(alice.remote.s_addr, inet_addr("10.0.0.3"));
}
END_TEST

START_TEST(aaa_address_of_radius_outside_of_pools_is_given)
{
	server.address = inet_addr("10.7.7.7");
	run(&first, "carol/secret/x");
	ck_assert_uint_eq(first.remote.s_addr, inet_addr("10.7.7.7"));
}
END_TEST

START_TEST(aaa_address_of_somebody_else_is_refused)
{
	struct seen dave = { .stops = &first };

	server.address = inet_addr("10.0.0.2");
	first.then = &dave;
	first.then_label = "dave/secret/x";
	start(&first, "carol/secret/stay");
	loop_run();
	ck_assert_str_eq(
	    dave.reason, "the user's address 10.0.0.2 is somebody else's");
	ck_assert(!dave.up);
	ck_assert_str_eq(first.cause, "stopped");
	/* Our own is, too. */
	server.address = inet_addr("10.0.0.1");
	run(&first, "carol/secret/x");
	ck_assert_str_eq(
	    first.reason, "the user's address 10.0.0.1 is somebody else's");
}
END_TEST

START_TEST(aaa_second_login_with_its_own_address_takes_over)
{
	struct seen again = { 0 };

	server.address = inet_addr("10.0.0.2");
	first.then = &again;
	first.then_label = "carol/secret/x";
	start(&first, "carol/secret/stay");
	loop_run();
	ck_assert_str_eq(first.cause, "the same user dialled again");
	ck_assert(again.up);
	ck_assert_uint_eq(again.remote.s_addr, inet_addr("10.0.0.2"));
}
END_TEST

START_TEST(aaa_pool_of_radius_is_that_of_a_profile)
{
	struct seen again = { .stops = &first };

	server.pool = "guests";
	first.then = &again;
	first.then_label = "dave/secret/x";
	start(&first, "carol/secret/stay");
	loop_run();
	ck_assert_uint_eq(first.remote.s_addr, inet_addr("10.2.0.1"));
	ck_assert_str_eq(
	    again.reason, "no address left in pool of ppp \"guests\"");
	/* One that is unknown has no effect. */
	server.pool = "guest";
	run(&first, "carol/secret/x");
	ck_assert_uint_eq(first.remote.s_addr, inet_addr("10.0.0.2"));
}
END_TEST

static unsigned int granted_len;

static void
note_prefix(void)
{
	granted_len = first.link->grant.ipv6_prefix.len;
}

static unsigned int
prefix_granted(const char *prefix)
{
	server.prefix = prefix;
	when_up = note_prefix;
	granted_len = 1;
	run(&first, "carol/secret/x");
	ck_assert(first.up);
	return granted_len;
}

/* What we could give to somebody else as well. */
START_TEST(aaa_prefix_of_radius_is_given_if_it_is_in_no_pool)
{
	ck_assert_uint_eq(prefix_granted("2001:db8:1:2::"), 0);
	ppp_service_free(svc);
	ppp->ipv6_pool.len = 60;
	inet_pton(AF_INET6, "2001:db8:7:20::", &ppp->ipv6_pool.address);
	svc = ppp_service_new(&conf, "/nowhere/lnsd-ppp->so", false);
	ck_assert_ptr_nonnull(svc);
	svc->pppd = "/proc/self/exe";
	ck_assert_uint_eq(prefix_granted("2001:db8:1:2::"), 64);
	ck_assert_uint_eq(prefix_granted("2001:db8:7:2f::"), 0);
	ck_assert_uint_eq(prefix_granted("2001:db8:7:30::"), 64);
	inet_pton(AF_INET6, "2001:db8:1:2::", &users[0].ipv6_prefix.address);
	users[0].ipv6_prefix.len = 64;
	ck_assert_uint_eq(prefix_granted("2001:db8:1:2::"), 0);
	users[0].ipv6_prefix.len = 0;
}
END_TEST

/* Nobody is asked for who tries things out. */
START_TEST(aaa_refusals_count_for_the_address)
{
	size_t i;

	ppp->max_login_failures = 2;
	for (i = 0; i < 2; i++) {
		run(&first, "carol/guess/x");
		ck_assert_str_eq(first.reason, "refused by RADIUS");
	}
	run(&first, "carol/secret/x");
	ck_assert_ptr_nonnull(strstr(first.reason, "too many failed"));
	ck_assert_uint_eq(server.asked, 2);
}
END_TEST

/* That a server is silent is not the user's fault. */
START_TEST(aaa_silence_does_not_count)
{
	ppp->max_login_failures = 1;
	server.silent = true;
	run(&first, "carol/secret/x");
	server.silent = false;
	run(&first, "carol/secret/x");
	ck_assert(first.up);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *s = suite_create("aaa");
	TCase *tc = tcase_create("aaa");

	tcase_add_test(tc, aaa_stranger_is_let_in_by_radius);
	tcase_add_test(tc, aaa_refusal_is_told_in_words);
	tcase_add_test(tc, aaa_user_of_the_configuration_is_not_asked_about);
	tcase_add_test(tc, aaa_everybody_is_asked_about_first);
	tcase_add_test(tc, aaa_everybody_is_let_in_when_no_server_answers);
	tcase_add_test(tc, aaa_method_that_is_not_allowed_is_not_asked_about);
	tcase_add_test(tc, aaa_silent_server_delays_nobody_else);
	tcase_add_test(tc, aaa_port_where_nobody_listens_is_left_at_once);
	tcase_add_test(tc, aaa_link_that_is_stopped_wants_no_verdict);
	tcase_add_test(tc, aaa_new_question_takes_the_place_of_the_old);
	tcase_add_test(tc, aaa_address_of_radius_is_kept_from_the_pool);
	tcase_add_test(tc, aaa_address_of_radius_outside_of_pools_is_given);
	tcase_add_test(tc, aaa_address_of_somebody_else_is_refused);
	tcase_add_test(tc, aaa_second_login_with_its_own_address_takes_over);
	tcase_add_test(tc, aaa_pool_of_radius_is_that_of_a_profile);
	tcase_add_test(tc, aaa_prefix_of_radius_is_given_if_it_is_in_no_pool);
	tcase_add_test(tc, aaa_refusals_count_for_the_address);
	tcase_add_test(tc, aaa_silence_does_not_count);
	return run_suite(argc, argv, s, tc);
}
