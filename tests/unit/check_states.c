/* SPDX-License-Identifier: ISC */
/* What whack --showstates says, and which states are out of date. */

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>

#include "../../ipsec/states.h"

#define ONE "\"anyone-203.0.113.1\"[2] 198.51.100.1"
#define TWO "\"anyone-203.0.113.1\"[3] 198.51.100.1"

static struct conf_peer peers[] = {
	{ .name = (char[]){ "anyone" }, .any = true, .psk = (char[]){ "x" } },
	{ .name = (char[]){ "branch" },
	    .address = { .family = 4, .ip = { 192, 0, 2, 7 } },
	    .psk = (char[]){ "x" } },
};
static const struct conf conf = { .peers = peers, .n_peers = nitems(peers) };
static struct states states;
static unsigned long numbers[32];

static void
teardown(void)
{
	states_clear(&states);
}

static struct lns_addr
addr(const char *ip, uint16_t port)
{
	struct lns_addr a = { .family = strchr(ip, ':') == NULL ? 4 : 6,
		.port = port };

	ck_assert_int_eq(
	    inet_pton(a.family == 4 ? AF_INET : AF_INET6, ip, a.ip), 1);
	return a;
}

static void
listed(const char *line)
{
	struct state st;

	ck_assert_msg(states_parse(&conf, line, &st), "%s", line);
	ck_assert_int_eq(states_add(&states, &st), 0);
}

static size_t
stale(const char *ip, uint16_t port, bool lost)
{
	const struct stale s = { addr(ip, port), lost };

	return states_choose(&states, &s, 1, numbers);
}

static bool
is_chosen(size_t n, unsigned long number)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (numbers[i] == number)
			return true;
	return false;
}

/* Written by libreswan 4.10, but for what follows the first semicolon. */
static const struct {
	const char *line;
	unsigned long n;
	const char *ip;
	uint16_t port;
	bool phase1;
	const char *conn;
} good[] = {
	{ "000 #1: " ONE ":4500 STATE_MAIN_R3 (IKE SA established); "
	  "SA_REPLACE in 28000s; newest; lastdpd=5s(seq in:0 out:1); idle;",
	    1, "198.51.100.1", 4500, true, "\"anyone-203.0.113.1\"[2]" },
	{ "000 #22: " ONE ":61000 STATE_QUICK_R2 (IPsec SA established); "
	  "SA_EXPIRE in 3000s; newest; eroute owner; IKE SA #1; idle;",
	    22, "198.51.100.1", 61000, false, "\"anyone-203.0.113.1\"[2]" },
	{ "000 #3: \"branch-203.0.113.1\":500 STATE_QUICK_I2 (IPsec SA "
	  "established); SA_REPLACE in 10s;",
	    3, "192.0.2.7", 500, false, "\"branch-203.0.113.1\"" },
	{ "#4: \"anyone-203.0.113.1\"[1] 2001:db8::7:500 STATE_AGGR_R2 (IKE "
	  "SA established); SA_EXPIRE in 10s;",
	    4, "2001:db8::7", 500, true, "\"anyone-203.0.113.1\"[1]" },
	/* 5.3 */
	{ "#5: " ONE ":4500 MAIN_R3 (established IKE SA); idle;", 5,
	    "198.51.100.1", 4500, true, "\"anyone-203.0.113.1\"[2]" },
};

START_TEST(states_line_is_read)
{
	struct lns_addr a = addr(good[_i].ip, good[_i].port);
	struct state st;

	ck_assert(states_parse(&conf, good[_i].line, &st));
	ck_assert_uint_eq(st.n, good[_i].n);
	ck_assert(lns_same_ip(&st.peer, &a));
	ck_assert_uint_eq(st.peer.port, a.port);
	ck_assert_uint_eq(st.phase1, good[_i].phase1);
	ck_assert_str_eq(st.conn, good[_i].conn);
}
END_TEST

static const char *const others[] = {
	"",
	"000 ",
	"000 #",
	"000 #1",
	"000 #1: ",
	"000 #1: \"",
	"000 #1: \"anyone-203.0.113.1\"",
	"000 #1: \"anyone-203.0.113.1\"[",
	"000 #1: \"anyone-203.0.113.1\"[2] ",
	"000 #1: " ONE,
	"000 #1: " ONE ":",
	"000 #1: " ONE ":4500",
	"000 #1: " ONE ":4500 ",
	"000 #1: " ONE ":0 STATE_MAIN_R3 (IKE SA established);",
	"000 #1: " ONE ":65536 STATE_MAIN_R3 (IKE SA established);",
	"000 #1: " ONE ":4500(tcp) STATE_MAIN_R3 (IKE SA established);",
	"000 #1: \"anyone-203.0.113.1\"[2] x.y:4500 STATE_MAIN_R3 (x);",
	"000 #1: \"anyone-203.0.113.1\":4500 STATE_MAIN_R3 (x);",
	/* On its way. */
	"000 #1: " ONE ":4500 STATE_MAIN_R2 (sent Main Mode R2);",
	"000 #2: " ONE ":4500 STATE_QUICK_R1 (sent Quick Mode reply);",
	/* The details of an IPsec SA. */
	"000 #2: " ONE " esp.66e695be@198.51.100.1 esp.e9393d16@203.0.113.1 "
	"Traffic: ESPin=1KiB ESPout=1KiB ESPmax=2^63B ",
	/* Nothing of ours. */
	"000 #1: \"office\"[2] 198.51.100.1:4500 STATE_MAIN_R3 (x);",
	"000 Total IPsec connections: loaded 1, active 0",
};

