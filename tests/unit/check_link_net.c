/* SPDX-License-Identifier: ISC */
/* What the kernel is told of a link: rates and routes, which are noted here in
 * its place. */
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <check.h>

#include "../../include/worker.h"
#include "../../ppp/hook.h"
#include "../../ppp/link.h"
#include "../../ppp/rate.h"
#include "../../ppp/routes.h"

/* Read when no worker is at it any more. */
static struct {
	struct rate_limit rate;
	size_t rates, routes;
} kernel;

int
rate_set(uint32_t ifindex, const struct rate_limit *r)
{
	ck_assert_uint_eq(ifindex, 7);
	kernel.rate = *r;
	kernel.rates++;
	return 0;
}

int
routes_add(uint32_t ifindex, const struct conf_route *r)
{
	ck_assert_uint_eq(ifindex, 7);
	ck_assert_uint_eq(r->bits, 24);
	kernel.routes++;
	return 0;
}

static char name[] = "phones";
static struct conf_ppp ppp = { .name = name };
static struct conf conf = { .ppp = &ppp, .n_ppp = 1 };
static struct ppp_service svc = { .conf = &conf };
static struct ppp_link l;
static struct loop_timer *poll_timer;

static void
poll_setup(void *arg)
{
	(void)arg;
	if (l.setup == NULL)
		loop_stop();
	else
		loop_timer_set(poll_timer, 1);
}

static void
nothing(void *arg)
{
	(void)arg;
}

static void
setup(void)
{
	memset(&kernel, 0, sizeof(kernel));
	loop_init();
	worker_init();
	svc.hooks = hooks_new(1000, nothing, NULL);
	poll_timer = loop_timer_new(poll_setup, NULL);
	ck_assert(svc.hooks != NULL && poll_timer != NULL);
	l = (struct ppp_link){ .svc = &svc, .ifindex = 7 };
}

static void
teardown(void)
{
	loop_timer_free(poll_timer);
	hooks_free(svc.hooks);
	worker_fini();
	loop_fini();
}

static void
await(void)
{
	loop_timer_set(poll_timer, 1);
	loop_run();
}

static void
up_with(unsigned int up_kbit, unsigned int down_kbit)
{
	l.grant.rate = (struct rate_limit){ up_kbit, down_kbit };
	link_net_up(&l);
}

/* Another may log in on the same link, whose interface stays. */
START_TEST(rate_goes_when_one_without_logs_in_on_the_same_link)
{
	up_with(96, 128);
	await();
	ck_assert_uint_eq(kernel.rates, 1);
	ck_assert_uint_eq(kernel.rate.up_kbit, 96);
	ck_assert_uint_eq(kernel.rate.down_kbit, 128);
	up_with(0, 0);
	await();
	ck_assert_uint_eq(kernel.rates, 2);
	ck_assert_uint_eq(kernel.rate.up_kbit, 0);
	ck_assert_uint_eq(kernel.rate.down_kbit, 0);
	/* There is nothing left to take away. */
	up_with(0, 0);
	await();
	ck_assert_uint_eq(kernel.rates, 2);
}
END_TEST

START_TEST(rate_that_changes_while_one_is_set_is_set_after_it)
{
	up_with(96, 128);
	up_with(0, 64);
	await();
	ck_assert_uint_eq(kernel.rates, 2);
	ck_assert_uint_eq(kernel.rate.up_kbit, 0);
	ck_assert_uint_eq(kernel.rate.down_kbit, 64);
}
END_TEST

START_TEST(routes_are_made_when_ip_comes_up_and_by_no_change_of_rate)
{
	l.grant.routes[0].bits = 24;
	l.grant.n_routes = 1;
	up_with(0, 0);
	await();
	ck_assert_uint_eq(kernel.routes, 1);
	ck_assert_uint_eq(kernel.rates, 0);
	l.grant.rate.up_kbit = 96;
	link_net_limit(&l);
	await();
	ck_assert_uint_eq(kernel.rates, 1);
	ck_assert_uint_eq(kernel.rate.up_kbit, 96);
	ck_assert_uint_eq(kernel.routes, 1);
	/* The interface was down: they had gone. */
	link_net_limit(&l);
	link_net_up(&l);
	await();
	ck_assert_uint_eq(kernel.routes, 2);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("link_net");
	TCase *tc = tcase_create("link_net");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, rate_goes_when_one_without_logs_in_on_the_same_link);
	tcase_add_test(tc, rate_that_changes_while_one_is_set_is_set_after_it);
	tcase_add_test(
	    tc, routes_are_made_when_ip_comes_up_and_by_no_change_of_rate);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
