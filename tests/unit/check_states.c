/* SPDX-License-Identifier: ISC */
/* What whack --showstates says, and which states are out of date. */

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../ipsec/states.h"

static struct conf_peer peers[] = {
	{ .name = (char[]){ "anyone" }, .any = true },
	{ .name = (char[]){ "branch" },
	    .address = { .family = 4, .ip = { 192, 0, 2, 7 } } },
};
static const struct conf conf = { .peers = peers, .n_peers = nitems(peers) };
static struct states states;
static struct stale asked[8];
static size_t n_asked;
static char text[256]; /* the numbers chosen */

static void
setup(void)
{
	n_asked = 0;
}

static void
teardown(void)
{
	states_clear(&states);
}

static void
take(const char *line)
{
	ck_assert_int_eq(states_take(&states, line), 0);
}

/* Between us at local and a client at one address. */
static const char *
conn_at(const char *local, unsigned int instance)
{
	static char buf[128];

	snprintf(buf, sizeof(buf), "\"anyone-%s\"[%u] 198.51.100.1", local,
	    instance);
	return buf;
}

static void
phase1(unsigned long n, const char *conn, unsigned int port)
{
	char line[256];

	snprintf(line, sizeof(line),
	    "000 #%lu: %s:%u STATE_MAIN_R3 (IKE SA established); EXPIRE in "
	    "28792s; newest; lastdpd=-1s(seq in:0 out:0); idle;",
	    n, conn, port);
	take(line);
}

/* Its SPIs are 0xa000 + n, out, and n, in. */
static void
phase2(
    unsigned long n, const char *conn, unsigned int port, unsigned long parent)
{
	char line[256];

	snprintf(line, sizeof(line),
	    "000 #%lu: %s:%u STATE_QUICK_R2 (IPsec SA established); EXPIRE in "
	    "28792s; newest; eroute owner; ISAKMP SA #%lu; idle;",
	    n, conn, port, parent);
	take(line);
	snprintf(line, sizeof(line),
	    "000 #%lu: %s esp.%lx@198.51.100.1 esp.%lx@203.0.113.1 Traffic: "
	    "ESPin=535B ESPout=509B ESPmax=2^63B ",
	    n, conn, 0xa000 + n, n);
	take(line);
}

/* The states of a call; its IKE SA is #n, its IPsec SA #n+1. */
static void
call(unsigned long n, const char *conn, unsigned int port)
{
	phase1(n, conn, port);
	phase2(n + 1, conn, port, n);
}

static void
stale(uint32_t spi, bool lost)
{
	asked[n_asked++] = (struct stale){ spi, lost };
}

static int
by_number(const void *va, const void *vb)
{
	const unsigned long *a = va, *b = vb;

	return *a < *b ? -1 : *a > *b;
}

static const char *
chosen(void)
{
	unsigned long numbers[32];
	size_t i, n, at = 0;

	ck_assert_uint_le(states.n, nitems(numbers));
	n = states_choose(&states, &conf, asked, n_asked, numbers);
	qsort(numbers, n, sizeof(*numbers), by_number);
	text[0] = '\0';
	for (i = 0; i < n; i++)
		at += (size_t)snprintf(
		    text + at, sizeof(text) - at, " %lu", numbers[i]);
	return text;
}

static const struct {
	const char *line, *details;
	unsigned long n, parent;
	uint32_t spi;
	uint16_t port;
	bool phase1;
	const char *conn;
} good[] = {
	/* 4.10 */
	{ "000 #3: \"anyone-203.0.113.1\"[3] 198.51.100.1:4500 STATE_MAIN_R3 "
	  "(IKE SA established); EXPIRE in 28785s; lastdpd=-1s(seq in:0 "
	  "out:0); idle;",
	    "", 3, 0, 0, 4500, true, "\"anyone-203.0.113.1\"[3] 198.51.100.1" },
	{ "000 #4: \"anyone-203.0.113.1\"[3] 198.51.100.1:4500 STATE_QUICK_R2 "
	  "(IPsec SA established); EXPIRE in 28796s; newest; eroute owner; "
	  "ISAKMP SA #3; idle;",
	    "000 #4: \"anyone-203.0.113.1\"[3] 198.51.100.1 "
	    "esp.4291233@198.51.100.1 esp.c14267a@203.0.113.1 Traffic: "
	    "ESPin=539B ESPout=509B ESPmax=2^63B ",
	    4, 3, 0xc14267a, 4500, false,
	    "\"anyone-203.0.113.1\"[3] 198.51.100.1" },
	/* As 4.10 does it. */
	{ "000 #5: \"branch-203.0.113.1\":500 STATE_QUICK_I2 (IPsec SA "
	  "established); REPLACE in 10s; ISAKMP SA #1; idle;",
	    "000 #5: \"branch-203.0.113.1\" used 3s ago; esp.1@192.0.2.7 "
	    "esp.ffffffff@203.0.113.1 Traffic: ",
	    5, 1, 0xffffffff, 500, false, "\"branch-203.0.113.1\"" },
	{ "000 #6: \"anyone-2001:db8::1\"[1] 2001:db8::7:500 STATE_QUICK_R2 "
	  "(IPsec SA established); EXPIRE in 10s; ISAKMP SA #4; idle;",
	    "000 #6: \"anyone-2001:db8::1\"[1] 2001:db8::7 "
	    "esp.1@2001:db8::7 esp.2@2001:db8::1 Traffic: ",
	    6, 4, 2, 500, false, "\"anyone-2001:db8::1\"[1] 2001:db8::7" },
	/* 5.3 */
	{ "#7: \"anyone-203.0.113.1\"[3] 198.51.100.1:4500 MAIN_R3 "
	  "(established IKE SA); idle;",
	    "", 7, 0, 0, 4500, true, "\"anyone-203.0.113.1\"[3] 198.51.100.1" },
};

