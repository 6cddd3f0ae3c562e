/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../../lnsd/ladder.h"
#include "../../lnsd/story_json.h"

static struct stories *st;
static struct story *story;
static struct mono now = { 5000 };

static void
add(uint8_t stage, uint8_t dir, uint8_t cause, const char *text)
{
	const struct story_event e = {
		.stage = stage, .dir = dir, .cause = cause
	};

	now.ms += 20;
	story_add(st, story, now, &e, text);
}

static void
begin(void)
{
	const struct lns_addr peer = { 4, { 198, 51, 100, 1 }, 4500 };

	st = stories_new();
	ck_assert_ptr_nonnull(st);
	story = story_begin(
	    st, &peer, false, (struct story_time){ now, 1700000000 });
	ck_assert_ptr_nonnull(story);
	story_text(story->user, sizeof(story->user), "<b>&\"");
	add(STORY_IKE, STORY_IN, 0, "main mode");
	add(STORY_L2TP, STORY_OUT, 0, "SCCRP");
	add(STORY_L2TP, STORY_IN, 0, "SCCCN");
	add(STORY_PPP, STORY_OUT, CAUSE_PASSWORD, "refused <script>");
	add(STORY_PPP, STORY_NOTE, 0, "note");
	add(STORY_PPP, STORY_NOTE, 0, "note");
}

static void
finish(void)
{
	stories_free(st);
}

static char *
drawn(void (*draw)(const struct story *, FILE *), const struct story *s)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(f);
	draw(s, f);
	fclose(f);
	return text;
}

START_TEST(timeline_tells_times_and_answers)
{
	char *text = drawn(ladder_timeline, story);

	ck_assert_ptr_nonnull(strstr(text, "0.020 ike   -> main mode\n"));
	ck_assert_ptr_nonnull(strstr(text, "-> SCCCN  [answer after 20 ms]\n"));
	ck_assert_ptr_nonnull(strstr(text, "note  (2 times)\n"));
	free(text);
}
END_TEST

/* Characters, not octets; each of them has one column. */
static void
assert_columns(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++) {
		if (*text == '\n')
			n = 0;
		else if ((*text & 0xc0) != 0x80)
			n++;
		ck_assert_uint_le(n, LADDER_COLUMNS);
	}
}

