/* SPDX-License-Identifier: ISC */

/* The documented trace, line by line; and the wording of single AVPs. */

#include "l2tp_world.h"

#include "../../lnsd/l2tp/trace.h"

static struct world w;

static void
set_ids(uint16_t tid, uint16_t sid, char out[][WORLD_TEXT], size_t n)
{
	/* The sample's numbers instead of those that chance gave us. */
	char text[WORLD_TEXT], num[8], *at;
	size_t i, k;
	const struct {
		uint16_t id;
		const char *text;
	} subst[] = { { tid, "32882" }, { sid, "16892" } };

	for (i = 0; i < n; i++)
		for (k = 0; k < 2; k++) {
			snprintf(num, sizeof(num), "%u", subst[k].id);
			at = strstr(out[i], num);
			if (subst[k].id == 0 || at == NULL)
				continue;
			snprintf(text, sizeof(text), "%.*s%s%s",
			    (int)(at - out[i]), out[i], subst[k].text,
			    at + strlen(num));
			strcpy(out[i], text);
		}
}

static void
trace_world(bool trace, bool keepalive_log, uint32_t interval, uint32_t count)
{
	struct lns_peer p = world_peer();
	const struct lns_config c = { .hostname = "RTX1200",
		.vendor = "YAMAHA Corporation",
		.firmware = 0x500,
		.rws = 1,
		.trace = trace,
		.keepalive_log = keepalive_log,
		.peers = &p,
		.n_peers = 1 };

	p.keepalive_interval_s = interval;
	p.keepalive_count = count;
	world_init(&w, &c, NULL);
}

START_TEST(trace_of_a_whole_connection_is_the_documented_one)
{
	size_t i;

	trace_world(true, false, 0, 0);
	world_session_up(&w);
	world_say(&w, L2TP_STOPCCN);
	set_ids(w.tid, w.sid, w.lines, w.n_lines);
	world_expect_lines(&w,
	    " recv message AVPs :", "   (0)message type SCCRQ",
	    "   (2)protocol version 1 revision 0", "   (7)hostname anonymous",
	    "   (3)framing capability Abit:1 Sbit:0",
	    "   (9)assigned tunnel id 61471", "   (10)receive window size 1",
	    " recv SCCRQ in idle from 203.0.113.1",
	    "TUNNEL[1] connected from 203.0.113.1",
	    " send message AVPs :", "   set (0)message type SCCRP",
	    "   set (2)protocol version 1 revision 0",
	    "   set (3)framing capability sync",
	    "   set (4)bearer capability 0",
	    "   set (6)firmware revision 0x500", "   set (7)hostname RTX1200",
	    "   set (8)vendorname YAMAHA Corporation",
	    "   set (9)assigned tunnel id 32882",
	    "   set (10)receive window size 1", " send SCCRP to 203.0.113.1",
	    " recv message AVPs :", "   (0)message type SCCCN",
	    " recv SCCCN in wait_ctl_conn from 203.0.113.1",
	    " send ZLB to 203.0.113.1", "TUNNEL[1] tunnel 32882 established",
	    " recv message AVPs :", "   (0)message type ICRQ",
	    "   (14)assigned session id 6819",
	    "   (15)call serial number 1548737386",
	    " recv ICRQ in idle from 203.0.113.1",
	    " send message AVPs :", "   set (0)message type ICRP",
	    "   set (14)assigned session id 16892", " send ICRP to 203.0.113.1",
	    " recv message AVPs :", "   (0)message type ICCN",
	    "   (24)tx connect speed 100Mbit/s", "   (19)framing type 3",
	    " recv ICCN in wait_connect from 203.0.113.1",
	    " send ZLB to 203.0.113.1", "TUNNEL[1] session 16892 established",
	    " recv message AVPs :", "   (0)message type StopCCN",
	    "   (9)assigned StopCCN tunnel id 61471", "   (1)result code 6",
	    " recv StopCCN in established from 203.0.113.1",
	    " send ZLB to 203.0.113.1",
	    "TUNNEL[1] disconnect session 16892 complete",
	    "TUNNEL[1] disconnect tunnel 32882 complete");
	for (i = 0; i < w.n_lines; i++)
		ck_assert_int_eq(
		    w.levels[i], w.lines[i][0] == ' ' ? LOG_DEBUG : LOG_INFO);
	world_fini(&w);
}
END_TEST

