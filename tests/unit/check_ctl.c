/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../../lnsd/ctl.h"
#include "log.h"
#include "loop.h"
#include "turn.h"

/* --- a server and its client in one process --- */

static char dir[] = "/tmp/check_ctl.XXXXXX";
static struct ctl *ctl;
static int fd;
static char in[1 << 20];
static size_t n_in;

static struct ctl_request *held; /* of the method "wait" */
static int n_gone;

static void
do_echo(void *arg, struct ctl_request *r)
{
	(void)arg;
	ctl_done(r, json_deep_copy(ctl_params(r)));
}

static void
do_wait(void *arg, struct ctl_request *r)
{
	(void)arg;
	held = r;
}

static void
do_text(void *arg, struct ctl_request *r)
{
	(void)arg;
	ctl_done_text(r, "{\"uid\":[1,2]}");
}

static void
do_uid(void *arg, struct ctl_request *r)
{
	(void)arg;
	ctl_done(r, json_integer(ctl_uid(r)));
}

static void
count_gone(void *arg)
{
	(void)arg;
	n_gone++;
}

static int
dial(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/" CTL_SOCKET, dir);
	ck_assert_int_ne(s, -1);
	ck_assert_int_eq(connect(s, (struct sockaddr *)&sun, sizeof(sun)), 0);
	return s;
}

static void
drop_line(int level, const char *line, void *arg)
{
	(void)level;
	(void)line;
	(void)arg;
}

