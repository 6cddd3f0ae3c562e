/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../lnsd/http_host.h"
#include "../../lnsd/metrics.h"
#include "../../lnsd/traffic.h"
#include "cause.h"
#include "compiler.h"

/* --- text --- */

static struct story_counts counts;
static char *text;

static void
write_text(struct metrics *m, enum metrics_format format)
{
	size_t len;
	FILE *f = open_memstream(&text, &len);

	m->version = "1.2";
	m->story = &counts;
	metrics_write(m, format, f);
	fclose(f);
}

static void
tear_down(void)
{
	free(text);
	text = NULL;
	memset(&counts, 0, sizeof(counts));
}

/* A whole line of it. */
static bool
has_line(const char *line)
{
	const char *at = text;
	size_t n = strlen(line);

	while ((at = strstr(at, line)) != NULL) {
		if ((at == text || at[-1] == '\n') && at[n] == '\n')
			return true;
		at += n;
	}
	return false;
}

START_TEST(tunnels_are_told_by_state)
{
	struct metrics m = { .l2tp = { .tunnels = 5,
				 .tunnels_established = 3,
				 .sessions = 4,
				 .lingering = 2,
				 .hello_sent = 8,
				 .hello_missed = 7,
				 .tx_retransmit = 1ull << 40 },
		.sessions_up = 1 };

	write_text(&m, METRICS_PLAIN);
	ck_assert(has_line("lnsd_tunnels{state=\"half_open\"} 2"));
	ck_assert(has_line("lnsd_tunnels{state=\"established\"} 3"));
	ck_assert(has_line("lnsd_tunnels{state=\"lingering\"} 2"));
	ck_assert(has_line("lnsd_sessions{state=\"connecting\"} 3"));
	ck_assert(has_line("lnsd_sessions{state=\"up\"} 1"));
	ck_assert(has_line("lnsd_hello_sent_total 8"));
	ck_assert(has_line("lnsd_hello_misses_total 7"));
	ck_assert(has_line("lnsd_build_info{version=\"1.2\"} 1"));
	ck_assert(has_line("lnsd_control_retransmissions_total 1099511627776"));
}
END_TEST

/* Who watches for restarts by it would see some. */
START_TEST(start_does_not_go_to_and_fro)
{
	const int64_t began_ms = 1700000000900;
	int64_t up_ms, at = 0;

	for (up_ms = 0; up_ms < 5000; up_ms += 50) {
		at = metrics_started(at, (began_ms + up_ms) / 1000, up_ms);
		ck_assert_int_eq(at, 1700000000);
	}
	/* The clock has been set. */
	ck_assert_int_eq(metrics_started(at, 1700003605, up_ms), 1700003600);
}
END_TEST

START_TEST(counters_are_typed_by_the_format)
{
	struct metrics m = { 0 };

	write_text(&m, METRICS_PLAIN);
	ck_assert(has_line("# TYPE lnsd_setups_total counter"));
	ck_assert_ptr_null(strstr(text, "# EOF"));
	free(text);
	write_text(&m, METRICS_OPEN);
	ck_assert(has_line("# TYPE lnsd_setups counter"));
	ck_assert(has_line("lnsd_setups_total 0"));
	ck_assert_str_eq(text + strlen(text) - 6, "# EOF\n");
}
END_TEST

START_TEST(pool_titles_are_escaped)
{
	const struct metrics_pool pools[] = {
		{ .profile = "a\"b\\c", .sized = true, .used = 2, .free = 3 },
		{ .profile = "lan",
		    .used = 7,
		    .has_ipv6 = true,
		    .prefixes_used = 1,
		    .prefixes_free = 255 },
	};
	struct metrics m = { .pools = pools, .n_pools = nitems(pools) };

	write_text(&m, METRICS_PLAIN);
	ck_assert(has_line("lnsd_pool_addresses{profile=\"a\\\"b\\\\c\","
			   "state=\"free\"} 3"));
	ck_assert(
	    has_line("lnsd_pool_addresses{profile=\"lan\",state=\"used\"} 7"));
	ck_assert_ptr_null(strstr(
	    text, "lnsd_pool_addresses{profile=\"lan\",state=\"free\"}"));
	ck_assert(
	    has_line("lnsd_pool_prefixes{profile=\"lan\",state=\"free\"} 255"));
}
END_TEST

