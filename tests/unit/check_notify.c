/* SPDX-License-Identifier: ISC */
/* What the service manager is told. */

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../../lnsd/notify.h"
#include "log.h"

static const struct mono now = { 12345 };

static const char *
text(enum notify_state state, const char *status)
{
	static char buf[512];

	ck_assert_uint_eq(
	    notify_text(buf, sizeof(buf), state, status, now), strlen(buf));
	return buf;
}

START_TEST(text_is_the_whole_state)
{
	ck_assert_str_eq(
	    text(NOTIFY_STARTING, "wait"), "STATUS=wait\nWATCHDOG=1\n");
	ck_assert_str_eq(text(NOTIFY_READY, "2 sessions"),
	    "READY=1\nSTATUS=2 sessions\nWATCHDOG=1\n");
	ck_assert_str_eq(
	    text(NOTIFY_STOPPING, ""), "STOPPING=1\nSTATUS=\nWATCHDOG=1\n");
}
END_TEST

START_TEST(text_of_reload_has_the_time_rounded_up)
{
	ck_assert_str_eq(text(NOTIFY_RELOADING, "r"),
	    "RELOADING=1\nMONOTONIC_USEC=12345999\nSTATUS=r\nWATCHDOG=1\n");
}
END_TEST

START_TEST(text_of_two_lines_ends_with_the_first)
{
	ck_assert_str_eq(text(NOTIFY_READY, "a\nMAINPID=1"),
	    "READY=1\nSTATUS=a\nWATCHDOG=1\n");
}
END_TEST

START_TEST(text_is_cut_at_every_size)
{
	char buf[64], whole[64];
	size_t n = notify_text(whole, sizeof(whole), NOTIFY_READY, "s", now);

	for (size_t size = 1; size <= n; size++) {
		ck_assert_uint_eq(
		    notify_text(buf, size, NOTIFY_READY, "s", now), size - 1);
		ck_assert_mem_eq(buf, whole, size - 1);
	}
}
END_TEST

/* --- with a manager --- */

static char dir[] = "/tmp/check_notify.XXXXXX", path[64];
static int manager = -1;

static void
listen_at(const char *name)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	size_t len = strlen(name);

	memcpy(sun.sun_path, name, len);
	if (name[0] == '@')
		sun.sun_path[0] = '\0';
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	ck_assert_int_ne(manager, -1);
	len += offsetof(struct sockaddr_un, sun_path) + (name[0] != '@');
	ck_assert_int_eq(
	    bind(manager, (const struct sockaddr *)&sun, (socklen_t)len), 0);
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", name, 1), 0);
}

static void
ignore_log(int level, const char *line, void *arg)
{
	(void)level;
	(void)line;
	(void)arg;
}