static void
set_up(void)
{
	snprintf(dir, sizeof(dir), "/tmp/check_ctl.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	log_sink(drop_line, NULL);
	loop_init();
	turn_init();
	ctl = ctl_new(dir);
	ck_assert_ptr_nonnull(ctl);
	ctl_add(ctl, "echo", do_echo, NULL);
	ctl_add(ctl, "wait", do_wait, NULL);
	ctl_add(ctl, "text", do_text, NULL);
	ctl_add(ctl, "uid", do_uid, NULL);
	held = NULL;
	n_gone = 0;
	n_in = 0;
	fd = dial();
}

static void
tear_down(void)
{
	if (fd != -1)
		close(fd);
	ctl_free(ctl);
	turn_fini();
	loop_fini();
	/* The socket has gone with it, or the directory would stay. */
	ck_assert_int_eq(rmdir(dir), 0);
}

static void
say(const char *text)
{
	ck_assert_int_eq(
	    send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* The next line; NULL: none comes. */
static json_t *
hear(void)
{
	json_t *o;
	char *nl;
	ssize_t n;
	int i;

	for (i = 0; i < 100; i++) {
		nl = memchr(in, '\n', n_in);
		if (nl != NULL) {
			o = json_loadb(in, (size_t)(nl - in), 0, NULL);
			n_in -= (size_t)(nl + 1 - in);
			memmove(in, nl + 1, n_in);
			ck_assert_ptr_nonnull(o);
			return o;
		}
		turn();
		n = recv(fd, in + n_in, sizeof(in) - n_in, 0);
		if (n == 0)
			return NULL;
		if (n > 0)
			n_in += (size_t)n;
	}
	return NULL;
}

static void
expect_error(int code, int id)
{
	json_t *o = hear();
	const json_t *e = json_object_get(o, "error");

	ck_assert_ptr_nonnull(o);
	ck_assert_int_eq(json_integer_value(json_object_get(e, "code")), code);
	if (id == 0)
		ck_assert(json_is_null(json_object_get(o, "id")));
	else
		ck_assert_int_eq(
		    json_integer_value(json_object_get(o, "id")), id);
	json_decref(o);
}

static void
expect_closed(void)
{
	int i;

	for (i = 0; i < 100; i++) {
		turn();
		if (recv(fd, in, sizeof(in), 0) == 0)
			return;
	}
	ck_abort_msg("the connection is still open");
}

START_TEST(request_is_answered_with_its_id)
{
	json_t *o;

	say("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"echo\","
	    "\"params\":{\"a\":\"b\"}}\n");
	o = hear();
	ck_assert_int_eq(json_integer_value(json_object_get(o, "id")), 7);
	ck_assert_str_eq(json_string_value(json_object_get(
			     json_object_get(o, "result"), "a")),
	    "b");
	json_decref(o);
}
END_TEST

START_TEST(version_names_the_protocol)
{
	json_t *o;

	say("{\"id\":1,\"method\":\"version\"}\n");
	o = hear();
	ck_assert_int_eq(json_integer_value(json_object_get(
			     json_object_get(o, "result"), "protocol")),
	    CTL_PROTOCOL);
	json_decref(o);
}
END_TEST

START_TEST(request_in_pieces_is_one_request)
{
	json_t *o;

	say("{\"id\":1,\"method\"");
	turn();
	say(":\"echo\"}\n{\"id\":2,\"method\":\"echo\"}\n");
	o = hear();
	ck_assert_int_eq(json_integer_value(json_object_get(o, "id")), 1);
	json_decref(o);
	o = hear();
	ck_assert_int_eq(json_integer_value(json_object_get(o, "id")), 2);
	json_decref(o);
}
END_TEST

START_TEST(bad_requests_get_errors_and_the_next_is_served)
{
	say("nonsense\n");
	expect_error(CTL_PARSE, 0);
	say("[1]\n");
	expect_error(CTL_INVALID, 0);
	say("{\"id\":1}\n");
	expect_error(CTL_INVALID, 1);
	say("{\"id\":2,\"method\":3}\n");
	expect_error(CTL_INVALID, 2);
	say("{\"id\":3,\"method\":\"echo\",\"params\":[1]}\n");
	expect_error(CTL_INVALID, 3);
	say("{\"id\":4,\"method\":\"fly\"}\n");
	expect_error(CTL_NO_METHOD, 4);
	say("{\"id\":5,\"method\":\"echo\"}\n");
	json_decref(hear());
}
END_TEST

START_TEST(line_without_end_is_cut_off)
{
	static char long_line[70000];
	size_t at = 0;
	ssize_t n;

	memset(long_line, ' ', sizeof(long_line));
	while (at < sizeof(long_line)) {
		n = send(
		    fd, long_line + at, sizeof(long_line) - at, MSG_NOSIGNAL);
		if (n == -1 && errno != EAGAIN)
			break;
		at += n > 0 ? (size_t)n : 0;
		turn();
	}
	for (at = 0; at < 100; at++) {
		turn();
		n = recv(fd, in, sizeof(in), 0);
		if (n == 0 || (n == -1 && errno == ECONNRESET))
			return;
	}
	ck_abort_msg("the connection is still open");
}
END_TEST

START_TEST(notification_is_not_answered)
{
	json_t *o;

	say("{\"method\":\"echo\"}\n{\"id\":1,\"method\":\"echo\"}\n");
	o = hear();
	ck_assert_int_eq(json_integer_value(json_object_get(o, "id")), 1);
	json_decref(o);
}
END_TEST

START_TEST(late_answer_and_its_items_arrive)
{
	json_t *o;

	say("{\"id\":1,\"method\":\"wait\"}\n");
	while (held == NULL)
		turn();
	ctl_item(held, json_integer(5));
	o = hear();
	ck_assert_str_eq(
	    json_string_value(json_object_get(o, "method")), "item");
	ck_assert_int_eq(json_integer_value(json_object_get(
			     json_object_get(o, "params"), "item")),
	    5);
	json_decref(o);
	ctl_done(held, json_object());
	o = hear();
	ck_assert_ptr_nonnull(json_object_get(o, "result"));
	json_decref(o);
}
END_TEST

START_TEST(answer_that_is_text_already_is_sent_as_it_is)
{
	json_t *o;

	say("{\"method\":\"text\"}\n{\"id\":\"a\",\"method\":\"text\"}\n");
	o = hear();
	ck_assert_str_eq(json_string_value(json_object_get(o, "id")), "a");
	ck_assert_uint_eq(json_array_size(json_object_get(
			      json_object_get(o, "result"), "uid")),
	    2);
	json_decref(o);
}
END_TEST

START_TEST(who_asks_is_known)
{
	json_t *o;

	say("{\"id\":1,\"method\":\"uid\"}\n");
	o = hear();
	ck_assert_int_eq(json_integer_value(json_object_get(o, "result")),
	    (json_int_t)getuid());
	json_decref(o);
}
END_TEST

START_TEST(client_that_asked_and_shut_down_still_gets_its_answer)
{
	say("{\"id\":1,\"method\":\"wait\"}\n");
	ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
	while (held == NULL)
		turn();
	turn();
	ctl_done(held, json_object());
	json_decref(hear());
	expect_closed();
}
END_TEST

START_TEST(client_that_goes_is_told_of)
{
	say("{\"id\":1,\"method\":\"wait\"}\n");
	while (held == NULL)
		turn();
	ctl_on_gone(held, count_gone, NULL);
	/* More than the socket takes: it must notice that nobody reads. */
	close(fd);
	fd = -1;
	for (int i = 0; i < 100 && n_gone == 0; i++) {
		ctl_item(held, json_string("x"));
		turn();
	}
	ck_assert_int_eq(n_gone, 1);
}
END_TEST

START_TEST(client_that_does_not_read_is_cut)
{
	static char big[100000];
	int i;

	say("{\"id\":1,\"method\":\"wait\"}\n");
	while (held == NULL)
		turn();
	ctl_on_gone(held, count_gone, NULL);
	memset(big, 'x', sizeof(big) - 1);
	for (i = 0; i < 200 && n_gone == 0; i++) {
		ctl_item(held, json_string(big));
		turn();
	}
	ck_assert_int_eq(n_gone, 1);
	ck_assert_int_gt(i, 10);
}
END_TEST

START_TEST(method_that_is_there_is_not_added_again)
{
	char path[64];

	/* Nothing tears it down after the signal. */
	snprintf(path, sizeof(path), "%s/" CTL_SOCKET, dir);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(dir), 0);
	ctl_add(ctl, "echo", do_wait, NULL);
}
END_TEST

START_TEST(socket_is_not_for_everybody)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "%s/" CTL_SOCKET, dir);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 07, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("ctl");
	TCase *tc = tcase_create("all");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, request_is_answered_with_its_id);
	tcase_add_test(tc, version_names_the_protocol);
	tcase_add_test(tc, request_in_pieces_is_one_request);
	tcase_add_test(tc, bad_requests_get_errors_and_the_next_is_served);
	tcase_add_test(tc, line_without_end_is_cut_off);
	tcase_add_test(tc, notification_is_not_answered);
	tcase_add_test(tc, late_answer_and_its_items_arrive);
	tcase_add_test(
	    tc, client_that_asked_and_shut_down_still_gets_its_answer);
	tcase_add_test(tc, answer_that_is_text_already_is_sent_as_it_is);
	tcase_add_test(tc, who_asks_is_known);
	tcase_add_test(tc, client_that_goes_is_told_of);
	tcase_add_test(tc, client_that_does_not_read_is_cut);
	tcase_add_test_raise_signal(
	    tc, method_that_is_there_is_not_added_again, SIGABRT);
	tcase_add_test(tc, socket_is_not_for_everybody);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
