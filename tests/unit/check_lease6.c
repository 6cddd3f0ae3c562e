/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <arpa/inet.h>
#include <check.h>

#include "../../ppp/lease6.h"
#include "prefix.h"

static char n_bob[] = "bob";
static struct conf_ppp ppp[2];
static struct conf_user users[1];
static struct conf conf;
static struct leases6 *all;

/* A pool of four, of which bob has one; the second profile has no IPv6. */
static void
setup(void)
{
	ppp[0] = (struct conf_ppp){ .ipv6_pool = prefix("2001:db8:8::", 62) };
	ppp[1] = (struct conf_ppp){ .n_pool = 0 };
	users[0] = (struct conf_user){ .name = n_bob,
		.ipv6_prefix = prefix("2001:db8:8:1::", 64) };
	conf = (struct conf){
		.ppp = ppp, .n_ppp = 2, .users = users, .n_users = 1
	};
	all = leases6_new(&conf);
	ck_assert_ptr_nonnull(all);
}

static void
teardown(void)
{
	leases6_free(all);
}

static struct lease6 *
take(const char *want)
{
	struct lease6 *l = lease6_take(all, 0, "alice");
	const struct conf_prefix p = prefix(want, 64);

	ck_assert_ptr_nonnull(l);
	ck_assert(IN6_ARE_ADDR_EQUAL(&l->prefix, &p.address));
	return l;
}

static struct lease6 *
take_own(const char *ip)
{
	const struct conf_prefix p = prefix(ip, 64);

	return lease6_take_own(all, &p);
}

static bool
add(struct lease6 *l, const char *ip, unsigned int len)
{
	const struct conf_prefix p = prefix(ip, len);

	return lease6_add_network(all, l, &p);
}

static void
assert_left(uint64_t want)
{
	uint64_t size, used, left;

	ck_assert(leases6_pool_use(all, 0, &size, &used, &left));
	ck_assert_uint_eq(left, want);
	ck_assert_uint_eq(size, used + left);
}

START_TEST(pool_gives_all_but_the_prefixes_of_users)
{
	struct lease6 *l[3];
	size_t i;

	assert_left(3);
	l[0] = take("2001:db8:8::");
	l[1] = take("2001:db8:8:2::");
	l[2] = take("2001:db8:8:3::");
	assert_left(0);
	ck_assert_ptr_null(lease6_take(all, 0, "carol"));
	ck_assert(lease6_is_of_pool(l[0], 0));
	ck_assert(!lease6_is_of_pool(l[0], 1));
	for (i = 0; i < 3; i++)
		lease6_give(all, l[i]);
	assert_left(3);
}
END_TEST

START_TEST(users_that_come_later_keep_their_prefixes_from_the_pool)
{
	struct conf_user late[1] = { { .name = n_bob,
	    .ipv6_prefix = prefix("2001:db8:8::", 64) } };
	const struct conf_users more = { .list = late, .n = 1 };
	struct lease6 *l;

	ck_assert(leases6_reserve(all, &more));
	assert_left(2);
	l = take("2001:db8:8:2::");
	lease6_give(all, l);
}
END_TEST

START_TEST(profile_without_a_pool_has_no_use)
{
	uint64_t x;

	ck_assert(!leases6_pool_use(all, 1, &x, &x, &x));
}
END_TEST

START_TEST(own_prefix_is_had_once)
{
	struct lease6 *l = take_own("2001:db8:9::");

	ck_assert_ptr_nonnull(l);
	ck_assert(!lease6_is_of_pool(l, 0));
	ck_assert_ptr_null(take_own("2001:db8:9::"));
	lease6_give(all, l);
	l = take_own("2001:db8:9::");
	ck_assert_ptr_nonnull(l);
	lease6_give(all, l);
}
END_TEST

