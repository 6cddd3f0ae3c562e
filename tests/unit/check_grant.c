/* SPDX-License-Identifier: ISC */
/* What a user gets, and how pppd is told. */

#include <limits.h>
#include <stdlib.h>
#include <arpa/inet.h>
#include <check.h>

#include "../../ppp/grant.h"

static struct conf_ppp ppp;
static struct conf_user user;
static struct grant grant;
static struct wire_verdict verdict;

static void
set_up(void)
{
	ppp = (struct conf_ppp){ 0 };
	user = (struct conf_user){ 0 };
	verdict = (struct wire_verdict){ 0 };
}

START_TEST(profile_gives_to_everybody)
{
	ppp.one_login_per_user = true;
	ppp.idle_timeout_s = 600;
	ppp.session_timeout_s = 3600;
	ppp.dns[0].s_addr = inet_addr("192.0.2.53");
	user.max_sessions = 3;
	grant_of_user(&grant, &ppp, &user);
	ck_assert(grant.one_login);
	ck_assert(!grant.has_address);
	ck_assert_uint_eq(grant.max_sessions, 3);
	ck_assert_uint_eq(grant.idle_timeout_s, 600);
	ck_assert_uint_eq(grant.session_timeout_s, 3600);
	ck_assert_uint_eq(grant.dns[0].s_addr, inet_addr("192.0.2.53"));
	ck_assert_uint_eq(grant.dns[1].s_addr, 0);
}
END_TEST

START_TEST(own_address_is_in_one_place)
{
	grant_of_user(&grant, &ppp, &user);
	ck_assert(!grant.one_login);
	user.has_address = true;
	user.address.s_addr = inet_addr("10.0.0.7");
	grant_of_user(&grant, &ppp, &user);
	ck_assert(grant.one_login);
	ck_assert(grant.has_address);
	ck_assert_uint_eq(grant.address.s_addr, user.address.s_addr);
}
END_TEST

START_TEST(own_prefix_is_in_one_place)
{
	grant_of_user(&grant, &ppp, &user);
	ck_assert_uint_eq(grant.ipv6_prefix.len, 0);
	user.ipv6_prefix.len = 64;
	user.ipv6_prefix.address.s6_addr[0] = 0x20;
	grant_of_user(&grant, &ppp, &user);
	ck_assert(grant.one_login);
	ck_assert_uint_eq(grant.ipv6_prefix.len, 64);
	ck_assert_uint_eq(grant.ipv6_prefix.address.s6_addr[0], 0x20);
}
END_TEST

START_TEST(profile_gives_ipv6_servers)
{
	ppp.n_dns6 = 1;
	ppp.dns6[0].s6_addr[15] = 0x53;
	grant_of_profile(&grant, &ppp);
	ck_assert_uint_eq(grant.n_dns6, 1);
	ck_assert_uint_eq(grant.dns6[0].s6_addr[15], 0x53);
}
END_TEST

START_TEST(networks_behind_a_user_are_in_one_place)
{
	user.n_routes = 1;
	user.routes[0].network.s_addr = inet_addr("10.7.0.0");
	user.routes[0].bits = 16;
	grant_of_user(&grant, &ppp, &user);
	ck_assert(grant.one_login);
	ck_assert_uint_eq(grant.n_routes, 1);
	ck_assert_uint_eq(grant.routes[0].bits, 16);
	grant_of_profile(&grant, &ppp);
	ck_assert_uint_eq(grant.n_routes, 0);
}
END_TEST

START_TEST(rate_of_the_user_comes_before_the_profiles)
{
	ppp.rate_up = ppp.rate_down = (struct conf_rate){ true, 1000 };
	grant_of_user(&grant, &ppp, &user);
	ck_assert_uint_eq(grant.rate.up_kbit, 1000);
	user.rate_down = (struct conf_rate){ true, 2000 };
	user.rate_up = (struct conf_rate){ true, 0 };
	grant_of_user(&grant, &ppp, &user);
	ck_assert_uint_eq(grant.rate.up_kbit, 0);
	ck_assert_uint_eq(grant.rate.down_kbit, 2000);
}
END_TEST