START_TEST(long_texts_go_on_below)
{
	char word[STORY_TEXT], *text;

	memset(word, 'w', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	add(STORY_L2TP, STORY_NOTE, 0, word);
	/* Octets of one character stay together. */
	add(STORY_L2TP, STORY_NOTE, 0,
	    "ääääääääääääääääääääääääääääääääääääääääääääääääää");
	add(STORY_IKE, STORY_OUT, 0,
	    "phase 1 established (AES_CBC_256, HMAC_SHA2_256, MODP2048, behind "
	    "NAT as 192.168.7.11)");
	text = drawn(ladder_text, story);
	assert_columns(text);
	ck_assert_ptr_nonnull(strstr(text,
	    "|<-------|        |        | phase 1 established (AES_CBC_256,\n"
	    "         |        |        |        | HMAC_SHA2_256, MODP2048,"));
	ck_assert_ptr_nonnull(strstr(text, "ä\n"));
	free(text);
	text = drawn(ladder_timeline, story);
	assert_columns(text);
	ck_assert_ptr_nonnull(
	    strstr(text, "MODP2048,\n                    behind NAT"));
	ck_assert_ptr_nonnull(strstr(text, "ä\n"));
	free(text);
}
END_TEST

START_TEST(svg_has_room_for_the_longest_text)
{
	char word[STORY_TEXT], *text = drawn(ladder_svg, story);

	ck_assert_ptr_nonnull(strstr(text, "viewBox=\"0 0 1200 "));
	free(text);
	memset(word, 'w', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	add(STORY_L2TP, STORY_NOTE, 0, word);
	text = drawn(ladder_svg, story);
	ck_assert_ptr_nonnull(strstr(text, "viewBox=\"0 0 1469 "));
	free(text);
}
END_TEST

START_TEST(ladder_has_a_line_for_each_event)
{
	char *text = drawn(ladder_text, story), *at = text;
	size_t lines = 0;

	for (; (at = strchr(at, '\n')) != NULL; at++)
		lines++;
	ck_assert_uint_eq(lines, 1 + story->n_events);
	ck_assert_ptr_nonnull(strstr(text, "->|"));
	free(text);
}
END_TEST

START_TEST(svg_holds_nothing_that_a_peer_made)
{
	char *text = drawn(ladder_svg, story);

	/* The page's policy would not let it have effect. */
	ck_assert_ptr_null(strstr(text, "<style"));
	ck_assert_ptr_null(strstr(text, "<script"));
	ck_assert_ptr_null(strstr(text, "<b>"));
	ck_assert_ptr_nonnull(strstr(text, "&lt;b&gt;&amp;&quot;"));
	ck_assert_ptr_nonnull(strstr(text, "refused &lt;script&gt;"));
	ck_assert_ptr_null(strstr(text, "href"));
	free(text);
}
END_TEST

START_TEST(story_survives_json)
{
	json_t *o = story_to_json(story, true);
	struct story back;
	char *a, *b;

	ck_assert_ptr_nonnull(o);
	ck_assert(story_from_json(o, &back));
	a = drawn(ladder_timeline, story);
	b = drawn(ladder_timeline, &back);
	ck_assert_str_eq(a, b);
	ck_assert_uint_eq(back.peer.port, 4500);
	ck_assert_int_eq(back.events[3].cause, CAUSE_PASSWORD);
	ck_assert_int_eq(story_stage(&back), STORY_PPP);
	ck_assert_int_eq(story_stage_ms(&back, STORY_L2TP),
	    story_stage_ms(story, STORY_L2TP));
	free(a);
	free(b);
	free(back.events);
	json_decref(o);
}
END_TEST

/* One more that has failed, at this time. */
static void
fail_at(int64_t ms, uint8_t host, enum cause cause)
{
	const struct lns_addr peer = { 4, { 192, 0, 2, host }, 0 };
	const struct story_event e = { .stage = STORY_IKE };
	struct story *s = story_begin(
	    st, &peer, false, (struct story_time){ now, 1700000000 });

	ck_assert_ptr_nonnull(s);
	story_add(st, s, now, &e, "main mode");
	story_finish(st, s, STORY_FAILED, cause, "detail", (struct mono){ ms });
}

START_TEST(failures_are_told_by_their_time)
{
	json_t *list, *o;

	fail_at(now.ms + 3000, 1, CAUSE_PSK);
	fail_at(now.ms + 9000, 2, CAUSE_PORT_4500);
	fail_at(now.ms + 6000, 3, CAUSE_PSK);
	list = stories_failures_json(st, 2);
	ck_assert_uint_eq(json_array_size(list), 2);
	o = json_array_get(list, 0);
	ck_assert_str_eq(
	    json_string_value(json_object_get(o, "client_address")),
	    "192.0.2.2");
	ck_assert_str_eq(json_string_value(json_object_get(o, "cause")),
	    cause_name(CAUSE_PORT_4500));
	ck_assert_str_eq(json_string_value(json_object_get(o, "text")),
	    cause_text(CAUSE_PORT_4500));
	ck_assert_str_eq(json_string_value(json_object_get(o, "stage")), "ike");
	ck_assert_int_eq(
	    json_integer_value(json_object_get(o, "time")), 1700000009);
	o = json_array_get(list, 1);
	ck_assert_str_eq(
	    json_string_value(json_object_get(o, "client_address")),
	    "192.0.2.3");
	json_decref(list);
	/* The one that connects has not failed. */
	list = stories_failures_json(st, 5);
	ck_assert_uint_eq(json_array_size(list), 3);
	json_decref(list);
}
END_TEST

START_TEST(json_without_sense_is_refused)
{
	json_t *o = json_pack("{s:s}", "peer", "nowhere");
	struct story back;

	ck_assert(!story_from_json(o, &back));
	json_decref(o);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("ladder");
	TCase *tc = tcase_create("ladder");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(tc, begin, finish);
	tcase_add_test(tc, timeline_tells_times_and_answers);
	tcase_add_test(tc, long_texts_go_on_below);
	tcase_add_test(tc, svg_has_room_for_the_longest_text);
	tcase_add_test(tc, ladder_has_a_line_for_each_event);
	tcase_add_test(tc, svg_holds_nothing_that_a_peer_made);
	tcase_add_test(tc, story_survives_json);
	tcase_add_test(tc, failures_are_told_by_their_time);
	tcase_add_test(tc, json_without_sense_is_refused);
	suite_add_tcase(s, tc);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
