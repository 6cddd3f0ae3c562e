/* SPDX-License-Identifier: ISC */
/* Requests against servers that are a few lines here, on a clock that stands
 * still until it is set. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <check.h>
#include <openssl/evp.h>

#include "../../ppp/radius_client.h"

#define TIMEOUT 1000
#define TRIES 3
#define DEAD 60000
#define PATIENCE 18000

static struct radius_client *client;
static struct radius_client_config config;
static struct mono now;
static uint8_t random_octet;

/* What the effects of an input were. */
static struct {
	size_t sent, replies, failed, dead, alive, discarded;
	/* Of the last one sent. */
	size_t server, lane;
	struct radius_packet packet;
	uint64_t handle; /* of the last reply or failure */
	uint8_t code;	 /* of the last reply */
	enum radius_check why;
} seen;

static void
count_up(void *arg, void *buf, size_t len)
{
	(void)arg;
	memset(buf, ++random_octet, len);
}

static void
drain(void)
{
	struct radius_effect e;

	memset(&seen, 0, sizeof(seen));
	while (radius_client_next(client, &e)) {
		switch (e.type) {
		case RADIUS_SEND:
			seen.sent++;
			seen.server = e.server;
			seen.lane = e.lane;
			memcpy(seen.packet.octets, e.data, e.len);
			seen.packet.len = e.len;
			break;
		case RADIUS_REPLY:
			seen.replies++;
			seen.handle = e.handle;
			seen.code = e.packet.code;
			break;
		case RADIUS_FAILED:
			seen.failed++;
			seen.handle = e.handle;
			break;
		case RADIUS_DEAD:
			seen.dead++;
			seen.server = e.server;
			break;
		case RADIUS_ALIVE:
			seen.alive++;
			break;
		case RADIUS_DISCARDED:
			seen.discarded++;
			seen.why = e.why;
			break;
		}
	}
}

static uint64_t
submit(enum radius_code code)
{
	struct radius_request rq = { .code = code,
		.has_delay = code == RADIUS_ACCOUNTING_REQUEST };
	uint64_t handle;

	radius_add_text(&rq.attrs, RADIUS_USER_NAME, "alice");
	handle = radius_client_submit(client, &rq, now, now);
	drain();
	return handle;
}

/* To what was sent last. */
static void
answer_with(const char *secret, enum radius_code code, size_t server)
{
	struct radius_request rq = { .code = code };
	struct radius_seal seal = { .secret = secret,
		.id = seen.packet.octets[1] };
	struct radius_packet p;

	memcpy(seal.authenticator, seen.packet.octets + 4, 16);
	ck_assert(radius_encode(&p, &rq, &seal));
	radius_client_packet(client, server, seen.lane, p.octets, p.len, now);
	drain();
}

static void
answer(enum radius_code code)
{
	answer_with(config.secrets[seen.server], code, seen.server);
}

static void
pass_ms(int64_t ms)
{
	now = mono_add_ms(now, ms);
	radius_client_expire(client, now);
	drain();
}

static void
begin(size_t servers)
{
	config = (struct radius_client_config){
		.secrets = { "first", "second", "third" },
		.n_servers = servers,
		.timeout_ms = TIMEOUT,
		.tries = TRIES,
		.dead_ms = DEAD,
		.patience_ms = PATIENCE,
		.require_ma = true,
		.random = count_up,
	};
	now = (struct mono){ 1000000 };
	client = radius_client_new(&config);
	ck_assert_ptr_nonnull(client);
}

static void
end(void)
{
	radius_client_free(client);
}

START_TEST(reply_ends_a_request)
{
	uint64_t handle;

	begin(1);
	handle = submit(RADIUS_ACCESS_REQUEST);
	ck_assert_uint_ne(handle, 0);
	ck_assert_uint_eq(seen.sent, 1);
	ck_assert_int_eq(radius_client_deadline(client).ms, now.ms + TIMEOUT);
	answer(RADIUS_ACCESS_ACCEPT);
	ck_assert_uint_eq(seen.replies, 1);
	ck_assert_uint_eq(seen.handle, handle);
	ck_assert_uint_eq(seen.code, RADIUS_ACCESS_ACCEPT);
	ck_assert_uint_eq(radius_client_pending(client), 0);
	ck_assert(mono_is_never(radius_client_deadline(client)));
	end();
}
END_TEST

