/* SPDX-License-Identifier: ISC */
/* What is told of a link, and when. */
#include "aaa_world.h"

/* The service again, with accounting. */
static void
account(void)
{
	struct lns_addr at;

	ppp_service_free(svc);
	server.acct_fd = open_port(&at);
	server.acct_io = loop_io_new(server.acct_fd, serve_acct, NULL);
	ck_assert_ptr_nonnull(server.acct_io);
	ppp->radius.accounting = true;
	ppp->radius.accounting_port = at.port;
	ppp->radius.tries = 2;
	svc = ppp_service_new(&conf, "/nowhere/lnsd-ppp->so", false);
	ck_assert_ptr_nonnull(svc);
	svc->pppd = "/proc/self/exe";
}

static void
stop_loop(void *arg)
{
	(void)arg;
	loop_stop();
}

static void
finish(void)
{
	ppp_service_finish(svc, stop_loop, NULL);
	loop_run();
}

static void
assert_told(const uint32_t *status, size_t n)
{
	size_t i;

	ck_assert_uint_eq(server.n_told, n);
	for (i = 0; i < n; i++)
		ck_assert_msg(server.told[i] == status[i], "record %zu is %u",
		    i, server.told[i]);
}

static struct radius_view stop_record;
static struct radius_packet stop_packet;

static void
keep_stop(uint32_t status)
{
	if (status != RADIUS_ACCT_STOP)
		return;
	stop_packet = server.last;
	ck_assert(
	    radius_view(&stop_record, stop_packet.octets, stop_packet.len));
}

START_TEST(aaa_session_is_accounted_for)
{
	static const uint32_t want[] = { RADIUS_ACCT_ON, RADIUS_ACCT_START,
		RADIUS_ACCT_STOP, RADIUS_ACCT_OFF };

	account();
	server.on_record = keep_stop;
	run(&first, "carol/secret/x");
	finish();
	assert_told(want, nitems(want));
	ck_assert_uint_eq(
	    number_in(&stop_record, RADIUS_ACCT_INPUT_GIGAWORDS), 1);
	ck_assert_uint_eq(number_in(&stop_record, RADIUS_ACCT_INPUT_OCTETS),
	    5000000000u & 0xffffffff);
	ck_assert_uint_eq(
	    number_in(&stop_record, RADIUS_ACCT_OUTPUT_OCTETS), 300);
	ck_assert_uint_eq(
	    number_in(&stop_record, RADIUS_ACCT_INPUT_PACKETS), 70);
	ck_assert_uint_eq(
	    number_in(&stop_record, RADIUS_ACCT_OUTPUT_PACKETS), 3);
	ck_assert_uint_eq(number_in(&stop_record, RADIUS_ACCT_TERMINATE_CAUSE),
	    RADIUS_LOST_CARRIER);
	ck_assert_uint_eq(number_in(&stop_record, RADIUS_FRAMED_IP_ADDRESS),
	    ntohl(inet_addr("10.0.0.2")));
	ck_assert_uint_eq(number_in(&stop_record, RADIUS_ACCT_AUTHENTIC), 1);
}
END_TEST

START_TEST(aaa_user_of_the_configuration_is_accounted_for)
{
	account();
	server.on_record = keep_stop;
	run(&first, "alice/local/x");
	finish();
	ck_assert_uint_eq(server.n_told, 4);
	ck_assert_uint_eq(number_in(&stop_record, RADIUS_ACCT_AUTHENTIC), 2);
}
END_TEST

START_TEST(aaa_who_was_never_up_is_not_accounted_for)
{
	static const uint32_t want[] = { RADIUS_ACCT_ON, RADIUS_ACCT_OFF };

	account();
	run(&first, "carol/guess/x");
	finish();
	assert_told(want, nitems(want));
}
END_TEST

START_TEST(aaa_record_that_is_lost_is_sent_again)
{
	static const uint32_t want[] = { RADIUS_ACCT_ON, RADIUS_ACCT_OFF };

	account();
	server.ignore = 1;
	finish();
	ck_assert_uint_eq(server.n_told, 2);
	/* The first one came second. */
	ck_assert_uint_eq(server.told[0], want[1]);
	ck_assert_uint_eq(server.told[1], want[0]);
}
END_TEST

/* It does not hold up the end for ever. */
START_TEST(aaa_silent_accounting_server_does_not_keep_us)
{
	account();
	server.ignore = SIZE_MAX;
	run(&first, "carol/secret/x");
	finish();
	ck_assert_uint_eq(server.n_told, 0);
}
END_TEST

static void
stop_at_interim(uint32_t status)
{
	if (status == RADIUS_ACCT_INTERIM)
		ppp_link_stop(first.link, CAUSE_SHUTDOWN, "the server stops");
	keep_stop(status);
}

START_TEST(aaa_session_that_lasts_is_accounted_for_meanwhile)
{
	static const uint32_t want[] = { RADIUS_ACCT_ON, RADIUS_ACCT_START,
		RADIUS_ACCT_INTERIM, RADIUS_ACCT_STOP, RADIUS_ACCT_OFF };

	account();
	ppp->radius.accounting_interval_s = 1;
	server.on_record = stop_at_interim;
	start(&first, "carol/secret/stay");
	loop_run();
	finish();
	assert_told(want, nitems(want));
	ck_assert_uint_eq(number_in(&stop_record, RADIUS_ACCT_TERMINATE_CAUSE),
	    RADIUS_ADMIN_REBOOT);
	ck_assert_uint_ge(number_in(&stop_record, RADIUS_ACCT_SESSION_TIME), 1);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *s = suite_create("aaa_acct");
	TCase *tc = tcase_create("aaa_acct");

	tcase_add_test(tc, aaa_session_is_accounted_for);
	tcase_add_test(tc, aaa_user_of_the_configuration_is_accounted_for);
	tcase_add_test(tc, aaa_who_was_never_up_is_not_accounted_for);
	tcase_add_test(tc, aaa_record_that_is_lost_is_sent_again);
	tcase_add_test(tc, aaa_silent_accounting_server_does_not_keep_us);
	tcase_add_test(tc, aaa_session_that_lasts_is_accounted_for_meanwhile);
	return run_suite(argc, argv, s, tc);
}
