/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../../lnsd/http.h"
#include "log.h"
#include "loop.h"
#include "turn.h"

/* --- a server and its clients in one process --- */

static char dir[] = "/tmp/check_http.XXXXXX";
static struct conf_http conf;
static char path[64];
static struct http *http;
static char in[65536];
static struct http_request *held;

static void
say_hello(void *arg, struct http_request *r)
{
	const char *query = http_query(r);

	(void)arg;
	if (query != NULL)
		http_reply(r, "text/plain", query, strlen(query));
	else
		http_reply(r, "text/plain", "hello", 5);
}

static void
hold(void *arg, struct http_request *r)
{
	(void)arg;
	held = r;
}

static void
drop_line(int level, const char *line, void *arg)
{
	(void)level;
	(void)line;
	(void)arg;
}

static void
begin(void)
{
	log_sink(drop_line, NULL);
	loop_init();
	turn_init();
	http = http_new(&conf);
	ck_assert_ptr_nonnull(http);
	http_add(http, "/hello", say_hello, NULL);
	http_add(http, "/hold", hold, NULL);
	held = NULL;
}

static void
set_up_unix(void)
{
	snprintf(dir, sizeof(dir), "/tmp/check_http.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/sock", dir);
	conf = (struct conf_http){ .path = path };
	begin();
}

/* A port that was free a moment ago. */
static void
set_up_tcp(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sin);
	int s = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(bind(s, (struct sockaddr *)&sin, len), 0);
	ck_assert_int_eq(getsockname(s, (struct sockaddr *)&sin, &len), 0);
	close(s);
	conf = (struct conf_http){ .listen = { .family = 4,
				       .ip = { 127, 0, 0, 1 },
				       .port = ntohs(sin.sin_port) } };
	begin();
}

static void
tear_down(void)
{
	http_free(http);
	turn_fini();
	loop_fini();
	/* The socket has gone with it, or the directory would stay. */
	if (conf.path != NULL)
		ck_assert_int_eq(rmdir(dir), 0);
}

static int
dial(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_port = htons(conf.listen.port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int s;

	if (conf.path == NULL) {
		s = socket(AF_INET, SOCK_STREAM, 0);
		ck_assert_int_eq(
		    connect(s, (struct sockaddr *)&sin, sizeof(sin)), 0);
		return s;
	}
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	s = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(s, (struct sockaddr *)&sun, sizeof(sun)), 0);
	return s;
}

