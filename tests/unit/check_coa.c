/* SPDX-License-Identifier: ISC */
/* Orders of RADIUS servers, and what they do to links. */
#include "aaa_world.h"

static struct {
	int fd;
	struct loop_io *io;
	struct radius_packet sent;
	size_t replies;
	uint32_t interim_s; /* to be told besides; 0: it is not */
	uint8_t code;	    /* of the last reply */
	uint8_t octets[RADIUS_PACKET_MAX];
	ssize_t len;
	void (*on_reply)(void);
} boss;

static void
take_reply(int fd, void *arg)
{
	struct radius_view v;

	(void)arg;
	boss.len = recv(fd, boss.octets, sizeof(boss.octets), 0);
	ck_assert_int_gt(boss.len, 0);
	ck_assert(radius_view(&v, boss.octets, (size_t)boss.len));
	ck_assert_int_eq(
	    radius_check_reply(&v, boss.sent.octets + 4, secret, true),
	    RADIUS_GOOD);
	boss.code = v.code;
	boss.replies++;
	if (boss.on_reply != NULL)
		boss.on_reply();
}

/* The service again, listening; and who speaks to it. */
static void
listen_to_orders(void)
{
	struct lns_addr at;
	int fd = open_port(&at);

	close(fd);
	ppp_service_free(svc);
	ppp->radius.coa_listen = at;
	svc = ppp_service_new(&conf, "/nowhere/lnsd-ppp->so", false);
	ck_assert_ptr_nonnull(svc);
	svc->pppd = "/proc/self/exe";
	memset(&boss, 0, sizeof(boss));
	boss.fd = radius_socket_to(&at);
	ck_assert_int_ne(boss.fd, -1);
	boss.io = loop_io_new(boss.fd, take_reply, NULL);
	ck_assert_ptr_nonnull(boss.io);
}

static void
boss_leaves(void)
{
	loop_io_free(boss.io);
	close(boss.fd);
}

static void
send_again(void)
{
	ck_assert_int_eq(send(boss.fd, boss.sent.octets, boss.sent.len, 0),
	    (ssize_t)boss.sent.len);
}

static void
give(enum radius_code code, const char *user, const char *with)
{
	static uint8_t id;
	struct radius_request rq = { .code = code };
	struct radius_seal seal = { .secret = with, .id = ++id };

	radius_add_text(&rq.attrs, RADIUS_USER_NAME, user);
	if (code == RADIUS_COA_REQUEST)
		radius_add_u32(&rq.attrs, RADIUS_SESSION_TIMEOUT, 1);
	if (boss.interim_s != 0)
		radius_add_u32(
		    &rq.attrs, RADIUS_ACCT_INTERIM_INTERVAL, boss.interim_s);
	ck_assert(radius_encode(&boss.sent, &rq, &seal));
	send_again();
}

/* It may still lie in the socket when the link has ended. */
static void
await_replies(size_t n)
{
	boss.on_reply = loop_stop;
	while (boss.replies < n)
		loop_run();
	ck_assert_uint_eq(boss.replies, n);
}

static void
disconnect_carol(void)
{
	/* The first one is not signed by a server of ours. */
	give(RADIUS_DISCONNECT_REQUEST, "carol", "wrong secret");
	give(RADIUS_DISCONNECT_REQUEST, "carol", secret);
}

START_TEST(aaa_session_is_ended_by_order)
{
	listen_to_orders();
	when_up = disconnect_carol;
	start(&first, "carol/secret/stay");
	loop_run();
	ck_assert_str_eq(first.cause, "disconnected by RADIUS");
	ck_assert_int_eq(first.why, LNS_PPP_ADMIN);
	await_replies(1);
	ck_assert_uint_eq(boss.code, RADIUS_DISCONNECT_ACK);
	boss_leaves();
}
END_TEST

static void
disconnect_another(void)
{
	give(RADIUS_DISCONNECT_REQUEST, "dave", secret);
}

static void
ask_twice(void)
{
	if (boss.replies == 1)
		send_again();
	else
		ppp_link_stop(first.link, CAUSE_ADMIN, "stopped");
}

START_TEST(aaa_order_about_nobody_is_refused_and_remembered)
{
	listen_to_orders();
	when_up = disconnect_another;
	boss.on_reply = ask_twice;
	start(&first, "carol/secret/stay");
	loop_run();
	ck_assert_str_eq(first.cause, "stopped");
	ck_assert_uint_eq(boss.replies, 2);
	ck_assert_uint_eq(boss.code, RADIUS_DISCONNECT_NAK);
	boss_leaves();
}
END_TEST

/* The session has gone, but it is the same order. */
START_TEST(aaa_order_that_comes_again_has_the_same_reply)
{
	listen_to_orders();
	when_up = disconnect_carol;
	start(&first, "carol/secret/stay");
	loop_run();
	await_replies(1);
	send_again();
	await_replies(2);
	ck_assert_uint_eq(boss.code, RADIUS_DISCONNECT_ACK);
	boss_leaves();
}
END_TEST

static void
change_carol(void)
{
	give(RADIUS_COA_REQUEST, "carol", secret);
}

START_TEST(aaa_session_time_is_changed_by_order)
{
	listen_to_orders();
	when_up = change_carol;
	start(&first, "carol/secret/stay");
	loop_run();
	ck_assert_uint_eq(boss.code, RADIUS_COA_ACK);
	ck_assert_str_eq(first.cause, "session time limit");
	ck_assert_int_eq(first.why, LNS_PPP_IDLE);
	boss_leaves();
}
END_TEST

static void
end_carol(void)
{
	ck_assert_uint_eq(boss.code, RADIUS_COA_NAK);
	ck_assert_uint_eq(first.link->grant.session_timeout_s, 0);
	ppp_link_stop(first.link, CAUSE_ADMIN, "stopped");
}

/* There is no accounting, so nothing of it is done. */
START_TEST(aaa_order_that_cannot_be_done_as_a_whole_is_not_done)
{
	listen_to_orders();
	boss.interim_s = 60;
	boss.on_reply = end_carol;
	when_up = change_carol;
	start(&first, "carol/secret/stay");
	loop_run();
	ck_assert_str_eq(first.cause, "stopped");
	ck_assert_uint_eq(boss.replies, 1);
	boss_leaves();
}
END_TEST

/* pppd has no timer then. */
START_TEST(aaa_session_time_is_kept_where_it_may_be_changed)
{
	listen_to_orders();
	ppp->session_timeout_s = 1;
	start(&first, "carol/secret/stay");
	loop_run();
	ck_assert_str_eq(first.cause, "session time limit");
	boss_leaves();
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *s = suite_create("coa");
	TCase *tc = tcase_create("coa");

	tcase_add_test(tc, aaa_session_is_ended_by_order);
	tcase_add_test(tc, aaa_order_about_nobody_is_refused_and_remembered);
	tcase_add_test(tc, aaa_order_that_comes_again_has_the_same_reply);
	tcase_add_test(tc, aaa_session_time_is_changed_by_order);
	tcase_add_test(
	    tc, aaa_order_that_cannot_be_done_as_a_whole_is_not_done);
	tcase_add_test(tc, aaa_session_time_is_kept_where_it_may_be_changed);
	return run_suite(argc, argv, s, tc);
}
