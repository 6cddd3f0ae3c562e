/* SPDX-License-Identifier: ISC */
/* A file of users that changes. */

#include "conf_file.h"

#include "../../include/log.h"
#include "../../include/loop.h"
#include "../../include/worker.h"
#include "../../ppp/user_file.h"

static char users_path[PATH_MAX], mark[256];
static struct conf *conf;
static struct chap *chap;
static struct user_db *db;
static struct user_file *file;
static char said[4096]; /* since the last change */

/* The line that tells what came of a change ends the wait for it. */
static void
keep(int level, const char *line, void *arg)
{
	size_t n = strlen(said);

	(void)level;
	(void)arg;
	snprintf(said + n, sizeof(said) - n, "%s\n", line);
	if (strstr(line, "users of ") != NULL ||
	    strstr(line, "is not used") != NULL)
		loop_stop();
}

static size_t n_taken;

static void
on_taken(void *arg, const struct conf_users *users)
{
	(void)arg;
	n_taken = users->n;
}

static void
begin(const char *text, const char *users)
{
	const char *error;

	setup();
	log_sink(keep, NULL);
	loop_init();
	worker_init();
	put("secret", users, strlen(users), 0600);
	conf = assert_loaded(text);
	snprintf(users_path, sizeof(users_path), "%s/secret", dir);
	ck_assert_str_eq(conf->users_file, users_path);
	chap = chap_new(&error);
	ck_assert_ptr_nonnull(chap);
	db = user_db_new(conf->users, conf->n_users, chap);
	ck_assert_ptr_nonnull(db);
	file = user_file_new(conf, chap, db, on_taken, NULL);
	ck_assert_ptr_nonnull(file);
	said[0] = '\0';
}

static void
end(void)
{
	user_file_free(file);
	user_db_free(db);
	chap_free(chap);
	conf_free(conf);
	worker_fini();
	loop_fini();
	teardown();
}

static const char *
log_in(const char *name, const char *password)
{
	struct wire_ask a = { .method = WIRE_PAP };
	struct user_verdict v;

	a.name_len = (uint16_t)strlen(name);
	memcpy(a.name, name, a.name_len);
	a.response_len = (uint16_t)strlen(password);
	memcpy(a.response, password, a.response_len);
	user_verify(db, CONF_AUTH_PAP, &a, &v);
	return v.granted ? "granted" : v.reason;
}

/* Another file takes the name. */
static void
replace(const char *text)
{
	char from[PATH_MAX];

	said[0] = '\0';
	put("pipe", text, strlen(text), 0600);
	snprintf(from, sizeof(from), "%s/pipe", dir);
	ck_assert_int_eq(rename(from, users_path), 0);
	loop_run();
}

#define FILE_BASE BASE "users-file = secret\n"

START_TEST(users_of_the_file_come_and_go)
{
	begin(FILE_BASE, "user v { password = one }\n");
	ck_assert_str_eq(log_in("u", "pw"), "granted");
	ck_assert_str_eq(log_in("v", "one"), "granted");
	ck_assert_str_eq(log_in("w", "two"), "unknown user");
	replace("user w { password = two address = 10.0.0.12 }\n"
		"user x { password = two }\n");
	ck_assert_uint_eq(n_taken, 2);
	ck_assert_uint_eq(user_file_users(file)->n, 2);
	ck_assert_str_eq(log_in("u", "pw"), "granted");
	ck_assert_str_eq(log_in("v", "one"), "unknown user");
	ck_assert_str_eq(log_in("OFFICE\\w", "two"), "granted");
	replace("");
	ck_assert_str_eq(log_in("w", "two"), "unknown user");
	ck_assert_str_eq(log_in("u", "pw"), "granted");
	end();
}
END_TEST

START_TEST(file_that_is_rewritten_is_read_again)
{
	FILE *f;

	begin(FILE_BASE, "user v { password = one }\n");
	f = fopen(users_path, "w");
	ck_assert_ptr_nonnull(f);
	fputs("user v { password = two }\n", f);
	fclose(f);
	loop_run();
	ck_assert_str_eq(log_in("v", "one"), "wrong password");
	ck_assert_str_eq(log_in("v", "two"), "granted");
	end();
}
END_TEST