START_TEST(request_is_sent_again_as_it_was)
{
	struct radius_packet first;
	int i;

	begin(1);
	ck_assert_uint_ne(submit(RADIUS_ACCESS_REQUEST), 0);
	first = seen.packet;
	for (i = 1; i < TRIES; i++) {
		pass_ms(TIMEOUT - 1);
		ck_assert_uint_eq(seen.sent, 0);
		pass_ms(1);
		ck_assert_uint_eq(seen.sent, 1);
		ck_assert_uint_eq(seen.packet.len, first.len);
		ck_assert_mem_eq(seen.packet.octets, first.octets, first.len);
	}
	answer(RADIUS_ACCESS_REJECT);
	ck_assert_uint_eq(seen.replies, 1);
	end();
}
END_TEST

START_TEST(silent_only_server_fails_and_is_dead)
{
	uint64_t handle;

	begin(1);
	handle = submit(RADIUS_ACCESS_REQUEST);
	pass_ms(TIMEOUT);
	pass_ms(TIMEOUT);
	ck_assert_uint_eq(seen.failed, 0);
	pass_ms(TIMEOUT);
	ck_assert_uint_eq(seen.failed, 1);
	ck_assert_uint_eq(seen.dead, 1);
	ck_assert_uint_eq(seen.handle, handle);
	ck_assert_uint_eq(radius_client_pending(client), 0);
	/* There is nothing better: asked all the same, and it may live. */
	ck_assert_uint_ne(submit(RADIUS_ACCESS_REQUEST), 0);
	pass_ms(TIMEOUT);
	ck_assert_uint_eq(seen.sent, 1);
	answer(RADIUS_ACCESS_ACCEPT);
	ck_assert_uint_eq(seen.alive, 1);
	ck_assert_uint_eq(seen.replies, 1);
	end();
}
END_TEST

static void
kill_first(void)
{
	int i;

	ck_assert_uint_ne(submit(RADIUS_ACCESS_REQUEST), 0);
	ck_assert_uint_eq(seen.server, 0);
	for (i = 0; i < TRIES; i++)
		pass_ms(TIMEOUT);
}

START_TEST(second_server_gets_a_packet_of_its_own)
{
	begin(2);
	kill_first();
	ck_assert_uint_eq(seen.dead, 1);
	ck_assert_uint_eq(seen.sent, 1);
	ck_assert_uint_eq(seen.server, 1);
	/* Signed with the other secret, or it would not be taken. */
	answer(RADIUS_ACCESS_ACCEPT);
	ck_assert_uint_eq(seen.replies, 1);
	end();
}
END_TEST

START_TEST(dead_server_is_passed_over_and_then_tried_by_one)
{
	begin(2);
	kill_first();
	answer(RADIUS_ACCESS_ACCEPT);
	ck_assert_uint_ne(submit(RADIUS_ACCESS_REQUEST), 0);
	ck_assert_uint_eq(seen.server, 1);
	answer(RADIUS_ACCESS_ACCEPT);
	now = mono_add_ms(now, DEAD);
	ck_assert_uint_ne(submit(RADIUS_ACCESS_REQUEST), 0);
	ck_assert_uint_eq(seen.server, 0);
	/* Others do not wait with it, and it does not wait for long. */
	ck_assert_uint_ne(submit(RADIUS_ACCESS_REQUEST), 0);
	ck_assert_uint_eq(seen.server, 1);
	answer(RADIUS_ACCESS_ACCEPT);
	pass_ms(TIMEOUT);
	ck_assert_uint_eq(seen.sent, 1);
	ck_assert_uint_eq(seen.server, 1);
	answer(RADIUS_ACCESS_ACCEPT);
	/* And once more, when it lives again. */
	now = mono_add_ms(now, DEAD);
	ck_assert_uint_ne(submit(RADIUS_ACCESS_REQUEST), 0);
	ck_assert_uint_eq(seen.server, 0);
	answer(RADIUS_ACCESS_ACCEPT);
	ck_assert_uint_eq(seen.alive, 1);
	ck_assert_uint_ne(submit(RADIUS_ACCESS_REQUEST), 0);
	ck_assert_uint_eq(seen.server, 0);
	end();
}
END_TEST