START_TEST(trace_switched_off_leaves_the_life_cycle)
{
	trace_world(false, false, 0, 0);
	world_session_up(&w);
	world_say(&w, L2TP_STOPCCN);
	set_ids(w.tid, w.sid, w.lines, w.n_lines);
	world_expect_lines(&w, "TUNNEL[1] connected from 203.0.113.1",
	    "TUNNEL[1] tunnel 32882 established",
	    "TUNNEL[1] session 16892 established",
	    "TUNNEL[1] disconnect session 16892 complete",
	    "TUNNEL[1] disconnect tunnel 32882 complete");
	world_fini(&w);
}
END_TEST

START_TEST(trace_of_a_keepalive_failure_is_the_documented_one)
{
	trace_world(false, true, 10, 6);
	world_session_up(&w);
	world_clear(&w);
	world_pass(&w, 10000);
	world_say(&w, L2TP_ZLB);
	world_expect_lines(&w, " set (0)message type HELLO",
	    " keepalive HELLO send to 203.0.113.1",
	    " recv ZLB from 203.0.113.1");
	world_clear(&w);
	world_pass(&w, 70000);
	set_ids(w.tid, w.sid, w.lines, w.n_lines);
#define SENT \
	" set (0)message type HELLO", " keepalive HELLO send to 203.0.113.1"
	world_expect_lines(&w, SENT, " keepalive timeout count=6", SENT,
	    " keepalive timeout count=5", SENT, " keepalive timeout count=4",
	    SENT, " keepalive timeout count=3", SENT,
	    " keepalive timeout count=2", SENT, " keepalive timeout count=1",
	    "keepalive timer expired tunnel 32882",
	    "disconnecting tunnel 32882",
	    " send Message AVPs :", "   set (0)message type StopCCN",
	    "   set (9)assigned tunnel id 32882", "   set (1)resultcode 2",
	    " send StopCCN to 203.0.113.1",
	    "TUNNEL[1] disconnect session 16892 complete");
	world_fini(&w);
}
END_TEST

START_TEST(trace_keepalive_without_its_switch_says_only_the_end)
{
	trace_world(false, false, 10, 2);
	world_session_up(&w);
	world_clear(&w);
	world_pass(&w, 30000);
	set_ids(w.tid, w.sid, w.lines, w.n_lines);
	world_expect_lines(&w, "keepalive timer expired tunnel 32882",
	    "disconnecting tunnel 32882",
	    "TUNNEL[1] disconnect session 16892 complete");
	world_fini(&w);
}
END_TEST