START_TEST(bursts_have_room_for_packets_and_fit_the_kernel)
{
	ck_assert_uint_eq(rate_up_burst(8), 15000);
	ck_assert_uint_eq(rate_up_burst(8000), 200000);
	ck_assert_uint_eq(rate_up_burst(10000000), 250000000);
	ck_assert_uint_eq(rate_down_burst(8), 3000);
	ck_assert_uint_eq(rate_down_burst(8000), 20000);
	ck_assert_uint_eq(rate_down_queue(8), 15000);
	ck_assert_uint_eq(rate_down_queue(8000), 300000);
	ck_assert_uint_eq(rate_down_queue(10000000), 375000000);
}
END_TEST

START_TEST(no_server_is_told_of_if_there_is_none)
{
	grant_of_profile(&grant, &ppp);
	grant_write(&grant, &verdict);
	ck_assert_uint_eq(verdict.dns[0], 0);
	ck_assert_uint_eq(verdict.dns[1], 0);
	ck_assert_uint_eq(verdict.wins[0], 0);
	ck_assert_uint_eq(verdict.wins[1], 0);
}
END_TEST

START_TEST(one_server_fills_both_places)
{
	ppp.dns[0].s_addr = inet_addr("192.0.2.53");
	ppp.wins[0].s_addr = inet_addr("192.0.2.137");
	grant_of_profile(&grant, &ppp);
	grant_write(&grant, &verdict);
	ck_assert_uint_eq(verdict.dns[0], inet_addr("192.0.2.53"));
	ck_assert_uint_eq(verdict.dns[1], inet_addr("192.0.2.53"));
	ck_assert_uint_eq(verdict.wins[0], inet_addr("192.0.2.137"));
	ck_assert_uint_eq(verdict.wins[1], inet_addr("192.0.2.137"));
}
END_TEST

START_TEST(two_servers_keep_their_order)
{
	ppp.dns[0].s_addr = inet_addr("192.0.2.53");
	ppp.dns[1].s_addr = inet_addr("192.0.2.54");
	grant_of_profile(&grant, &ppp);
	grant_write(&grant, &verdict);
	ck_assert_uint_eq(verdict.dns[0], inet_addr("192.0.2.53"));
	ck_assert_uint_eq(verdict.dns[1], inet_addr("192.0.2.54"));
}
END_TEST

START_TEST(seconds_fit_into_what_pppd_has)
{
	ppp.idle_timeout_s = 600;
	ppp.session_timeout_s = UINT_MAX;
	grant_of_profile(&grant, &ppp);
	grant_write(&grant, &verdict);
	ck_assert_uint_eq(verdict.idle_s, 600);
	ck_assert_uint_eq(verdict.session_s, INT_MAX);
	ck_assert_int_ne(wire_verdict_valid(&verdict), 0);
	verdict.session_s = (uint32_t)INT_MAX + 1;
	ck_assert_int_eq(wire_verdict_valid(&verdict), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("grant");
	TCase *tc = tcase_create("grant");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_add_test(tc, profile_gives_to_everybody);
	tcase_add_test(tc, own_address_is_in_one_place);
	tcase_add_test(tc, own_prefix_is_in_one_place);
	tcase_add_test(tc, profile_gives_ipv6_servers);
	tcase_add_test(tc, networks_behind_a_user_are_in_one_place);
	tcase_add_test(tc, rate_of_the_user_comes_before_the_profiles);
	tcase_add_test(tc, bursts_have_room_for_packets_and_fit_the_kernel);
	tcase_add_test(tc, no_server_is_told_of_if_there_is_none);
	tcase_add_test(tc, one_server_fills_both_places);
	tcase_add_test(tc, two_servers_keep_their_order);
	tcase_add_test(tc, seconds_fit_into_what_pppd_has);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