START_TEST(all_that_wait_for_a_dead_server_go_on_at_once)
{
	int i;

	begin(2);
	ck_assert_uint_ne(submit(RADIUS_ACCESS_REQUEST), 0);
	for (i = 0; i + 1 < TRIES; i++)
		pass_ms(TIMEOUT);
	ck_assert_uint_ne(submit(RADIUS_ACCESS_REQUEST), 0);
	ck_assert_uint_ne(submit(RADIUS_ACCESS_REQUEST), 0);
	ck_assert_uint_eq(seen.server, 0);
	pass_ms(TIMEOUT);
	ck_assert_uint_eq(seen.sent, 3);
	ck_assert_uint_eq(seen.server, 1);
	end();
}
END_TEST

START_TEST(one_lost_among_others_that_were_answered_kills_nobody)
{
	struct radius_packet lost;
	int i;

	begin(2);
	ck_assert_uint_ne(submit(RADIUS_ACCESS_REQUEST), 0);
	lost = seen.packet;
	for (i = 0; i < TRIES; i++) {
		ck_assert_uint_ne(submit(RADIUS_ACCESS_REQUEST), 0);
		answer(RADIUS_ACCESS_ACCEPT);
		pass_ms(TIMEOUT);
	}
	ck_assert_uint_eq(seen.dead, 0);
	ck_assert_uint_eq(seen.server, 1);
	ck_assert_mem_ne(seen.packet.octets + 4, lost.octets + 4, 16);
	ck_assert_uint_ne(submit(RADIUS_ACCESS_REQUEST), 0);
	ck_assert_uint_eq(seen.server, 0);
	end();
}
END_TEST

START_TEST(refused_port_is_dead_at_once)
{
	begin(2);
	ck_assert_uint_ne(submit(RADIUS_ACCESS_REQUEST), 0);
	radius_client_refused(client, 0, now);
	drain();
	ck_assert_uint_eq(seen.sent, 1);
	ck_assert_uint_eq(seen.server, 1);
	/* An only one, or the last, keeps its chance until the time is up. */
	radius_client_refused(client, 1, now);
	drain();
	ck_assert_uint_eq(seen.failed + seen.sent, 0);
	pass_ms(TIMEOUT);
	ck_assert_uint_eq(seen.sent, 1);
	answer(RADIUS_ACCESS_ACCEPT);
	ck_assert_uint_eq(seen.replies, 1);
	end();
}
END_TEST

START_TEST(answers_are_timed_from_the_first_packet)
{
	struct radius_server_view v;

	begin(2);
	radius_client_view_server(client, 0, &v);
	ck_assert(!v.dead && v.times.n == 0);
	submit(RADIUS_ACCESS_REQUEST);
	now = mono_add_ms(now, 10);
	answer(RADIUS_ACCESS_ACCEPT);
	submit(RADIUS_ACCESS_REQUEST);
	pass_ms(TIMEOUT);
	now = mono_add_ms(now, 1);
	answer(RADIUS_ACCESS_REJECT);
	radius_client_view_server(client, 0, &v);
	ck_assert_uint_eq(v.times.bucket[1], 1); /* 10 ms */
	ck_assert_uint_eq(v.times.bucket[8], 1); /* 2.5 s */
	ck_assert_uint_eq(v.times.n, 2);
	ck_assert_uint_eq(v.times.sum_ms, TIMEOUT + 11);
	ck_assert_uint_eq(v.resent, 1);
	ck_assert_uint_eq(v.unanswered, 0);
	end();
}
END_TEST