static void
say(int s, const char *text)
{
	ck_assert_int_eq(
	    send(s, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* What has come until it stops, into in; whether it was the end. */
static bool
hear(int s)
{
	size_t n = 0;
	ssize_t got;
	int i, quiet = 0;

	for (i = 0; i < 400 && quiet < 20; i++) {
		turn();
		got = recv(
		    s, in + n, sizeof(in) - 1 - n, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (got == 0)
			break;
		quiet = got > 0 ? 0 : quiet + 1;
		n += got > 0 ? (size_t)got : 0;
	}
	in[n] = '\0';
	return i < 400 && quiet < 20;
}

/* The status of the answer; the whole of it is in in. */
static int
ask(const char *request)
{
	int s = dial(), status = 0;

	say(s, request);
	(void)hear(s);
	close(s);
	(void)sscanf(in, "HTTP/1.%*d %d", &status);
	return status;
}

#define LOCAL "Host: 127.0.0.1:9701\r\n\r\n"

START_TEST(request_is_answered_with_what_protects_the_page)
{
	ck_assert_int_eq(ask("GET /hello HTTP/1.1\r\n" LOCAL), 200);
	ck_assert_str_eq(in + strlen(in) - 9, "\r\n\r\nhello");
	ck_assert_ptr_nonnull(strstr(in,
	    "Content-Security-Policy: default-src 'self'; base-uri 'none'; "
	    "form-action 'none'; frame-ancestors 'none'\r\n"));
	ck_assert_ptr_nonnull(strstr(in, "X-Frame-Options: DENY\r\n"));
	ck_assert_ptr_nonnull(strstr(in, "Cache-Control: no-store\r\n"));
	ck_assert_ptr_nonnull(strstr(in, "nosniff\r\n"));
}
END_TEST

START_TEST(query_is_handed_on)
{
	ck_assert_int_eq(ask("GET /hello?n=7 HTTP/1.1\r\n" LOCAL), 200);
	ck_assert_ptr_nonnull(strstr(in, "\r\n\r\nn=7"));
}
END_TEST

START_TEST(head_has_no_body)
{
	ck_assert_int_eq(ask("HEAD /hello HTTP/1.1\r\n" LOCAL), 200);
	ck_assert_ptr_null(strstr(in, "hello"));
}
END_TEST

static const struct {
	const char *request;
	int status;
} refusals[] = {
	{ "GET /hello HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421 },
	{ "GET /hello HTTP/1.0\r\n\r\n", 421 },
	{ "GET /none HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421 },
	{ "GET /none HTTP/1.1\r\n" LOCAL, 404 },
	{ "GET /%2e%2e/etc/passwd HTTP/1.1\r\n" LOCAL, 404 },
	{ "GET http://127.0.0.1/hello HTTP/1.1\r\n" LOCAL, 400 },
	{ "POST /hello HTTP/1.1\r\nContent-Length: 0\r\n" LOCAL, 501 },
	{ "DELETE /hello HTTP/1.1\r\n" LOCAL, 501 },
	{ "GET /hello HTTP/1.1\r\nContent-Length: 999999\r\n" LOCAL, 413 },
	{ "nonsense\r\n\r\n", 400 },
};

START_TEST(request_that_is_not_for_us_is_refused)
{
	ck_assert_int_eq(ask(refusals[_i].request), refusals[_i].status);
	ck_assert_ptr_null(strstr(in, "hello"));
}
END_TEST

START_TEST(headers_without_end_are_cut)
{
	char line[2048];
	int s = dial(), i;
	bool ended = false;

	memset(line, 'a', sizeof(line));
	memcpy(line, "X: ", 3);
	memcpy(line + sizeof(line) - 3, "\r\n", 3);
	say(s, "GET /hello HTTP/1.1\r\n");
	for (i = 0; i < 8 && !ended; i++) {
		(void)send(s, line, sizeof(line) - 1, MSG_NOSIGNAL);
		ended = hear(s);
	}
	ck_assert(ended || strstr(in, "HTTP/1.1 4") != NULL);
	ck_assert_ptr_null(strstr(in, "hello"));
	close(s);
}
END_TEST

START_TEST(socket_answers_whatever_the_host)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0660);
	ck_assert_int_eq(
	    ask("GET /hello HTTP/1.1\r\nHost: any.example\r\n\r\n"), 200);
}
END_TEST

START_TEST(socket_of_a_dead_server_is_replaced_and_a_file_is_not)
{
	struct http *other;
	FILE *f;

	/* As if the first had been killed. */
	other = http_new(&conf);
	ck_assert_ptr_nonnull(other);
	http_free(other);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fclose(f);
	ck_assert_ptr_null(http_new(&conf));
	ck_assert_int_eq(access(path, F_OK), 0);
}
END_TEST

START_TEST(answer_may_come_later_or_too_late)
{
	int s = dial(), i;

	say(s, "GET /hold HTTP/1.1\r\n" LOCAL);
	for (i = 0; i < 100 && held == NULL; i++)
		turn();
	ck_assert_ptr_nonnull(held);
	http_reply(held, "text/plain", "late", 4);
	(void)hear(s);
	ck_assert_ptr_nonnull(strstr(in, "\r\n\r\nlate"));
	held = NULL;
	say(s, "GET /hold HTTP/1.1\r\n" LOCAL);
	for (i = 0; i < 100 && held == NULL; i++)
		turn();
	close(s);
	for (i = 0; i < 10; i++)
		turn();
	ck_assert_ptr_nonnull(held);
	http_reply(held, "text/plain", "late", 4);
}
END_TEST

START_TEST(open_requests_end_with_the_server)
{
	int gone = dial(), waits = dial(), i;

	say(gone, "GET /hold HTTP/1.1\r\n" LOCAL);
	say(waits, "GET /hold HTTP/1.1\r\n" LOCAL);
	for (i = 0; i < 20; i++)
		turn();
	close(gone);
	for (i = 0; i < 20; i++)
		turn();
	ck_assert_ptr_nonnull(held);
	close(waits);
}
END_TEST

START_TEST(oldest_connection_yields)
{
	int s[40], i;

	for (i = 0; i < 40; i++) {
		s[i] = dial();
		turn();
	}
	ck_assert(hear(s[0]));
	ck_assert(!hear(s[39]));
	say(s[39], "GET /hello HTTP/1.1\r\n" LOCAL);
	(void)hear(s[39]);
	ck_assert_ptr_nonnull(strstr(in, "hello"));
	for (i = 0; i < 40; i++)
		close(s[i]);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("http");
	TCase *tcp = tcase_create("tcp"), *un = tcase_create("unix");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tcp, set_up_tcp, tear_down);
	tcase_add_test(tcp, request_is_answered_with_what_protects_the_page);
	tcase_add_test(tcp, query_is_handed_on);
	tcase_add_test(tcp, head_has_no_body);
	tcase_add_loop_test(
	    tcp, request_that_is_not_for_us_is_refused, 0, nitems(refusals));
	tcase_add_test(tcp, headers_without_end_are_cut);
	tcase_add_test(tcp, answer_may_come_later_or_too_late);
	tcase_add_test(tcp, open_requests_end_with_the_server);
	tcase_add_test(tcp, oldest_connection_yields);
	suite_add_tcase(s, tcp);
	tcase_add_checked_fixture(un, set_up_unix, tear_down);
	tcase_add_test(un, socket_answers_whatever_the_host);
	suite_add_tcase(s, un);
	tcase_add_test(
	    un, socket_of_a_dead_server_is_replaced_and_a_file_is_not);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
