/* SPDX-License-Identifier: ISC */
/* The limits of a link, with the loop, the worker and the interface faked. */

#include "fake_loop.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../include/worker.h"
#include "../../ppp/ifstats.h"
#include "../../ppp/link.h"

static struct ppp_link l;
static const char *stopped; /* the cause; NULL: it is not */

/* The worker. */
static worker_fn job_run, job_done;
static void *job_arg; /* NULL: it has nothing to do */
static bool no_worker;

/* The interface. */
static uint32_t packets;
static bool no_interface;

void
link_stop(struct ppp_link *link, enum lns_ppp_end why, enum cause code,
    const char *cause)
{
	ck_assert_ptr_eq(link, &l);
	ck_assert_int_eq(why, LNS_PPP_IDLE);
	ck_assert_int_eq(code, strcmp(cause, PPPD_IDLE_TIME) == 0
				   ? CAUSE_IDLE
				   : CAUSE_SESSION_TIME);
	ck_assert_ptr_null(stopped);
	stopped = cause;
}

int
worker_submit(worker_fn run, worker_fn done, void *arg)
{
	if (no_worker) {
		errno = ENOMEM;
		return -1;
	}
	ck_assert_ptr_null(job_arg);
	job_run = run;
	job_done = done;
	job_arg = arg;
	return 0;
}

bool
ifstats_read(const char *ifname, struct radius_usage *u)
{
	ck_assert_str_eq(ifname, "ppp7");
	*u = (struct radius_usage){ .rx_packets = packets };
	return !no_interface;
}

static void
work(void)
{
	void *arg = job_arg;

	ck_assert_ptr_nonnull(arg);
	job_arg = NULL;
	job_run(arg);
	job_done(arg);
}

/* Time passes in seconds, and the worker is quick. */
static void
pass(int s)
{
	for (; s > 0; s--) {
		fake_pass(1000);
		if (job_arg != NULL)
			work();
	}
}

static void
setup(void)
{
	memset(&l, 0, sizeof(l));
	snprintf(l.ifname, sizeof(l.ifname), "ppp7");
	l.up_at = fake_now;
	ck_assert(link_time_init(&l));
}

static void
teardown(void)
{
	link_time_fini(&l);
	if (job_arg != NULL)
		work();
	ck_assert(LIST_EMPTY(&fake_timers));
}

START_TEST(link_time_of_session_counts_from_when_it_was_up)
{
	fake_pass(3000);
	l.grant.session_timeout_s = 10;
	link_time_set_session(&l);
	fake_pass(6999);
	ck_assert_ptr_null(stopped);
	fake_pass(1);
	ck_assert_str_eq(stopped, PPPD_SESSION_TIME);
}
END_TEST

START_TEST(link_time_of_session_that_is_over_ends_it_at_once)
{
	fake_pass(30000);
	l.grant.session_timeout_s = 10;
	link_time_set_session(&l);
	fake_pass(0);
	ck_assert_str_eq(stopped, PPPD_SESSION_TIME);
}
END_TEST

START_TEST(link_time_of_session_without_limit_ends_nothing)
{
	l.grant.session_timeout_s = 10;
	link_time_set_session(&l);
	l.grant.session_timeout_s = 0;
	link_time_set_session(&l);
	fake_pass(100000);
	ck_assert_ptr_null(stopped);
	/* The most that RADIUS can say is no time in the past. */
	l.grant.session_timeout_s = UINT32_MAX;
	link_time_set_session(&l);
	fake_pass(100000);
	ck_assert_ptr_null(stopped);
}
END_TEST

START_TEST(link_time_idle_ends_it_after_the_last_packet)
{
	int i;

	l.grant.idle_timeout_s = 60;
	link_time_set_idle(&l);
	for (i = 0; i < 200; i++) {
		packets++;
		pass(1);
		ck_assert_ptr_null(stopped);
	}
	pass(59);
	ck_assert_ptr_null(stopped);
	pass(1 + 60 / 8);
	ck_assert_str_eq(stopped, PPPD_IDLE_TIME);
}
END_TEST

START_TEST(link_time_idle_taken_away_meanwhile_ends_nothing)
{
	l.grant.idle_timeout_s = 60;
	link_time_set_idle(&l);
	fake_pass(60000);
	ck_assert_ptr_nonnull(job_arg);
	l.grant.idle_timeout_s = 0;
	link_time_set_idle(&l);
	work();
	pass(1000);
	ck_assert_ptr_null(stopped);
}
END_TEST

START_TEST(link_time_idle_that_cannot_be_read_is_not_over)
{
	l.grant.idle_timeout_s = 60;
	link_time_set_idle(&l);
	no_interface = true;
	pass(300);
	no_interface = false;
	no_worker = true;
	pass(300);
	ck_assert_ptr_null(stopped);
	/* It is looked at as soon as it can be. */
	no_worker = false;
	packets++;
	pass(59);
	ck_assert_ptr_null(stopped);
	pass(60);
	ck_assert_str_eq(stopped, PPPD_IDLE_TIME);
}
END_TEST

START_TEST(link_time_link_that_ends_while_it_is_counted_is_left_alone)
{
	l.grant.idle_timeout_s = 60;
	l.grant.session_timeout_s = 61;
	link_time_set_idle(&l);
	link_time_set_session(&l);
	fake_pass(60000);
	ck_assert_ptr_nonnull(job_arg);
	link_time_end(&l);
	ck_assert_ptr_null(l.time.count);
	work();
	fake_pass(600000);
	ck_assert_ptr_null(stopped);
	ck_assert_ptr_null(job_arg);
}
END_TEST

/* teardown() lets the worker come to its end after the link has gone. */
START_TEST(link_time_link_that_is_freed_while_it_is_counted_is_left_alone)
{
	l.grant.idle_timeout_s = 60;
	link_time_set_idle(&l);
	fake_pass(60000);
	ck_assert_ptr_nonnull(job_arg);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("link_time");
	TCase *tc = tcase_create("link_time");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, link_time_of_session_counts_from_when_it_was_up);
	tcase_add_test(tc, link_time_of_session_that_is_over_ends_it_at_once);
	tcase_add_test(tc, link_time_of_session_without_limit_ends_nothing);
	tcase_add_test(tc, link_time_idle_ends_it_after_the_last_packet);
	tcase_add_test(tc, link_time_idle_taken_away_meanwhile_ends_nothing);
	tcase_add_test(tc, link_time_idle_that_cannot_be_read_is_not_over);
	tcase_add_test(
	    tc, link_time_link_that_ends_while_it_is_counted_is_left_alone);
	tcase_add_test(
	    tc, link_time_link_that_is_freed_while_it_is_counted_is_left_alone);
	suite_add_tcase(s, tc);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