START_TEST(silence_is_counted_where_it_was)
{
	struct radius_server_view v;
	uint64_t handle;

	begin(2);
	kill_first();
	handle = submit(RADIUS_ACCESS_REQUEST);
	radius_client_cancel(client, handle);
	radius_client_view_server(client, 0, &v);
	ck_assert(v.dead);
	ck_assert_uint_eq(v.unanswered, 1);
	ck_assert_uint_eq(v.resent, TRIES - 1);
	ck_assert_uint_eq(v.times.n, 0);
	radius_client_refused(client, 1, now);
	drain();
	pass_ms(PATIENCE);
	ck_assert_uint_eq(seen.failed, 1);
	radius_client_view_server(client, 1, &v);
	ck_assert(v.dead);
	ck_assert_uint_eq(v.unanswered, 1);
	end();
}
END_TEST

START_TEST(answer_slower_than_all_buckets_is_counted)
{
	struct radius_server_view v;
	size_t i;

	begin(1);
	config.timeout_ms = PATIENCE;
	radius_client_free(client);
	client = radius_client_new(&config);
	submit(RADIUS_ACCESS_REQUEST);
	now = mono_add_ms(now, 10001);
	answer(RADIUS_ACCESS_ACCEPT);
	radius_client_view_server(client, 0, &v);
	for (i = 0; i < RADIUS_BUCKETS; i++)
		ck_assert_uint_eq(v.times.bucket[i], 0);
	ck_assert_uint_eq(v.times.n, 1);
	end();
}
END_TEST

START_TEST(patience_ends_before_the_tries)
{
	begin(2);
	radius_client_free(client);
	config.patience_ms = 1500;
	client = radius_client_new(&config);
	ck_assert_uint_ne(submit(RADIUS_ACCESS_REQUEST), 0);
	pass_ms(TIMEOUT);
	ck_assert_int_eq(radius_client_deadline(client).ms, now.ms + 500);
	pass_ms(500);
	ck_assert_uint_eq(seen.failed, 1);
	end();
}
END_TEST

START_TEST(what_is_not_its_reply_is_ignored)
{
	struct radius_packet asked;

	begin(2);
	ck_assert_uint_ne(submit(RADIUS_ACCESS_REQUEST), 0);
	asked = seen.packet;
	answer_with("wrong", RADIUS_ACCESS_ACCEPT, 0);
	ck_assert_uint_eq(radius_client_stats(client)->forged, 1);
	seen.packet = asked;
	/* Of another server, of accounting, and a request. */
	answer_with("second", RADIUS_ACCESS_ACCEPT, 1);
	seen.packet = asked;
	answer_with("first", RADIUS_ACCOUNTING_RESPONSE, 0);
	seen.packet = asked;
	answer_with("first", RADIUS_ACCESS_REQUEST, 0);
	ck_assert_uint_eq(radius_client_stats(client)->unexpected, 3);
	radius_client_packet(client, 0, 0, asked.octets, 19, now);
	radius_client_packet(client, 7, 0, asked.octets, asked.len, now);
	radius_client_packet(
	    client, 0, RADIUS_LANES_MAX, asked.octets, asked.len, now);
	ck_assert_uint_eq(radius_client_stats(client)->malformed, 3);
	drain();
	ck_assert_uint_eq(radius_client_pending(client), 1);
	seen.packet = asked;
	answer(RADIUS_ACCESS_ACCEPT);
	ck_assert_uint_eq(seen.replies, 1);
	end();
}
END_TEST