START_TEST(states_other_lines_are_not)
{
	struct state st;

	ck_assert_msg(
	    !states_parse(&conf, others[_i], &st), "'%s'", others[_i]);
}
END_TEST

START_TEST(states_dialled_again_keeps_the_newest)
{
	size_t n;

	listed("000 #2: " ONE ":4500 STATE_QUICK_R2 (x);");
	listed("000 #1: " ONE ":4500 STATE_MAIN_R3 (x);");
	listed("000 #6: " ONE ":4500 STATE_QUICK_R2 (x);");
	listed("000 #5: " ONE ":4500 STATE_MAIN_R3 (x);");
	/* Others, at the same address and elsewhere. */
	listed("000 #4: " ONE ":4501 STATE_QUICK_R2 (x);");
	listed("000 #3: " ONE ":4501 STATE_MAIN_R3 (x);");
	listed("000 #8: \"branch-203.0.113.1\":4500 STATE_QUICK_R2 (x);");
	listed("000 #7: \"branch-203.0.113.1\":4500 STATE_QUICK_R2 (x);");
	n = stale("198.51.100.1", 4500, false);
	ck_assert_uint_eq(n, 2);
	ck_assert(is_chosen(n, 1));
	ck_assert(is_chosen(n, 2));
}
END_TEST

START_TEST(states_client_without_nat_has_port_500)
{
	listed("000 #1: " ONE ":500 STATE_MAIN_R3 (x);");
	listed("000 #2: " ONE ":500 STATE_QUICK_R2 (x);");
	listed("000 #3: " ONE ":500 STATE_QUICK_R2 (x);");
	ck_assert_uint_eq(stale("198.51.100.1", 0, false), 1);
	ck_assert_uint_eq(numbers[0], 2);
}
END_TEST

/* Its SAs may be good for when it comes back. */
START_TEST(states_of_a_lost_client_stay)
{
	listed("000 #1: " ONE ":4500 STATE_MAIN_R3 (x);");
	listed("000 #2: " ONE ":4500 STATE_QUICK_R2 (x);");
	listed("000 #3: " TWO ":4501 STATE_MAIN_R3 (x);");
	listed("000 #4: " TWO ":4501 STATE_QUICK_R2 (x);");
	ck_assert_uint_eq(stale("198.51.100.1", 4500, true), 0);
}
END_TEST

START_TEST(states_of_a_lost_client_go_if_they_would_take_others_along)
{
	size_t n;

	listed("000 #1: " ONE ":4500 STATE_MAIN_R3 (x);");
	listed("000 #2: " ONE ":4500 STATE_QUICK_R2 (x);");
	listed("000 #3: " ONE ":4501 STATE_MAIN_R3 (x);");
	listed("000 #4: " ONE ":4501 STATE_QUICK_R2 (x);");
	n = stale("198.51.100.1", 4500, true);
	ck_assert_uint_eq(n, 2);
	ck_assert(is_chosen(n, 1));
	ck_assert(is_chosen(n, 2));
}
END_TEST

START_TEST(states_many_clients_are_asked_for_at_once)
{
	const struct stale asked[] = { { addr("192.0.2.7", 4500), false },
		{ addr("198.51.100.1", 4500), false },
		{ addr("198.51.100.1", 4500), true },
		{ addr("2001:db8::7", 0), false } };
	size_t n;

	ck_assert_uint_eq(
	    states_choose(&states, asked, nitems(asked), numbers), 0);
	listed("000 #1: " ONE ":4500 STATE_MAIN_R3 (x);");
	listed("000 #2: " ONE ":4500 STATE_MAIN_R3 (x);");
	listed("000 #3: " ONE ":4501 STATE_MAIN_R3 (x);");
	listed("000 #8: \"branch-203.0.113.1\":4500 STATE_QUICK_R2 (x);");
	listed("000 #7: \"branch-203.0.113.1\":4500 STATE_QUICK_R2 (x);");
	n = states_choose(&states, asked, nitems(asked), numbers);
	ck_assert_uint_eq(n, 3);
	ck_assert(is_chosen(n, 1));
	ck_assert(is_chosen(n, 2));
	ck_assert(is_chosen(n, 7));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("states");
	TCase *t = tcase_create("states");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_loop_test(t, states_line_is_read, 0, nitems(good));
	tcase_add_loop_test(t, states_other_lines_are_not, 0, nitems(others));
	tcase_add_test(t, states_dialled_again_keeps_the_newest);
	tcase_add_test(t, states_client_without_nat_has_port_500);
	tcase_add_test(t, states_of_a_lost_client_stay);
	tcase_add_test(
	    t, states_of_a_lost_client_go_if_they_would_take_others_along);
	tcase_add_test(t, states_many_clients_are_asked_for_at_once);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