START_TEST(seconds_are_cumulative)
{
	struct metrics m = { 0 };

	counts.times[STORY_PPP] = (struct story_times){
		.bucket = { [0] = 1, [2] = 2 }, .n = 4, .sum_ms = 45678
	};
	write_text(&m, METRICS_OPEN);
	ck_assert(
	    has_line("lnsd_setup_seconds_bucket{stage=\"ppp\",le=\"0.05\"} 1"));
	ck_assert(
	    has_line("lnsd_setup_seconds_bucket{stage=\"ppp\",le=\"0.10\"} 1"));
	ck_assert(
	    has_line("lnsd_setup_seconds_bucket{stage=\"ppp\",le=\"0.25\"} 3"));
	ck_assert(has_line(
	    "lnsd_setup_seconds_bucket{stage=\"ppp\",le=\"30.00\"} 3"));
	ck_assert(
	    has_line("lnsd_setup_seconds_bucket{stage=\"ppp\",le=\"+Inf\"} 4"));
	ck_assert(has_line("lnsd_setup_seconds_sum{stage=\"ppp\"} 45.678"));
	ck_assert(has_line("lnsd_setup_seconds_count{stage=\"ppp\"} 4"));
}
END_TEST

/* Servers of one address with other ports may have the same for accounting. */
START_TEST(radius_server_that_is_there_twice_is_one)
{
	const struct metrics_radius one = { "lan",
		{ .server = { 4, { 192, 0, 2, 7 }, 1813 },
		    .dead = true,
		    .resent = 3,
		    .unanswered = 1,
		    .times = { .bucket = { [1] = 1 }, .n = 2, .sum_ms = 9 } } };
	struct metrics_radius other[4] = { one, one, one, one }, list[6];
	size_t n = 0, i;

	other[0].server.dead = false;
	other[1].server.accounting = true;
	other[2].server.server.port++;
	other[3].profile = "wan";
	metrics_add_radius(list, &n, &one);
	for (i = 0; i < nitems(other); i++)
		metrics_add_radius(list, &n, &other[i]);
	ck_assert_uint_eq(n, 4);
	ck_assert(!list[0].server.dead);
	ck_assert_uint_eq(list[0].server.resent, 6);
	ck_assert_uint_eq(list[0].server.unanswered, 2);
	ck_assert_uint_eq(list[0].server.times.n, 4);
	ck_assert_uint_eq(list[0].server.times.sum_ms, 18);
	ck_assert_uint_eq(list[0].server.times.bucket[1], 2);
	ck_assert_str_eq(list[3].profile, "wan");
}
END_TEST

START_TEST(radius_is_told_by_server)
{
	struct metrics_radius radius[] = {
		{ "a\"b", { .server = { 4, { 192, 0, 2, 7 }, 1812 },
			      .resent = 3,
			      .unanswered = 1,
			      .times = { .bucket = { [0] = 2, [1] = 1 },
				  .n = 4,
				  .sum_ms = 12345 } } },
		{ "lan",
		    { .server = { 6, { 0x20, 1, 0xd, 0xb8, [15] = 1 }, 1813 },
			.accounting = true,
			.dead = true } },
	};
	struct metrics m = { .radius = radius, .n_radius = nitems(radius) };
#define AT7 "profile=\"a\\\"b\",kind=\"access\",server=\"192.0.2.7:1812\""
#define AT1 "profile=\"lan\",kind=\"accounting\",server=\"[2001:db8::1]:1813\""

	write_text(&m, METRICS_OPEN);
	ck_assert(has_line("lnsd_radius_server_up{" AT7 "} 1"));
	ck_assert(has_line("lnsd_radius_server_up{" AT1 "} 0"));
	ck_assert(has_line("lnsd_radius_retransmissions_total{" AT7 "} 3"));
	ck_assert(has_line("lnsd_radius_timeouts_total{" AT7 "} 1"));
	ck_assert(has_line("# UNIT lnsd_radius_request_seconds seconds"));
	ck_assert(has_line("# TYPE lnsd_radius_request_seconds histogram"));
	ck_assert(has_line(
	    "lnsd_radius_request_seconds_bucket{" AT7 ",le=\"0.005\"} 2"));
	ck_assert(has_line(
	    "lnsd_radius_request_seconds_bucket{" AT7 ",le=\"0.01\"} 3"));
	ck_assert(has_line(
	    "lnsd_radius_request_seconds_bucket{" AT7 ",le=\"10.00\"} 3"));
	ck_assert(has_line(
	    "lnsd_radius_request_seconds_bucket{" AT7 ",le=\"+Inf\"} 4"));
	ck_assert(has_line("lnsd_radius_request_seconds_sum{" AT7 "} 12.345"));
	ck_assert(has_line("lnsd_radius_request_seconds_count{" AT1 "} 0"));
}
END_TEST

