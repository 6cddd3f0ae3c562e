/* SPDX-License-Identifier: ISC */
/* What RADIUS cannot give, as it is the configuration's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <check.h>

#include "../../ppp/radius_own.h"
#include "prefix.h"

static char n_phones[] = "phones", n_guests[] = "guests";
static struct conf_user users[1];
static struct conf_ppp ppp[2];
static struct conf conf;
static struct radius_answer answer;
static uint8_t told[8]; /* types of attributes */
static size_t n_told;

static void
setup(void)
{
	ppp[0] = (struct conf_ppp){ .name = n_phones,
		.ipv6_pool = prefix("2001:db8:100::", 56) };
	ppp[1] = (struct conf_ppp){ .name = n_guests,
		.ipv6_pool = prefix("2001:db8:200::", 64),
		.n_pool = 1 };
	users[0] = (struct conf_user){ .ipv6_prefix =
					   prefix("2001:db8:300:77::", 64) };
	conf = (struct conf){
		.ppp = ppp, .n_ppp = 2, .users = users, .n_users = 1
	};
	memset(&answer, 0, sizeof(answer));
	n_told = 0;
}

static void
on_unheeded(void *arg, const struct radius_attr *a)
{
	(void)arg;
	ck_assert_uint_lt(n_told, sizeof(told));
	told[n_told++] = a->type;
}

static void
compare(void)
{
	radius_compare_own(&conf, &ppp[0], &answer, on_unheeded, NULL);
}

START_TEST(prefix_that_overlaps_ours_is_taken_away)
{
	struct grant *g = &answer.grant;
	size_t i;
	const struct conf_prefix ours[] = { prefix("2001:db8:100:42::", 64),
		prefix("2001:db8:100:40::", 60), prefix("2001:db8::", 32),
		prefix("2001:db8:200::", 64), prefix("2001:db8:300:77::1", 128),
		prefix("2001:db8:300:70::", 60) };

	for (i = 0; i < nitems(ours); i++)
		g->routes6[i] = ours[i];
	g->routes6[i++] = prefix("2001:db8:100:100::", 56);
	g->routes6[i++] = prefix("2001:db8:300:78::", 64);
	g->n_routes6 = i;
	g->ipv6_prefix = ours[0];
	compare();
	ck_assert_uint_eq(n_told, 1 + nitems(ours));
	ck_assert_uint_eq(told[0], RADIUS_FRAMED_IPV6_PREFIX);
	ck_assert_uint_eq(told[1], RADIUS_DELEGATED_IPV6_PREFIX);
	ck_assert_uint_eq(g->ipv6_prefix.len, 0);
	ck_assert_uint_eq(g->n_routes6, 2);
	ck_assert_uint_eq(g->routes6[0].len, 56);
	ck_assert_uint_eq(g->routes6[1].len, 64);
}
END_TEST

START_TEST(ipv6_is_nothing_for_a_profile_without)
{
	ppp[0].ipv6_pool.len = 0;
	answer.grant.ipv6_prefix = prefix("2001:db8:400::", 64);
	answer.grant.routes6[0] = prefix("2001:db8:500::", 48);
	answer.grant.n_routes6 = 1;
	snprintf(answer.pool6, sizeof(answer.pool6), "guests");
	compare();
	ck_assert_uint_eq(n_told, 3);
	ck_assert_uint_eq(answer.grant.ipv6_prefix.len, 0);
	ck_assert_uint_eq(answer.grant.n_routes6, 0);
	ck_assert_uint_eq(answer.grant.pool6, 0);
}
END_TEST

static struct conf_route
route(const char *ip, unsigned int bits)
{
	return (struct conf_route){ { inet_addr(ip) }, bits };
}

static void
give_ipv4(void)
{
	static struct lns_addr listen = { .family = 4,
		.ip = { 203, 0, 113, 1 } };
	static struct conf_range range;

	range.first.s_addr = inet_addr("192.168.100.200");
	range.last.s_addr = inet_addr("192.168.100.250");
	ppp[1].pool = &range;
	ppp[0].local_address.s_addr = inet_addr("192.168.100.1");
	users[0].has_address = true;
	users[0].address.s_addr = inet_addr("10.5.5.5");
	conf.listen = &listen;
	conf.n_listen = 1;
	conf.ipsec.client_range.s_addr = inet_addr("240.1.0.0");
}

