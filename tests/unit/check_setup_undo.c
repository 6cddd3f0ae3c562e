/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../lnsd/lnsctl/command.h"
#include "../../lnsd/lnsctl/setup.h"
#include "../../lnsd/lnsctl/setup_file.h"
#include "../../lnsd/lnsctl/setup_record.h"

static char dir[60], file[100], backup[100], flag[100], inner[100];
static char ours[] = "ours\n", before[] = "theirs\n";
static char said[300], all[900];

/* --- of lnsctl's main.c --- */

void
lnsctl_say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(said, sizeof(said), fmt, ap);
	va_end(ap);
	snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s\n", said);
}

int
lnsctl_usage(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(said, sizeof(said), fmt, ap);
	va_end(ap);
	return EXIT_USAGE;
}

void
lnsctl_print_json(const json_t *o)
{
	(void)o;
}

/* --- */

static void
setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/check_undo.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/file", dir);
	snprintf(backup, sizeof(backup), "%s/backup", dir);
	snprintf(flag, sizeof(flag), "%s/flag", dir);
	snprintf(inner, sizeof(inner), "%s/setup.json", dir);
	ck_assert_ptr_nonnull(freopen("/dev/null", "w", stdout));
}

static void
teardown(void)
{
	unlink(file);
	unlink(backup);
	unlink(flag);
	unlink(inner);
	ck_assert_int_eq(rmdir(dir), 0);
}

static void
put_text(const char *path, const char *text)
{
	ck_assert(setup_file_write(path, text, 0600));
}

static void
ck_text(const char *path, const char *text)
{
	char *now = setup_file_read(path, NULL);

	ck_assert_ptr_nonnull(now);
	ck_assert_str_eq(now, text);
	free(now);
}

/* A record of one run with this step, which has replaced a file. */
static void
put_record(const char *undo, const char *second_name)
{
	struct setup_step st = { .text = ours, .mode = 0600 };
	const struct setup_was was = { .text = before, .mode = 0600 };
	char why[SETUP_WHY];
	json_t *record = setup_record_load(inner, why), *run;

	snprintf(st.path, sizeof(st.path), "%s", file);
	snprintf(st.undo, sizeof(st.undo), "%s", undo);
	snprintf(st.backup, sizeof(st.backup), "%s", second_name);
	run = setup_record_begin(record, "/etc/lnsd/lnsd.conf", "now");
	ck_assert(setup_record_add(run, &st, &was));
	ck_assert(setup_record_save(inner, record));
	json_decref(record);
}

static int
undo(void)
{
	return setup_undo(inner, false, false);
}

START_TEST(command_that_failed_is_tried_again_without_its_file)
{
	char command[200];

	snprintf(command, sizeof(command), "test -e %s", flag);
	put_record(command, "");
	put_text(file, ours);
	ck_assert_int_eq(undo(), EXIT_REFUSED);
	ck_text(file, before);
	/* It is not ours any more. */
	put_text(file, "theirs, and more\n");
	put_text(flag, "");
	ck_assert_int_eq(undo(), EXIT_OK);
	ck_text(file, "theirs, and more\n");
	ck_assert_int_eq(access(inner, F_OK), -1);
}
END_TEST

START_TEST(file_that_was_put_back_is_kept_before_its_command)
{
	char command[300];

	/* What a run that is killed meanwhile would leave. */
	snprintf(command, sizeof(command), "cp %s %s", inner, flag);
	put_record(command, "");
	put_text(file, ours);
	ck_assert_int_eq(undo(), EXIT_OK);
	ck_assert_int_eq(rename(flag, inner), 0);
	put_text(file, "theirs, and more\n");
	ck_assert_int_eq(undo(), EXIT_OK);
	ck_text(file, "theirs, and more\n");
}
END_TEST

START_TEST(file_that_is_as_before_is_no_change)
{
	put_record("", "");
	put_text(file, before);
	ck_assert_int_eq(undo(), EXIT_OK);
	ck_text(file, before);
	/* Of one with a second name, too, that was not made yet. */
	put_record("", backup);
	ck_assert_int_eq(undo(), EXIT_OK);
	ck_text(file, before);
}
END_TEST

START_TEST(file_that_was_deleted_gives_way_to_the_one_before)
{
	put_record("", backup);
	put_text(backup, before);
	ck_assert_int_eq(undo(), EXIT_OK);
	ck_text(file, before);
	ck_assert_int_eq(access(backup, F_OK), -1);
	ck_assert_int_eq(unlink(file), 0);
	put_record("", "");
	ck_assert_int_eq(undo(), EXIT_OK);
	ck_text(file, before);
	/* That one has gone as well. */
	ck_assert_int_eq(unlink(file), 0);
	put_record("", backup);
	ck_assert_int_eq(undo(), EXIT_OK);
	ck_assert_int_eq(access(file, F_OK), -1);
}
END_TEST

START_TEST(file_that_others_changed_stays)
{
	put_record("", backup);
	put_text(backup, before);
	put_text(file, "by hand\n");
	ck_assert_int_eq(undo(), EXIT_REFUSED);
	ck_text(file, "by hand\n");
	ck_text(backup, before);
	ck_assert_ptr_nonnull(strstr(said, "not all was taken back"));
}
END_TEST