static const struct line {
	uint16_t flags, vendor, type, msg;
	bool sent;
	const char *value;
	size_t len;
	const char *want;
} lines[] = {
#define AV(v) v, sizeof(v) - 1
	{ 0, 0, 0, 0, false, AV("\0\6"), "(0)message type HELLO" },
	{ 0, 0, 0, 0, false, AV("\0\5"), "(0)message type unknown" },
	{ 0, 0, 1, 4, false, AV("\0\6"), "(1)result code 6" },
	{ 0, 0, 1, 4, false, AV("\0\2\0\6bye"), "(1)result code 2" },
	{ 0, 0, 1, 14, false, AV("\3\0abcdef"), "(1)result code 3" },
	{ 0, 0, 1, 14, true, AV("\0\3\0\0"), "set (1)resultcode 3" },
	{ 0, 0, 1, 14, false, AV("\0"), "(1)result code malformed" },
	{ 0, 0, 2, 1, false, AV("\1\3"), "(2)protocol version 1 revision 3" },
	{ 0, 0, 3, 1, false, AV("\0\0\0\1"),
	    "(3)framing capability Abit:0 Sbit:1" },
	{ 0, 0, 3, 1, false, AV("\0\0\0\3"),
	    "(3)framing capability Abit:1 Sbit:1" },
	{ 0, 0, 3, 1, true, AV("\0\0\0\3"),
	    "set (3)framing capability async sync" },
	{ 0, 0, 3, 1, true, AV("\0\0\0\2"), "set (3)framing capability async" },
	{ 0, 0, 5, 1, false, AV("12345678"), "(5)tie breaker 8 octets" },
	{ 0, 0, 6, 1, false, AV("\6\x90"), "(6)firmware revision 0x690" },
	{ 0, 0, 7, 1, false, AV("my.mac\0"), "(7)hostname my.mac" },
	{ 0, 0, 7, 1, false, AV("a\nb\x1b[m\xff"), "(7)hostname a?b?[m?" },
	{ 0, 0, 8, 1, false, AV(""), "(8)vendorname" },
	{ 0, 0, 9, 4, false, AV("\0\1"), "(9)assigned StopCCN tunnel id 1" },
	{ 0, 0, 9, 4, true, AV("\0\1"), "set (9)assigned tunnel id 1" },
	{ 0, 0, 11, 1, false, AV("secret"), "(11)challenge" },
	{ 0, 0, 22, 10, false, AV("0312345678"),
	    "(22)calling number 0312345678" },
	{ 0, 0, 24, 12, false, AV("\0\0\xfa\0"),
	    "(24)tx connect speed 64kbit/s" },
	{ 0, 0, 24, 12, false, AV("\0\0\0\0"), "(24)tx connect speed 0bit/s" },
	{ 0, 0, 24, 12, false, AV("\0\0\xe1\1"),
	    "(24)tx connect speed 57601bit/s" },
	{ 0, 0, 38, 12, false, AV("\0\xf\x42\x40"),
	    "(38)rx connect speed 1Mbit/s" },
	{ 0, 0, 33, 12, false, AV("secret"), "(33)proxy authen response" },
	{ 0x4000, 0, 9, 1, false, AV("xxxx"), "(9)assigned tunnel id hidden" },
	{ 0, 0, 20, 1, false, AV(""), "(20)unknown vendor 0 mandatory 0" },
	{ 0x8000, 311, 7, 1, false, AV("x"),
	    "(7)unknown vendor 311 mandatory 1" },
};

START_TEST(trace_line_of_an_avp)
{
	const struct line *l = &lines[_i];
	const struct avp a = { .mandatory = l->flags & 0x8000,
		.hidden = l->flags & 0x4000,
		.vendor = l->vendor,
		.type = l->type,
		.value = rbuf_of(l->value, l->len) };
	char line[TRACE_LINE_MAX];

	trace_avp(line, &a, l->msg, l->sent);
	ck_assert_str_eq(line, l->want);
}
END_TEST

START_TEST(trace_line_of_a_long_value_is_cut)
{
	uint8_t big[AVP_VALUE_MAX];
	struct avp a = { .type = AVP_PRIVATE_GROUP };
	char line[TRACE_LINE_MAX];
	uint16_t type;

	memset(big, 'x', sizeof(big));
	a.value = rbuf_of(big, sizeof(big));
	for (type = 0; type < L2TP_AVP_N; type++) {
		a.type = type;
		trace_avp(line, &a, L2TP_STOPCCN, false);
		ck_assert_uint_lt(strlen(line), TRACE_LINE_MAX - 1);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("trace");
	TCase *t = tcase_create("trace");

	tcase_add_test(t, trace_of_a_whole_connection_is_the_documented_one);
	tcase_add_test(t, trace_switched_off_leaves_the_life_cycle);
	tcase_add_test(t, trace_of_a_keepalive_failure_is_the_documented_one);
	tcase_add_test(t, trace_keepalive_without_its_switch_says_only_the_end);
	tcase_add_loop_test(t, trace_line_of_an_avp, 0, (int)nitems(lines));
	tcase_add_test(t, trace_line_of_a_long_value_is_cut);
	suite_add_tcase(s, t);
	return world_main(s);
}