START_TEST(network_that_holds_what_is_ours_is_taken_away)
{
	struct grant *g = &answer.grant;
	const struct conf_route ours[] = { route("203.0.113.0", 24),
		route("192.168.100.1", 32), route("192.168.100.240", 28),
		route("192.168.0.0", 16), route("10.5.5.5", 32),
		route("240.0.0.0", 8) };
	size_t i;

	give_ipv4();
	for (i = 0; i < nitems(ours); i++)
		g->routes[i] = ours[i];
	g->routes[i++] = route("10.5.5.0", 24);
	g->routes[i++] = route("192.168.100.252", 30);
	g->n_routes = i;
	compare();
	ck_assert_uint_eq(n_told, nitems(ours));
	ck_assert_uint_eq(told[0], RADIUS_FRAMED_ROUTE);
	ck_assert_uint_eq(g->n_routes, 2);
	ck_assert_uint_eq(g->routes[0].bits, 24);
	ck_assert_uint_eq(g->routes[1].bits, 30);
}
END_TEST

START_TEST(network_around_the_address_is_behind_the_user)
{
	struct grant *g = &answer.grant;

	give_ipv4();
	g->has_address = g->address_is_told = true;
	g->address.s_addr = inet_addr("10.9.8.7");
	answer.network_bits = 29;
	compare();
	ck_assert_uint_eq(n_told, 0);
	ck_assert_uint_eq(g->n_routes, 1);
	ck_assert_uint_eq(g->routes[0].network.s_addr, inet_addr("10.9.8.0"));
	ck_assert_uint_eq(g->routes[0].bits, 29);
	/* The LAN's, as servers say of each user who has an address of it. */
	g->address.s_addr = inet_addr("192.168.100.222");
	answer.network_bits = 24;
	g->n_routes = 0;
	compare();
	ck_assert_uint_eq(n_told, 1);
	ck_assert_uint_eq(told[0], RADIUS_FRAMED_IP_NETMASK);
	ck_assert_uint_eq(g->n_routes, 0);
	/* Around which? */
	g->has_address = g->address_is_told = false;
	g->address.s_addr = 0;
	compare();
	ck_assert_uint_eq(n_told, 2);
	ck_assert_uint_eq(g->n_routes, 0);
}
END_TEST

START_TEST(pools_are_found_by_the_names_of_profiles)
{
	snprintf(answer.pool, sizeof(answer.pool), "guests");
	snprintf(answer.pool6, sizeof(answer.pool6), "phones");
	compare();
	ck_assert_uint_eq(n_told, 0);
	ck_assert_uint_eq(answer.grant.pool, 2);
	ck_assert_uint_eq(answer.grant.pool6, 1);
	/* One without addresses, and one that is not there. */
	snprintf(answer.pool, sizeof(answer.pool), "phones");
	snprintf(answer.pool6, sizeof(answer.pool6), "gueste");
	compare();
	ck_assert_uint_eq(n_told, 2);
	ck_assert_uint_eq(told[0], RADIUS_FRAMED_POOL);
	ck_assert_uint_eq(told[1], RADIUS_FRAMED_IPV6_POOL);
	ck_assert_uint_eq(answer.grant.pool, 0);
	ck_assert_uint_eq(answer.grant.pool6, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("radius_own");
	TCase *tc = tcase_create("own");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, prefix_that_overlaps_ours_is_taken_away);
	tcase_add_test(tc, ipv6_is_nothing_for_a_profile_without);
	tcase_add_test(tc, network_that_holds_what_is_ours_is_taken_away);
	tcase_add_test(tc, network_around_the_address_is_behind_the_user);
	tcase_add_test(tc, pools_are_found_by_the_names_of_profiles);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