START_TEST(guard_drops_are_told_by_reason)
{
	struct metrics m = { .guard = {
				 .packets = { [IPSEC_DROP_CLEAR_IN] = 9 } } };

	write_text(&m, METRICS_PLAIN);
	ck_assert(has_line("# TYPE lnsd_guard_drops_total counter"));
	ck_assert(has_line("lnsd_guard_drops_total{reason=\"clear_in\"} 9"));
	ck_assert(has_line("lnsd_guard_drops_total{reason=\"clear_out\"} 0"));
	ck_assert(has_line("lnsd_guard_drops_total{reason=\"icmp_out\"} 0"));
	ck_assert(has_line("lnsd_guard_drops_total{reason=\"forged\"} 0"));
	ck_assert(has_line("lnsd_guard_drops_total{reason=\"no_tunnel\"} 0"));
	ck_assert_ptr_null(strstr(text, "# UNIT"));
}
END_TEST

START_TEST(unit_is_what_the_name_ends_in)
{
	struct metrics m = { 0 };

	write_text(&m, METRICS_OPEN);
	ck_assert(has_line("# UNIT lnsd_setup_seconds seconds"));
	ck_assert(has_line("# UNIT lnsd_session_bytes bytes"));
	ck_assert(has_line("# UNIT process_cpu_seconds seconds"));
	ck_assert_ptr_null(strstr(text, "# UNIT lnsd_tunnels"));
	ck_assert_ptr_null(strstr(text, "# UNIT lnsd_hello"));
}
END_TEST

START_TEST(failures_are_told_by_stage_and_cause)
{
	struct metrics m = { 0 };

	counts.failed[STORY_PPP][CAUSE_PASSWORD] = 3;
	write_text(&m, METRICS_PLAIN);
	ck_assert(has_line("lnsd_setup_failures_total{stage=\"ppp\","
			   "cause=\"wrong-password\"} 3"));
	ck_assert_ptr_null(strstr(text, "cause=\"pool"));
}
END_TEST

START_TEST(drops_are_read_and_bounded)
{
	char in[8192] = "XfrmInError 4\nXfrm\"In 9\n";
	struct metrics m = { 0 };
	FILE *f;
	size_t i;

	for (i = 0; i < 100; i++)
		snprintf(in + strlen(in), sizeof(in) - strlen(in),
		    "XfrmIn%zu %zu\n", i, i);
	f = fmemopen(in, strlen(in), "r");
	metrics_read_drops(&m, f);
	fclose(f);
	ck_assert_uint_eq(m.n_drops, METRICS_DROPS);
	ck_assert_str_eq(m.drops[0].reason, "XfrmInError");
	ck_assert_uint_eq(m.drops[0].n, 4);
	ck_assert_str_eq(m.drops[1].reason, "XfrmIn0");
}
END_TEST

START_TEST(format_is_what_is_asked_for)
{
	ck_assert_int_eq(metrics_format(NULL), METRICS_PLAIN);
	ck_assert_int_eq(metrics_format("*/*"), METRICS_PLAIN);
	ck_assert_int_eq(
	    metrics_format("text/plain;version=0.0.4;q=1"), METRICS_PLAIN);
	ck_assert_int_eq(
	    metrics_format("application/openmetrics-text;version=1.0.0,"
			   "text/plain;version=0.0.4;q=0.5"),
	    METRICS_OPEN);
}
END_TEST

/* --- what was carried --- */

static struct traffic t;

START_TEST(traffic_of_ended_sessions_stays)
{
	struct traffic_link a[] = { { 9, 100, 10, false },
		{ 3, 50, 5, false } };
	struct traffic_link b[] = { { 9, 120, 10, false } };
	struct traffic_link c[] = { { 3, 7, 1, false }, { 9, 120, 11, false } };

	traffic_add(&t, a, 2);
	ck_assert_uint_eq(t.rx, 150);
	traffic_add(&t, b, 1);
	ck_assert_uint_eq(t.rx, 170);
	/* A new one with an old number. */
	traffic_add(&t, c, 2);
	ck_assert_uint_eq(t.rx, 177);
	ck_assert_uint_eq(t.tx, 17);
	traffic_add(&t, NULL, 0);
	ck_assert_uint_eq(t.rx, 177);
	traffic_fini(&t);
}
END_TEST