/* Its user is gone from the configuration, and still there. */
START_TEST(own_prefix_that_is_reserved_no_more_is_not_given_again)
{
	static const struct conf_users none;
	struct lease6 *own = take_own("2001:db8:8:1::"), *l[3];

	conf.n_users = 0;
	ck_assert(leases6_reserve(all, &none));
	l[0] = take("2001:db8:8::");
	l[1] = take("2001:db8:8:2::");
	l[2] = take("2001:db8:8:3::");
	ck_assert_ptr_null(lease6_take(all, 0, "carol"));
	lease6_give(all, own);
	own = take("2001:db8:8:1::");
	lease6_give(all, own);
	lease6_give(all, l[0]);
	lease6_give(all, l[1]);
	lease6_give(all, l[2]);
	assert_left(4);
}
END_TEST

START_TEST(network_that_another_has_some_of_is_refused)
{
	struct lease6 *a = take_own("2001:db8:9::"), *b;

	b = take_own("2001:db8:a:1::");
	ck_assert(add(a, "2001:db8:b::", 48));
	ck_assert(!add(b, "2001:db8:b::", 48));
	ck_assert(!add(b, "2001:db8:b:77::", 64));
	ck_assert(!add(b, "2001:db8::", 32));
	ck_assert(!add(b, "2001:db8:9::1", 128));
	ck_assert(!add(a, "2001:db8:a::", 48));
	ck_assert_ptr_null(take_own("2001:db8:b:1::"));
	ck_assert(add(b, "2001:db8:c::", 48));
	ck_assert_uint_eq(b->n_behind, 1);
	lease6_give(all, a);
	ck_assert(add(b, "2001:db8:b:77::", 64));
	lease6_give(all, b);
}
END_TEST

START_TEST(network_around_the_links_own_is_fine_once)
{
	struct lease6 *l = take_own("2001:db8:9:1::");

	ck_assert(add(l, "2001:db8:9::", 48));
	ck_assert(!add(l, "2001:db8:9::", 48));
	ck_assert(!add(l, "2001:db8:9:1::", 64));
	ck_assert_uint_eq(l->n_behind, 1);
	lease6_give(all, l);
}
END_TEST

START_TEST(networks_end_with_the_room_for_them)
{
	struct lease6 *l = take_own("2001:db8:9::");
	struct conf_prefix p = prefix("2001:db8:100::", 48);
	size_t i;

	for (i = 0; i < nitems(l->behind); i++, p.address.s6_addr[5]++)
		ck_assert(lease6_add_network(all, l, &p));
	ck_assert(!lease6_add_network(all, l, &p));
	lease6_give(all, l);
}
END_TEST

START_TEST(reload_has_room_for_more_profiles)
{
	struct lease6 *l = take("2001:db8:8::");
	struct conf_ppp more[3] = { ppp[0], ppp[1], ppp[1] };
	struct conf next = conf;
	uint64_t x;

	next.ppp = more;
	next.n_ppp = 3;
	ck_assert(leases6_make_room(all, 3));
	leases6_reload(all, &next);
	ck_assert(!leases6_pool_use(all, 2, &x, &x, &x));
	assert_left(2);
	lease6_give(all, l);
	leases6_free(all);
	all = NULL;
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("lease6");
	TCase *tc = tcase_create("lease6");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, pool_gives_all_but_the_prefixes_of_users);
	tcase_add_test(
	    tc, users_that_come_later_keep_their_prefixes_from_the_pool);
	tcase_add_test(tc, profile_without_a_pool_has_no_use);
	tcase_add_test(tc, own_prefix_is_had_once);
	tcase_add_test(
	    tc, own_prefix_that_is_reserved_no_more_is_not_given_again);
	tcase_add_test(tc, network_that_another_has_some_of_is_refused);
	tcase_add_test(tc, network_around_the_links_own_is_fine_once);
	tcase_add_test(tc, networks_end_with_the_room_for_them);
	tcase_add_test(tc, reload_has_room_for_more_profiles);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