/* Signed as before CVE-2024-3596: by the Response Authenticator alone. */
static void
answer_unsealed(void)
{
	uint8_t reply[20 + sizeof("first")] = { RADIUS_ACCESS_ACCEPT,
		seen.packet.octets[1], 0, 20 };
	uint8_t digest[16];

	memcpy(reply + 4, seen.packet.octets + 4, 16);
	memcpy(reply + 20, "first", 5);
	ck_assert_int_eq(
	    EVP_Digest(reply, 25, digest, NULL, EVP_md5(), NULL), 1);
	memcpy(reply + 4, digest, 16);
	radius_client_packet(client, 0, 0, reply, 20, now);
	drain();
}

START_TEST(reply_without_message_authenticator_needs_leave)
{
	struct radius_packet asked;

	begin(1);
	ck_assert_uint_ne(submit(RADIUS_ACCESS_REQUEST), 0);
	answer_unsealed();
	ck_assert_uint_eq(seen.replies, 0);
	ck_assert_uint_eq(radius_client_stats(client)->unsealed, 1);
	/* Told once until there is a good one. */
	ck_assert_uint_eq(seen.discarded, 1);
	ck_assert_int_eq(seen.why, RADIUS_UNSEALED);
	pass_ms(TIMEOUT);
	asked = seen.packet;
	answer_unsealed();
	ck_assert_uint_eq(seen.discarded, 0);
	seen.packet = asked;
	answer(RADIUS_ACCESS_ACCEPT);
	ck_assert_uint_eq(seen.replies, 1);
	ck_assert_uint_ne(submit(RADIUS_ACCESS_REQUEST), 0);
	answer_with("wrong", RADIUS_ACCESS_ACCEPT, 0);
	ck_assert_uint_eq(seen.discarded, 1);
	ck_assert_int_eq(seen.why, RADIUS_FORGED);
	end();

	begin(1);
	radius_client_free(client);
	config.require_ma = false;
	client = radius_client_new(&config);
	ck_assert_uint_ne(submit(RADIUS_ACCESS_REQUEST), 0);
	answer_unsealed();
	ck_assert_uint_eq(seen.replies, 1);
	end();
}
END_TEST

START_TEST(cancelled_request_is_not_heard_of)
{
	uint64_t handle;

	begin(1);
	handle = submit(RADIUS_ACCESS_REQUEST);
	radius_client_cancel(client, handle);
	radius_client_cancel(client, handle);
	radius_client_cancel(client, 4711);
	ck_assert_uint_eq(radius_client_pending(client), 0);
	answer(RADIUS_ACCESS_ACCEPT);
	ck_assert_uint_eq(seen.replies, 0);
	pass_ms(TIMEOUT * TRIES);
	ck_assert_uint_eq(seen.failed + seen.sent, 0);
	end();
}
END_TEST

/* Cancelled before its effect was taken. */
START_TEST(cancelled_request_is_not_sent)
{
	struct radius_request rq = { .code = RADIUS_ACCESS_REQUEST };
	uint64_t handle;

	begin(1);
	handle = radius_client_submit(client, &rq, now, now);
	ck_assert_uint_ne(handle, 0);
	radius_client_cancel(client, handle);
	drain();
	ck_assert_uint_eq(seen.sent, 0);
	end();
}
END_TEST

START_TEST(every_id_of_every_lane_is_used_once)
{
	static bool used[RADIUS_LANES_MAX][256];
	struct radius_packet last = { .len = 0 };
	size_t i, lane = 0;

	begin(1);
	memset(used, 0, sizeof(used));
	for (i = 0; i < RADIUS_LANES_MAX * 256; i++) {
		ck_assert_uint_ne(submit(RADIUS_ACCESS_REQUEST), 0);
		ck_assert(!used[seen.lane][seen.packet.octets[1]]);
		used[seen.lane][seen.packet.octets[1]] = true;
		/* No lane before it is needed. */
		ck_assert_uint_le(seen.lane, i / 256);
		last = seen.packet;
		lane = seen.lane;
	}
	ck_assert_uint_eq(submit(RADIUS_ACCESS_REQUEST), 0);
	seen.packet = last;
	seen.lane = lane;
	seen.server = 0;
	answer(RADIUS_ACCESS_ACCEPT);
	ck_assert_uint_eq(seen.replies, 1);
	ck_assert_uint_ne(submit(RADIUS_ACCESS_REQUEST), 0);
	end();
}
END_TEST