START_TEST(file_that_cannot_be_read_has_not_gone)
{
	struct stat st;

	put_record("", backup);
	put_text(backup, before);
	ck_assert_int_eq(symlink(file, file), 0);
	ck_assert_int_eq(undo(), EXIT_REFUSED);
	ck_assert_int_eq(lstat(file, &st), 0);
	ck_assert(S_ISLNK(st.st_mode));
	ck_text(backup, before);
	ck_assert_ptr_nonnull(strstr(all, "/file: Too many levels"));
}
END_TEST

/* The plan of one file, over one that is there. */
static bool
carry_out(const char *path, const char *second_name)
{
	static struct setup_plan plan;
	const struct setup s = { .conf = "/etc/lnsd/lnsd.conf" };
	struct setup_step *st = &plan.steps[0];

	st->text = ours;
	st->mode = 0600;
	snprintf(st->path, sizeof(st->path), "%s", path);
	snprintf(st->backup, sizeof(st->backup), "%s", second_name);
	plan.n = 1;
	return setup_carry_out(inner, &s, &plan);
}

START_TEST(file_is_written_and_taken_back)
{
	put_text(file, before);
	ck_assert(carry_out(file, backup));
	ck_text(file, ours);
	ck_text(backup, before);
	ck_assert_int_eq(undo(), EXIT_OK);
	ck_text(file, before);
	ck_assert_int_eq(access(backup, F_OK), -1);
}
END_TEST

START_TEST(file_that_cannot_be_written_leaves_nothing)
{
	char in_the_way[110], within[120];

	put_text(file, before);
	snprintf(in_the_way, sizeof(in_the_way), "%s.new", file);
	ck_assert_int_eq(mkdir(in_the_way, 0700), 0);
	ck_assert(!carry_out(file, backup));
	ck_text(file, before);
	ck_assert_int_eq(access(backup, F_OK), -1);
	ck_assert_int_eq(rmdir(in_the_way), 0);
	ck_assert_int_eq(access(inner, F_OK), -1);
	/* Nor the directory that was made for it. */
	snprintf(within, sizeof(within), "%s/x", backup);
	ck_assert(!carry_out(within, flag));
	ck_assert_int_eq(access(backup, F_OK), -1);
}
END_TEST

START_TEST(file_that_the_record_cannot_hold_is_named)
{
	put_text(file, "\xff\n");
	ck_assert(!carry_out(file, ""));
	ck_text(file, "\xff\n");
	ck_assert_ptr_nonnull(strstr(all, "/file is not UTF-8"));
}
END_TEST

START_TEST(command_finds_what_only_root_has_in_its_path)
{
	static const char command[] =
	    "case :$PATH: in *:/mine:*:/usr/sbin:/sbin:*) ;; *) false; esac";

	/* As su(1) leaves it. */
	ck_assert_int_eq(setenv("PATH", "/mine:/usr/bin:/bin", 1), 0);
	ck_assert(setup_run(command));
	ck_assert(setup_run(command));
	ck_assert_int_eq(unsetenv("PATH"), 0);
	ck_assert(setup_run("case :$PATH: in *:/sbin:*) ;; *) false; esac"));
}
END_TEST

static const char *const no_use[][2] = { { "--address", "192.0.2.1" },
	{ "--user", "alice" }, { "--plugin", "/a" } };

START_TEST(undo_refuses_what_it_has_no_use_for)
{
	struct lnsctl l = { .conf = "/etc/lnsd/lnsd.conf" };
	char words[4][20] = { "setup", "--undo" };
	char *argv[] = { words[0], words[1], words[2], words[3], NULL };

	snprintf(words[2], sizeof(words[2]), "%s", no_use[_i][0]);
	snprintf(words[3], sizeof(words[3]), "%s", no_use[_i][1]);
	ck_assert_int_eq(setup_commands[0].fn(&l, 3, argv + 1), EXIT_USAGE);
	ck_assert_str_eq(
	    said, "setup: --undo goes with --dry-run and --yes alone");
}
END_TEST

START_TEST(command_to_start_that_would_be_cut_is_refused)
{
	struct lnsctl l = { .conf = "/etc/none/lnsd.conf" };
	char words[3][20] = { "setup", "--dry-run", "--start-command" };
	char longest[1251];
	char *argv[] = { words[0], words[1], words[2], longest, NULL };

	memset(longest, 'x', sizeof(longest));
	longest[1250] = '\0';
	ck_assert_int_eq(setup_commands[0].fn(&l, 3, argv + 1), EXIT_USAGE);
	ck_assert_str_eq(
	    said, "setup: --start-command is too long (1249 octets at most)");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("setup_undo");
	TCase *tc = tcase_create("setup_undo");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, command_that_failed_is_tried_again_without_its_file);
	tcase_add_test(tc, file_that_was_put_back_is_kept_before_its_command);
	tcase_add_test(tc, file_that_is_as_before_is_no_change);
	tcase_add_test(tc, file_that_was_deleted_gives_way_to_the_one_before);
	tcase_add_test(tc, file_that_others_changed_stays);
	tcase_add_test(tc, file_that_cannot_be_read_has_not_gone);
	tcase_add_test(tc, file_is_written_and_taken_back);
	tcase_add_test(tc, file_that_cannot_be_written_leaves_nothing);
	tcase_add_test(tc, file_that_the_record_cannot_hold_is_named);
	tcase_add_test(tc, command_finds_what_only_root_has_in_its_path);
	tcase_add_loop_test(
	    tc, undo_refuses_what_it_has_no_use_for, 0, (int)nitems(no_use));
	tcase_add_test(tc, command_to_start_that_would_be_cut_is_refused);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? 0 : 1;
}