START_TEST(states_line_is_read)
{
	const struct state *st;

	take(good[_i].line);
	take(good[_i].details);
	ck_assert_uint_eq(states.n, 1);
	st = &states.at[0];
	ck_assert_uint_eq(st->n, good[_i].n);
	ck_assert_uint_eq(st->parent, good[_i].parent);
	ck_assert_uint_eq(st->spi, good[_i].spi);
	ck_assert_uint_eq(st->port, good[_i].port);
	ck_assert_uint_eq(st->phase1, good[_i].phase1);
	ck_assert_str_eq(st->conn, good[_i].conn);
}
END_TEST

START_TEST(states_line_cut_anywhere_does_no_harm)
{
	const char *whole[] = { good[_i].line, good[_i].details };
	char line[256];
	size_t i, len;

	for (i = 0; i < nitems(whole); i++)
		for (len = 0; len <= strlen(whole[i]); len++) {
			snprintf(
			    line, sizeof(line), "%.*s", (int)len, whole[i]);
			take(line);
		}
}
END_TEST

#define ONE "\"anyone-203.0.113.1\"[2] 198.51.100.1"

static const char *const others[] = {
	"",
	"000 ",
	"000 #1: ",
	"000 #1: x",
	"000 #1: \"anyone-203.0.113.1\"[2",
	"000 #1: " ONE ":0 STATE_MAIN_R3 (IKE SA established);",
	"000 #1: " ONE ":65536 STATE_MAIN_R3 (IKE SA established);",
	"000 #1: " ONE ":4500(tcp) STATE_MAIN_R3 (IKE SA established);",
	/* On its way. */
	"000 #1: " ONE ":4500 STATE_MAIN_R2 (sent Main Mode R2);",
	"000 #2: " ONE ":4500 STATE_QUICK_R1 (sent Quick Mode reply);",
	/* Of a state that was not listed. */
	"000 #2: " ONE " esp.66e695be@198.51.100.1 esp.e9393d16@203.0.113.1 "
	"Traffic: ",
	"000 Total IPsec connections: loaded 1, active 0",
};

START_TEST(states_other_lines_are_not)
{
	take(others[_i]);
	ck_assert_uint_eq(states.n, 0);
}
END_TEST

START_TEST(states_of_before_go_when_the_client_has_dialled_again)
{
	const char *one = conn_at("203.0.113.1", 2);

	call(1, one, 4500);
	call(5, one, 4500);
	/* Another one, older. */
	call(3, one, 4501);
	stale(2, false);
	ck_assert_str_eq(chosen(), " 1 2");
}
END_TEST

/* What else a client has, with the same address and port. */
START_TEST(states_that_were_not_named_stay)
{
	/* Two programs of one PC, each with an SA by the same IKE SA; one has
	 * dialled again. */
	phase1(1, conn_at("203.0.113.1", 2), 4500);
	phase2(2, conn_at("203.0.113.1", 2), 4500, 1);
	phase2(3, conn_at("203.0.113.1", 2), 4500, 1);
	phase2(4, conn_at("203.0.113.1", 2), 4500, 1);
	/* Two PCs that a NAT gives one port, since they dial two addresses. */
	call(5, conn_at("203.0.113.9", 3), 4500);
	call(7, conn_at("203.0.113.9", 3), 4501);
	stale(2, false);
	ck_assert_str_eq(chosen(), " 2");
}
END_TEST