/* A late reply to who had it before must not meet another soon. */
START_TEST(id_is_not_used_again_at_once)
{
	uint8_t id;

	begin(1);
	ck_assert_uint_ne(submit(RADIUS_ACCESS_REQUEST), 0);
	id = seen.packet.octets[1];
	answer(RADIUS_ACCESS_ACCEPT);
	ck_assert_uint_ne(submit(RADIUS_ACCESS_REQUEST), 0);
	ck_assert_uint_ne(seen.packet.octets[1], id);
	end();
}
END_TEST

static uint32_t
delay_in(const struct radius_packet *p)
{
	struct radius_view v;
	struct radius_attr a;
	uint32_t delay;

	ck_assert(radius_view(&v, p->octets, p->len));
	ck_assert(radius_find(&v, 0, RADIUS_ACCT_DELAY_TIME, &a));
	ck_assert(radius_u32(&a, &delay));
	return delay;
}

/* RFC 2866 4.1: another delay is another packet. */
START_TEST(accounting_tells_its_delay_to_the_second_server)
{
	int i;

	begin(2);
	ck_assert_uint_ne(submit(RADIUS_ACCOUNTING_REQUEST), 0);
	ck_assert_uint_eq(delay_in(&seen.packet), 0);
	for (i = 0; i < TRIES; i++)
		pass_ms(TIMEOUT);
	ck_assert_uint_eq(seen.server, 1);
	ck_assert_uint_eq(delay_in(&seen.packet), TRIES * TIMEOUT / 1000);
	/* It has no Message-Authenticator, nor has its response. */
	answer(RADIUS_ACCOUNTING_RESPONSE);
	ck_assert_uint_eq(seen.replies, 1);
	end();
}
END_TEST

START_TEST(request_that_fits_nowhere_is_refused)
{
	struct radius_request rq = { .code = RADIUS_ACCESS_REQUEST };

	begin(2);
	rq.attrs.overflow = true;
	ck_assert_uint_eq(radius_client_submit(client, &rq, now, now), 0);
	ck_assert_uint_eq(radius_client_pending(client), 0);
	drain();
	ck_assert_uint_eq(seen.sent, 0);
	end();
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("radius_client");
	TCase *tc = tcase_create("client");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, reply_ends_a_request);
	tcase_add_test(tc, request_is_sent_again_as_it_was);
	tcase_add_test(tc, silent_only_server_fails_and_is_dead);
	tcase_add_test(tc, second_server_gets_a_packet_of_its_own);
	tcase_add_test(tc, dead_server_is_passed_over_and_then_tried_by_one);
	tcase_add_test(tc, all_that_wait_for_a_dead_server_go_on_at_once);
	tcase_add_test(
	    tc, one_lost_among_others_that_were_answered_kills_nobody);
	tcase_add_test(tc, refused_port_is_dead_at_once);
	tcase_add_test(tc, answers_are_timed_from_the_first_packet);
	tcase_add_test(tc, silence_is_counted_where_it_was);
	tcase_add_test(tc, answer_slower_than_all_buckets_is_counted);
	tcase_add_test(tc, patience_ends_before_the_tries);
	tcase_add_test(tc, what_is_not_its_reply_is_ignored);
	tcase_add_test(tc, reply_without_message_authenticator_needs_leave);
	tcase_add_test(tc, cancelled_request_is_not_heard_of);
	tcase_add_test(tc, cancelled_request_is_not_sent);
	tcase_add_test(tc, every_id_of_every_lane_is_used_once);
	tcase_add_test(tc, id_is_not_used_again_at_once);
	tcase_add_test(tc, accounting_tells_its_delay_to_the_second_server);
	tcase_add_test(tc, request_that_fits_nowhere_is_refused);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
