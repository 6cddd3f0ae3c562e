/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../lnsd/lnsctl/setup_file.h"
#include "../../lnsd/lnsctl/setup_record.h"

static char dir[] = "/tmp/check_record.XXXXXX", path[80], inner[100];
static char why[SETUP_WHY];
static json_t *record;

static void
setup(void)
{
	static const char template[] = "/tmp/check_record.XXXXXX";

	memcpy(dir, template, sizeof(template));
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/state", dir);
	snprintf(inner, sizeof(inner), "%s/setup.json", path);
	record = setup_record_load(inner, why);
	ck_assert_msg(record != NULL, "%s", why);
}

static void
teardown(void)
{
	json_decref(record);
	unlink(inner);
	rmdir(path);
	ck_assert_int_eq(rmdir(dir), 0);
}

static void
reload(void)
{
	json_decref(record);
	record = setup_record_load(inner, why);
}

static void
put_text(const char *text, mode_t mode)
{
	bool made;

	ck_assert(setup_file_make_directory(inner, 0700, &made));
	ck_assert(setup_file_write(inner, text, mode));
}

/* A run with a file and a command. */
static json_t *
begin(const char *when)
{
	static char text[] = "ours\n", before[] = "theirs\n";
	const struct setup_step file = {
		.path = "/etc/a", .text = text, .mode = 0600
	};
	const struct setup_step command = {
		.command = "do", .undo = "undo", .there = "look"
	};
	const struct setup_was was = { .text = before, .mode = 0640 };
	const struct setup_was nothing = { .text = NULL };
	json_t *run = setup_record_begin(record, "/etc/lnsd/lnsd.conf", when);

	ck_assert_ptr_nonnull(run);
	ck_assert(setup_record_add(run, &file, &was));
	ck_assert(setup_record_add(run, &command, &nothing));
	return run;
}

static const json_t *
step_of_last(size_t i)
{
	return json_array_get(
	    json_object_get(setup_record_last(record), "steps"), i);
}

START_TEST(record_without_a_file_is_empty)
{
	ck_assert_ptr_null(setup_record_last(record));
	ck_assert(setup_record_save(inner, record));
	ck_assert_int_eq(access(path, F_OK), -1);
}
END_TEST

START_TEST(record_is_written_for_its_owner_and_read_again)
{
	const json_t *step;
	struct stat st;

	begin("first");
	ck_assert(setup_record_save(inner, record));
	ck_assert_int_eq(stat(inner, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0700);
	reload();
	step = step_of_last(0);
	ck_assert_str_eq(
	    json_string_value(json_object_get(step, "was")), "theirs\n");
	ck_assert_int_eq(
	    json_integer_value(json_object_get(step, "mode")), 0640);
	step = step_of_last(1);
	ck_assert_str_eq(
	    json_string_value(json_object_get(step, "there")), "look");
	ck_assert_ptr_null(json_object_get(step, "path"));
	ck_assert_ptr_null(json_object_get(step, "was"));
}
END_TEST

START_TEST(last_run_is_the_first_to_go_and_the_file_with_the_last)
{
	json_t *none = json_array(), *left = json_array();

	begin("first");
	begin("second");
	/* A part of it is left. */
	json_array_append_new(left, json_pack("{s:s}", "path", "/etc/left"));
	setup_record_keep(record, left);
	ck_assert_uint_eq(json_array_size(json_object_get(
			      setup_record_last(record), "steps")),
	    1);
	setup_record_keep(record, none);
	ck_assert_str_eq(json_string_value(json_object_get(
			     setup_record_last(record), "when")),
	    "first");
	ck_assert(setup_record_save(inner, record));
	ck_assert_int_eq(access(inner, F_OK), 0);
	setup_record_keep(record, none);
	ck_assert(setup_record_save(inner, record));
	/* Its directory was made for it. */
	ck_assert_int_eq(access(path, F_OK), -1);
	json_decref(none);
	json_decref(left);
}
END_TEST

START_TEST(directory_that_was_there_stays)
{
	json_t *none = json_array();

	ck_assert_int_eq(mkdir(path, 0755), 0);
	begin("first");
	ck_assert(setup_record_save(inner, record));
	setup_record_keep(record, none);
	ck_assert(setup_record_save(inner, record));
	ck_assert_int_eq(access(path, F_OK), 0);
	json_decref(none);
}
END_TEST

START_TEST(record_of_others_is_refused)
{
	put_text("{\"version\": 1, \"runs\": []}", 0600);
	reload();
	ck_assert_ptr_nonnull(record);
	ck_assert_int_eq(chmod(inner, 0620), 0);
	reload();
	ck_assert_ptr_null(record);
	ck_assert_ptr_nonnull(strstr(why, "others could have written it"));
}
END_TEST

START_TEST(text_that_is_no_record_is_refused)
{
	static const char *const wrong[] = { "", "{", "[]", "{}",
		"{\"version\": 2, \"runs\": []}",
		"{\"version\": 1, \"runs\": {}}",
		"{\"version\": 1, \"runs\": [1]}",
		"{\"version\": 1, \"runs\": [{\"steps\": 1}]}" };
	size_t i;

	for (i = 0; i < nitems(wrong); i++) {
		put_text(wrong[i], 0600);
		reload();
		ck_assert_msg(record == NULL, "%s", wrong[i]);
		ck_assert_ptr_nonnull(strstr(why, "is no record of setup"));
	}
}
END_TEST

START_TEST(file_is_ours_changed_or_gone)
{
	begin("first");
	ck_assert_int_eq(setup_fate(step_of_last(0), "ours\n"), SETUP_OURS);
	ck_assert_int_eq(
	    setup_fate(step_of_last(0), "ours\n#\n"), SETUP_CHANGED);
	ck_assert_int_eq(setup_fate(step_of_last(0), ""), SETUP_CHANGED);
	ck_assert_int_eq(setup_fate(step_of_last(0), NULL), SETUP_GONE);
	ck_assert_int_eq(setup_fate(step_of_last(1), NULL), SETUP_NO_FILE);
}
END_TEST

START_TEST(digest_is_sha256)
{
	char buf[SETUP_DIGEST];

	setup_digest("abc", buf);
	ck_assert_str_eq(buf,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("setup_record");
	TCase *tc = tcase_create("setup_record");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, record_without_a_file_is_empty);
	tcase_add_test(tc, record_is_written_for_its_owner_and_read_again);
	tcase_add_test(
	    tc, last_run_is_the_first_to_go_and_the_file_with_the_last);
	tcase_add_test(tc, directory_that_was_there_stays);
	tcase_add_test(tc, record_of_others_is_refused);
	tcase_add_test(tc, text_that_is_no_record_is_refused);
	tcase_add_test(tc, file_is_ours_changed_or_gone);
	tcase_add_test(tc, digest_is_sha256);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? 0 : 1;
}