START_TEST(traffic_counter_that_restarts_does_not_go_back)
{
	struct traffic_link a[] = { { 9, 100, 10, false } };
	struct traffic_link b[] = { { 9, 4, 10, false } };

	memset(&t, 0, sizeof(t));
	traffic_add(&t, a, 1);
	traffic_add(&t, b, 1);
	ck_assert_uint_eq(t.rx, 104);
	ck_assert_uint_eq(t.tx, 10);
	traffic_fini(&t);
}
END_TEST

START_TEST(traffic_that_cannot_be_read_is_not_counted_again)
{
	struct traffic_link a[] = { { 9, 100, 10, false },
		{ 3, 50, 5, false } };
	struct traffic_link b[] = { { 9, 0, 0, true }, { 4, 0, 0, true },
		{ 3, 50, 6, false } };
	struct traffic_link c[] = { { 4, 1, 1, false }, { 3, 50, 6, false },
		{ 9, 130, 10, false } };

	memset(&t, 0, sizeof(t));
	traffic_add(&t, a, nitems(a));
	traffic_add(&t, b, nitems(b));
	ck_assert_uint_eq(t.rx, 150);
	ck_assert_uint_eq(t.tx, 16);
	traffic_add(&t, c, nitems(c));
	ck_assert_uint_eq(t.rx, 181);
	ck_assert_uint_eq(t.tx, 17);
	traffic_fini(&t);
}
END_TEST

START_TEST(traffic_samples_are_a_ring)
{
	size_t i;

	memset(&t, 0, sizeof(t));
	for (i = 0; i < TRAFFIC_SAMPLES + 5; i++)
		traffic_keep(&t, (int64_t)i, (uint32_t)i);
	ck_assert_uint_eq(t.n_samples, TRAFFIC_SAMPLES);
	ck_assert_int_eq(traffic_sample(&t, 0)->wall_s, 5);
	ck_assert_int_eq(traffic_sample(&t, TRAFFIC_SAMPLES - 1)->wall_s,
	    TRAFFIC_SAMPLES + 4);
}
END_TEST

/* --- hosts --- */

static const struct {
	const char *host;
	bool ours;
} hosts[] = {
	{ "127.0.0.1:9701", true },
	{ "127.0.0.1", true },
	{ "localhost", true },
	{ "LocalHost:80", true },
	{ "192.0.2.1:9701", true },
	{ "[::1]:9701", true },
	{ "[2001:db8::1]", true },
	{ NULL, false },
	{ "", false },
	{ ":9701", false },
	{ "localhost:", false },
	{ "localhost:x", false },
	{ "localhost:123456", false },
	{ "localhost.evil.example", false },
	{ "evil.example:9701", false },
	{ "127.0.0.1.evil.example", false },
	{ "127.0.0.1:9701.evil.example", false },
	{ "::1", false },
	{ "[::1", false },
	{ "[::1]x", false },
	{ "[127.0.0.1]", false },
	{ "[localhost]", false },
	{ "127.1", false },
	{ "[0123:0123:0123:0123:0123:0123:0123:0123:0123:0123:0123]", false },
};

START_TEST(host_is_an_address_or_localhost)
{
	ck_assert_msg(http_host_is_ours(hosts[_i].host) == hosts[_i].ours, "%s",
	    hosts[_i].host);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("metrics");
	TCase *tc = tcase_create("all");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, NULL, tear_down);
	tcase_add_test(tc, tunnels_are_told_by_state);
	tcase_add_test(tc, start_does_not_go_to_and_fro);
	tcase_add_test(tc, counters_are_typed_by_the_format);
	tcase_add_test(tc, pool_titles_are_escaped);
	tcase_add_test(tc, seconds_are_cumulative);
	tcase_add_test(tc, radius_is_told_by_server);
	tcase_add_test(tc, radius_server_that_is_there_twice_is_one);
	tcase_add_test(tc, guard_drops_are_told_by_reason);
	tcase_add_test(tc, unit_is_what_the_name_ends_in);
	tcase_add_test(tc, failures_are_told_by_stage_and_cause);
	tcase_add_test(tc, drops_are_read_and_bounded);
	tcase_add_test(tc, format_is_what_is_asked_for);
	tcase_add_test(tc, traffic_of_ended_sessions_stays);
	tcase_add_test(tc, traffic_counter_that_restarts_does_not_go_back);
	tcase_add_test(tc, traffic_that_cannot_be_read_is_not_counted_again);
	tcase_add_test(tc, traffic_samples_are_a_ring);
	tcase_add_loop_test(
	    tc, host_is_an_address_or_localhost, 0, nitems(hosts));
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
