/* SPDX-License-Identifier: ISC */
/* Where pluto's own log goes, and how much of it. */

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../ipsec/plutolog.h"
#include "log.h"

#define BAD_PSK                                                               \
	"\"a-203.0.113.1\"[1] 192.0.2.9 #1: probable authentication failure " \
	"(mismatch of preshared secrets?): malformed payload in packet"

static struct conf conf;
static struct algs algs;
static struct plutolog *pluto;
static char logged[65536];

static void
sink(int level, const char *line, void *arg)
{
	size_t at = strlen(logged);

	(void)arg;
	snprintf(logged + at, sizeof(logged) - at, "%d %s\n", level, line);
}

static void
setup(void)
{
	log_sink(sink, NULL);
	logged[0] = '\0';
	conf = (struct conf){ 0 };
	algs_init(&algs);
	pluto = plutolog_new(&conf, &algs);
	ck_assert_ptr_nonnull(pluto);
}

static void
teardown(void)
{
	plutolog_free(pluto);
	log_sink(NULL, NULL);
}

/* What pluto says in its life. */
static void
life(void)
{
	plutolog_start(pluto);
	plutolog_line(pluto, "NSS crypto library initialized");
	plutolog_line(pluto, "FATAL ERROR: x");
	plutolog_ready(pluto);
	plutolog_line(pluto, "| debug");
	plutolog_line(pluto, "netlink_expire got message with length 60 < 232 "
			     "bytes; ignore message");
	plutolog_line(pluto, BAD_PSK);
	plutolog_stop(pluto);
	plutolog_line(pluto, "\"a-203.0.113.1\"[1] 192.0.2.9 #1: deleting "
			     "state (STATE_MAIN_R2) aged 1s and NOT sending "
			     "notification");
	plutolog_end(pluto, false);
}

static const struct {
	enum conf_log_level level;
	const char *logged;
} levels[] = {
	{ CONF_LOG_QUIET, "4 pluto: FATAL ERROR: x\n"
			  "6 [IKE] 192.0.2.9: failed: the pre-shared key "
			  "differs\n" },
	{ CONF_LOG_NORMAL, "4 pluto: FATAL ERROR: x\n"
			   "6 pluto: " BAD_PSK "\n"
			   "6 [IKE] 192.0.2.9: failed: the pre-shared key "
			   "differs\n" },
	{ CONF_LOG_DEBUG, "7 pluto: NSS crypto library initialized\n"
			  "4 pluto: FATAL ERROR: x\n"
			  "7 pluto: | debug\n"
			  "7 pluto: netlink_expire got message with length 60 "
			  "< 232 bytes; ignore message\n"
			  "6 pluto: " BAD_PSK "\n"
			  "6 [IKE] 192.0.2.9: failed: the pre-shared key "
			  "differs\n"
			  "7 pluto: \"a-203.0.113.1\"[1] 192.0.2.9 #1: "
			  "deleting state (STATE_MAIN_R2) aged 1s and NOT "
			  "sending notification\n" },
};

START_TEST(level_says_how_much_goes_to_syslog)
{
	conf.ipsec.log_level = levels[_i].level;
	life();
	ck_assert_str_eq(logged, levels[_i].logged);
}
END_TEST

START_TEST(file_takes_everything_and_syslog_the_cause)
{
	char dir[] = "/tmp/check_plutolog.XXXXXX", name[64], text[4096];
	struct stat st;
	ssize_t n;
	int fd;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(name, sizeof(name), "%s/log", dir);
	conf.ipsec.log = name;
	(void)umask(0);
	life();
	ck_assert_str_eq(
	    logged, "6 [IKE] 192.0.2.9: failed: the pre-shared key differs\n");
	fd = open(name, O_RDONLY);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	n = read(fd, text, sizeof(text) - 1);
	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	close(fd);
	/* "2026/11/26 01:02:03: ..." */
	ck_assert_ptr_eq(
	    strstr(text, ": NSS crypto library initialized\n"), text + 19);
	ck_assert_ptr_nonnull(strstr(text, ": FATAL ERROR: x\n"));
	ck_assert_ptr_nonnull(strstr(text, ": " BAD_PSK "\n"));
	ck_assert_ptr_nonnull(strstr(text, "sending notification\n"));
	ck_assert_int_eq(unlink(name), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

START_TEST(file_that_cannot_be_opened_is_told_once)
{
	conf.ipsec.log = (char[]){ "/nonexistent/log" };
	life();
	ck_assert_str_eq(logged,
	    "4 ipsec: cannot open /nonexistent/log: No such file or "
	    "directory\n"
	    "6 [IKE] 192.0.2.9: failed: the pre-shared key differs\n");
}
END_TEST

START_TEST(last_words_of_a_failed_start_are_told)
{
	char line[32];
	int i;

	plutolog_start(pluto);
	for (i = 1; i <= 20; i++) {
		snprintf(line, sizeof(line), "line %d", i);
		plutolog_line(pluto, line);
	}
	plutolog_end(pluto, true);
	ck_assert_ptr_nonnull(strstr(logged, "4 pluto: line 20\n"));
	ck_assert_int_eq(strncmp(logged, "4 pluto: line 13\n", 17), 0);
	/* One that ends well has nothing to add. */
	logged[0] = '\0';
	plutolog_start(pluto);
	plutolog_line(pluto, "line");
	plutolog_end(pluto, false);
	ck_assert_str_eq(logged, "");
}
END_TEST

START_TEST(clients_cannot_fill_syslog)
{
	unsigned int i, n = 0;
	const char *s;

	plutolog_start(pluto);
	plutolog_ready(pluto);
	for (i = 0; i < 5000; i++)
		plutolog_line(pluto, "x");
	for (s = logged; (s = strstr(s, "pluto: x\n")) != NULL; s++)
		n++;
	/* Time goes on: twenty milliseconds are worth one. */
	ck_assert_uint_ge(n, 500);
	ck_assert_uint_le(n, 1000);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("plutolog");
	TCase *t = tcase_create("plutolog");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 30);
	tcase_add_loop_test(
	    t, level_says_how_much_goes_to_syslog, 0, nitems(levels));
	tcase_add_test(t, file_takes_everything_and_syslog_the_cause);
	tcase_add_test(t, file_that_cannot_be_opened_is_told_once);
	tcase_add_test(t, last_words_of_a_failed_start_are_told);
	tcase_add_test(t, clients_cannot_fill_syslog);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