static const struct {
	const char *text, *error;
} refusals[] = {
	{ "user v { password = x\n", ":1: brace is not closed" },
	{ "\nuser v { passwort = x }", ":2: user \"v\": unknown key" },
	{ "user v { }", ":1: user \"v\": none of password" },
	{ "ppp p { }", ":1: unknown section 'ppp'" },
	{ "user u { password = x }",
	    ":1: user \"u\": is already a user of the configuration" },
	{ "user v { password = x address = 10.0.0.1 }",
	    ":1: user \"v\": address: 10.0.0.1 is already one of the "
	    "configuration" },
	{ "user v { password = x address = 10.9.0.1 }\n"
	  "user w { password = x address = 10.9.0.1 }",
	    ":2: user \"w\": address: 10.9.0.1 is already that of user \"v\" "
	    "on line 1" },
	{ "user v { password = x routes = 10.0.0.0/16 }",
	    ":1: user \"v\": routes: '10.0.0.0/16' covers 10.0.0.1" },
	{ "user v { password = x routes = 10.7.0.0/16 }",
	    ":1: user \"v\": routes: '10.7.0.0/16' is already that of user "
	    "\"r\" of the configuration" },
	{ "user v { password = x ipv6-prefix = '2001:db8:1:77::/64' }",
	    ":1: user \"v\": ipv6-prefix: 2001:db8:1:77::/64 is already that "
	    "of user \"r\" of the configuration" },
	{ "user v { password = x ipv6-prefix = '2001:db8:1:78::/64' }\n"
	  "user w { password = x ipv6-prefix = '2001:db8:1:78::/64' }",
	    ":2: user \"w\": ipv6-prefix: 2001:db8:1:78::/64 is already that "
	    "of user \"v\" on line 1" },
	{ "user '*' { password = x routes = 10.8.0.0/16 }",
	    ":1: user \"*\": routes: not for everybody at once" },
};

START_TEST(file_with_a_mistake_changes_nothing)
{
	begin(FILE_BASE "user r { password = x routes = 10.7.0.0/16 "
			"ipv6-prefix = '2001:db8:1:77::/64' }\n",
	    "user v { password = one }\n");
	replace(refusals[_i].text);
	snprintf(mark, sizeof(mark), "secret%s", refusals[_i].error);
	ck_assert_msg(strstr(said, mark) != NULL, "%s", said);
	ck_assert_str_eq(log_in("v", "one"), "granted");
	end();
}
END_TEST

START_TEST(file_that_others_can_read_is_refused)
{
	begin(FILE_BASE, "user v { password = one }\n");
	ck_assert_int_eq(chmod(users_path, 0604), 0);
	loop_run();
	ck_assert_ptr_nonnull(strstr(said, "readable by others"));
	said[0] = '\0';
	ck_assert_int_eq(chmod(users_path, 0600), 0);
	loop_run();
	ck_assert_ptr_nonnull(strstr(said, "1 users of"));
	end();
}
END_TEST

START_TEST(everybody_may_be_in_the_file)
{
	begin(FILE_BASE, "user '*' { password = open }\n");
	ck_assert_str_eq(log_in("guest", "open"), "granted");
	ck_assert_str_eq(log_in("u", "open"), "wrong password");
	replace("user guest { password = closed disabled = yes }\n"
		"user '*' { password = open }\n");
	ck_assert_str_eq(log_in("guest", "open"), "the user is disabled");
	ck_assert_str_eq(log_in("other", "open"), "granted");
	end();
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("user_file");
	TCase *tc = tcase_create("user_file");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, users_of_the_file_come_and_go);
	tcase_add_test(tc, file_that_is_rewritten_is_read_again);
	tcase_add_loop_test(
	    tc, file_with_a_mistake_changes_nothing, 0, (int)nitems(refusals));
	tcase_add_test(tc, file_that_others_can_read_is_refused);
	tcase_add_test(tc, everybody_may_be_in_the_file);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