START_TEST(states_that_were_not_replaced_stay)
{
	call(1, conn_at("203.0.113.1", 2), 4500);
	stale(2, false);
	ck_assert_str_eq(chosen(), "");
	/* Nor is the IKE SA, which has been renewed, to go. */
	phase1(3, conn_at("203.0.113.1", 2), 4500);
	ck_assert_str_eq(chosen(), "");
}
END_TEST

START_TEST(states_phase1_that_was_renewed_before_goes_too)
{
	call(1, conn_at("203.0.113.1", 2), 4500);
	phase1(3, conn_at("203.0.113.1", 2), 4500);
	call(5, conn_at("203.0.113.1", 2), 4500);
	/* And the one that the client renews just now does not. */
	phase1(7, conn_at("203.0.113.1", 2), 4500);
	stale(2, false);
	ck_assert_str_eq(chosen(), " 1 2 3");
}
END_TEST

/* Its SAs may be good for when it comes back. */
START_TEST(states_of_a_lost_client_stay)
{
	call(1, conn_at("203.0.113.1", 2), 4500);
	call(3, conn_at("203.0.113.1", 3), 4501);
	stale(2, true);
	ck_assert_str_eq(chosen(), "");
}
END_TEST

START_TEST(states_of_a_lost_client_go_if_they_would_take_others_along)
{
	call(1, conn_at("203.0.113.1", 2), 4500);
	call(3, conn_at("203.0.113.1", 2), 4501);
	phase1(5, conn_at("203.0.113.1", 2), 4500);
	stale(2, true);
	ck_assert_str_eq(chosen(), " 1 2 5");
}
END_TEST

START_TEST(states_lost_client_that_is_back_keeps_what_is_new)
{
	call(1, conn_at("203.0.113.1", 2), 4500);
	call(3, conn_at("203.0.113.1", 2), 4501);
	call(5, conn_at("203.0.113.1", 2), 4500);
	phase1(7, conn_at("203.0.113.1", 2), 4500);
	stale(2, true);
	stale(2, false);
	ck_assert_str_eq(chosen(), " 1 2");
}
END_TEST

/* Without the number of its IKE SA, any may be needed. */
START_TEST(states_phase1_of_an_unknown_child_stays)
{
	call(1, conn_at("203.0.113.1", 2), 4500);
	call(5, conn_at("203.0.113.1", 2), 4500);
	take("000 #7: " ONE ":4500 STATE_QUICK_R2 (IPsec SA established);");
	stale(2, false);
	ck_assert_str_eq(chosen(), " 2");
}
END_TEST

START_TEST(states_of_others_in_the_same_pluto_stay)
{
	static const char office[] = "\"office\"[2] 198.51.100.1";

	call(1, office, 4500);
	call(3, office, 4500);
	stale(2, false);
	ck_assert_str_eq(chosen(), "");
}
END_TEST

START_TEST(states_many_are_asked_for_at_once)
{
	unsigned long i;

	ck_assert_str_eq(chosen(), "");
	for (i = 0; i < 4; i++) {
		call(8 * i + 1, conn_at("203.0.113.1", (unsigned int)i), 4500);
		call(8 * i + 5, conn_at("203.0.113.1", (unsigned int)i), 4500);
	}
	ck_assert_str_eq(chosen(), "");
	stale(26, false);
	stale(2, false);
	stale(99, false);
	stale(0, false);
	ck_assert_str_eq(chosen(), " 1 2 25 26");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("states");
	TCase *t = tcase_create("states");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, states_line_is_read, 0, nitems(good));
	tcase_add_loop_test(
	    t, states_line_cut_anywhere_does_no_harm, 0, nitems(good));
	tcase_add_loop_test(t, states_other_lines_are_not, 0, nitems(others));
	tcase_add_test(
	    t, states_of_before_go_when_the_client_has_dialled_again);
	tcase_add_test(t, states_that_were_not_named_stay);
	tcase_add_test(t, states_that_were_not_replaced_stay);
	tcase_add_test(t, states_phase1_that_was_renewed_before_goes_too);
	tcase_add_test(t, states_of_a_lost_client_stay);
	tcase_add_test(
	    t, states_of_a_lost_client_go_if_they_would_take_others_along);
	tcase_add_test(t, states_lost_client_that_is_back_keeps_what_is_new);
	tcase_add_test(t, states_phase1_of_an_unknown_child_stays);
	tcase_add_test(t, states_of_others_in_the_same_pluto_stay);
	tcase_add_test(t, states_many_are_asked_for_at_once);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