static void
begin(void)
{
	log_sink(ignore_log, NULL);
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/notify", dir);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

static void
end(void)
{
	notify_fini();
	if (manager != -1)
		close(manager);
	manager = -1;
	(void)unlink(path);
	(void)rmdir(dir);
}

static const char *
told(void)
{
	static char buf[512];
	ssize_t n = recv(manager, buf, sizeof(buf) - 1, 0);

	buf[n < 0 ? 0 : n] = '\0';
	return buf;
}

static int64_t
interval(const char *usec, const char *pid)
{
	if (usec != NULL)
		setenv("WATCHDOG_USEC", usec, 1);
	if (pid != NULL)
		setenv("WATCHDOG_PID", pid, 1);
	notify_init();
	ck_assert_ptr_null(getenv("WATCHDOG_USEC"));
	ck_assert_ptr_null(getenv("WATCHDOG_PID"));
	return notify_interval_ms();
}

START_TEST(manager_at_a_path_is_told)
{
	listen_at(path);
	notify_init();
	ck_assert(notify_wanted());
	ck_assert_ptr_null(getenv("NOTIFY_SOCKET"));
	notify_tell(NOTIFY_READY, "1 session", now);
	ck_assert_str_eq(told(), "READY=1\nSTATUS=1 session\nWATCHDOG=1\n");
}
END_TEST

START_TEST(manager_at_an_abstract_name_is_told)
{
	char name[64];

	snprintf(name, sizeof(name), "@check_notify.%d", (int)getpid());
	listen_at(name);
	notify_init();
	notify_tell(NOTIFY_STOPPING, "", now);
	ck_assert_str_eq(told(), "STOPPING=1\nSTATUS=\nWATCHDOG=1\n");
}
END_TEST

START_TEST(status_of_any_length_is_cut)
{
	char status[4096];

	memset(status, 'x', sizeof(status) - 1);
	status[sizeof(status) - 1] = '\0';
	listen_at(path);
	notify_init();
	notify_tell(NOTIFY_READY, status, now);
	ck_assert_uint_eq(strlen(told()),
	    strlen("READY=1\nSTATUS=\nWATCHDOG=1\n") + NOTIFY_STATUS_MAX - 1);
}
END_TEST

START_TEST(manager_that_does_not_read_stops_nobody)
{
	listen_at(path);
	notify_init();
	for (int i = 0; i < 10000; i++)
		notify_tell(NOTIFY_READY, "", now);
	ck_assert_str_eq(told(), "READY=1\nSTATUS=\nWATCHDOG=1\n");
}
END_TEST

START_TEST(manager_that_is_not_there_is_not_told)
{
	notify_init();
	ck_assert(!notify_wanted());
	notify_tell(NOTIFY_READY, "", now);
	setenv("NOTIFY_SOCKET", path, 1);
	notify_init();
	notify_tell(NOTIFY_READY, "", now);
}
END_TEST

START_TEST(socket_of_another_kind_is_not_used)
{
	char name[256];

	setenv("NOTIFY_SOCKET", "vsock:2:1234", 1);
	notify_init();
	ck_assert(!notify_wanted());
	ck_assert_ptr_null(getenv("NOTIFY_SOCKET"));
	memset(name, 'x', sizeof(name) - 1);
	name[0] = '/';
	name[sizeof(name) - 1] = '\0';
	setenv("NOTIFY_SOCKET", name, 1);
	notify_init();
	ck_assert(!notify_wanted());
}
END_TEST

START_TEST(watchdog_is_fed_three_times_in_its_time)
{
	char pid[16];

	ck_assert_int_eq(interval(NULL, NULL), 10000);
	ck_assert_int_eq(interval("6000000", NULL), 2000);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	ck_assert_int_eq(interval("6000000", pid), 2000);
}
END_TEST

START_TEST(watchdog_that_is_slow_or_not_ours_changes_nothing)
{
	ck_assert_int_eq(interval("6000000", "1"), 10000);
	ck_assert_int_eq(interval("60000000", NULL), 10000);
	ck_assert_int_eq(interval("0", NULL), 10000);
	ck_assert_int_eq(interval("soon", NULL), 10000);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("notify");
	TCase *tc = tcase_create("text");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, text_is_the_whole_state);
	tcase_add_test(tc, text_of_reload_has_the_time_rounded_up);
	tcase_add_test(tc, text_of_two_lines_ends_with_the_first);
	tcase_add_test(tc, text_is_cut_at_every_size);
	suite_add_tcase(s, tc);
	tc = tcase_create("manager");
	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, manager_at_a_path_is_told);
	tcase_add_test(tc, manager_at_an_abstract_name_is_told);
	tcase_add_test(tc, status_of_any_length_is_cut);
	tcase_add_test(tc, manager_that_does_not_read_stops_nobody);
	tcase_add_test(tc, manager_that_is_not_there_is_not_told);
	tcase_add_test(tc, socket_of_another_kind_is_not_used);
	tcase_add_test(tc, watchdog_is_fed_three_times_in_its_time);
	tcase_add_test(tc, watchdog_that_is_slow_or_not_ours_changes_nothing);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? 0 : 1;
}
