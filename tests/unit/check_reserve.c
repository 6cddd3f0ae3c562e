/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <arpa/inet.h>

#include "../../ppp/link.h"
#include "../../ppp/reserve.h"

static char n_bob[] = "bob", n_eve[] = "eve";
static struct conf_range ranges[2];
static struct conf_ppp profiles[2];
static struct conf_user of_conf[2], of_file[1];
static struct conf conf;
static struct pool *pools[2];
static struct ppp_service svc;

static struct in_addr
ip(const char *text)
{
	struct in_addr a;

	ck_assert_int_eq(inet_pton(AF_INET, text, &a), 1);
	return a;
}

/* Two profiles: our address in the first lies in the pool of the second. */
static void
setup(void)
{
	size_t i;

	ranges[0] = (struct conf_range){ ip("10.0.0.1"), ip("10.0.0.4") };
	ranges[1] = (struct conf_range){ ip("10.0.1.1"), ip("10.0.1.2") };
	profiles[0].local_address = ip("10.0.1.1");
	profiles[1].local_address = ip("192.0.2.1");
	of_conf[0] = (struct conf_user){
		.name = n_bob, .has_address = true, .address = ip("10.0.0.2")
	};
	of_conf[1] = (struct conf_user){ .name = n_eve };
	of_file[0] = (struct conf_user){
		.name = n_eve, .has_address = true, .address = ip("10.0.0.3")
	};
	conf = (struct conf){
		.ppp = profiles, .n_ppp = 2, .users = of_conf, .n_users = 2
	};
	for (i = 0; i < 2; i++) {
		pools[i] = pool_new(&ranges[i], 1, NULL, 0);
		ck_assert_ptr_nonnull(pools[i]);
	}
	svc = (struct ppp_service){
		.conf = &conf, .pools = pools, .ipv6 = link6_service_new(&conf)
	};
	ck_assert_ptr_nonnull(svc.ipv6);
}

static void
teardown(void)
{
	link6_service_free(svc.ipv6);
	pool_free(pools[0]);
	pool_free(pools[1]);
}

/* What is left of a pool, in its order. */
static void
assert_rest(struct pool *p, const char *want)
{
	char got[256] = "", text[INET_ADDRSTRLEN];
	struct in_addr a;
	size_t n = 0;

	while (pool_take(p, "nobody", &a)) {
		inet_ntop(AF_INET, &a, text, sizeof(text));
		n += (size_t)snprintf(got + n, sizeof(got) - n, "%s ", text);
		ck_assert_uint_lt(n, sizeof(got));
	}
	ck_assert_str_eq(got, want);
}

START_TEST(reserve_keeps_ours_and_those_of_users_from_all_pools)
{
	const struct conf_users more = { of_file, 1 };

	ck_assert(reserve(&svc, &more));
	assert_rest(pools[0], "10.0.0.1 10.0.0.4 ");
	assert_rest(pools[1], "10.0.1.2 ");
}
END_TEST

START_TEST(reserve_gives_back_what_a_user_of_before_had)
{
	const struct conf_users more = { of_file, 1 }, none = { NULL, 0 };

	ck_assert(reserve(&svc, &more));
	ck_assert_uint_eq(pool_size(pools[0]), 2);
	ck_assert(reserve(&svc, &none));
	ck_assert_uint_eq(pool_size(pools[0]), 3);
	assert_rest(pools[0], "10.0.0.1 10.0.0.3 10.0.0.4 ");
}
END_TEST

START_TEST(reserve_keeps_what_is_out_when_it_comes_back)
{
	const struct conf_users more = { of_file, 1 }, none = { NULL, 0 };
	struct in_addr a;
	int i;

	ck_assert(reserve(&svc, &none));
	for (i = 0; i < 2; i++)
		ck_assert(pool_take(pools[0], "x", &a));
	ck_assert_uint_eq(a.s_addr, ip("10.0.0.3").s_addr);
	ck_assert(reserve(&svc, &more));
	pool_give(pools[0], a);
	assert_rest(pools[0], "10.0.0.4 ");
}
END_TEST

START_TEST(reserved_for_user_is_that_of_a_user_alone)
{
	ck_assert(reserved_for_user(&svc, ip("10.0.0.2")));
	ck_assert(!reserved_for_user(&svc, ip("10.0.0.3")));
	ck_assert(!reserved_for_user(&svc, ip("10.0.1.1")));
	/* eve has none */
	ck_assert(!reserved_for_user(&svc, ip("0.0.0.0")));
}
END_TEST

START_TEST(reserved_prefix_is_that_of_another_user)
{
	struct conf_prefix p = { .len = 64 };

	ck_assert_int_eq(inet_pton(AF_INET6, "2001:db8:7::", &p.address), 1);
	ck_assert(!reserved_prefix(&svc, &p, "eve"));
	of_conf[0].ipv6_prefix = p;
	ck_assert(reserved_prefix(&svc, &p, "eve"));
	ck_assert(!reserved_prefix(&svc, &p, "bob"));
	p.len = 48;
	ck_assert(reserved_prefix(&svc, &p, "eve"));
	p.address.s6_addr[5] = 8;
	ck_assert(!reserved_prefix(&svc, &p, "eve"));
}
END_TEST

START_TEST(reserve_without_users_keeps_ours)
{
	const struct conf_users none = { NULL, 0 };

	conf.n_users = 0;
	ck_assert(reserve(&svc, &none));
	assert_rest(pools[0], "10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 ");
	assert_rest(pools[1], "10.0.1.2 ");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("reserve");
	TCase *tc = tcase_create("reserve");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(
	    tc, reserve_keeps_ours_and_those_of_users_from_all_pools);
	tcase_add_test(tc, reserve_gives_back_what_a_user_of_before_had);
	tcase_add_test(tc, reserve_keeps_what_is_out_when_it_comes_back);
	tcase_add_test(tc, reserved_for_user_is_that_of_a_user_alone);
	tcase_add_test(tc, reserved_prefix_is_that_of_another_user);
	tcase_add_test(tc, reserve_without_users_keeps_ours);
	suite_add_tcase(s, tc);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
