/* SPDX-License-Identifier: ISC */
/* Programs that are told of sessions. */

#include <arpa/inet.h>

#include "conf_file.h"

#include "../../include/log.h"
#include "../../include/loop.h"
#include "../../ppp/hook.h"

static char name[] = "phones", up_path[PATH_MAX], down_path[PATH_MAX];
static char said[8192]; /* what hooks have written, line by line */
static struct conf_ppp ppp;
static struct hooks *hooks;

static void
keep(int level, const char *line, void *arg)
{
	size_t n = strlen(said);

	(void)level;
	(void)arg;
	snprintf(said + n, sizeof(said) - n, "%s\n", line);
}

static void
on_idle(void *arg)
{
	(void)arg;
	loop_stop();
}

/* Scripts; NULL: none. */
static void
begin(int64_t limit_ms, const char *up, const char *down)
{
	setup();
	log_sink(keep, NULL);
	said[0] = '\0';
	loop_init();
	snprintf(up_path, sizeof(up_path), "%s/secret", dir);
	snprintf(down_path, sizeof(down_path), "%s/pipe", dir);
	ppp = (struct conf_ppp){ .name = name };
	if (up != NULL) {
		put("secret", up, strlen(up), 0700);
		ppp.ip_up = up_path;
	}
	if (down != NULL) {
		put("pipe", down, strlen(down), 0700);
		ppp.ip_down = down_path;
	}
	hooks = hooks_new(limit_ms, on_idle, NULL);
	ck_assert_ptr_nonnull(hooks);
}

static void
end(void)
{
	ck_assert_uint_eq(hooks_running(hooks), 0);
	hooks_free(hooks);
	loop_fini();
	teardown();
}

static struct hook *
session_up(void)
{
	const struct hook_session s = { .ppp = &ppp,
		.user = "alice",
		.ifname = "ppp7",
		.peer = "198.51.100.7",
		.local = { inet_addr("10.0.0.1") },
		.remote = { inet_addr("10.0.0.9") },
		.filter = "web mail" };

	return hook_up(hooks, &s);
}

static void
session_down(struct hook *h)
{
	const struct ppp_end end_of = { .cause = "peer hung up",
		.user = "alice",
		.rx_bytes = 5000000000u,
		.tx_bytes = 300,
		.connect_s = 61 };

	hook_down(h, &end_of);
}

#define ENV "#!/bin/sh\nenv | grep -vE '^(PWD|_|SHLVL)=' | sort\n"
#define AT_UP(what)                                            \
	"ppp: " what " for 'alice': LC_ALL=C\n"                \
	"ppp: " what " for 'alice': LNSD_FILTER_ID=web mail\n" \
	"ppp: " what " for 'alice': LNSD_IFNAME"               \
	"=ppp7\n"                                              \
	"ppp: " what " for 'alice': LNSD_LOCAL=10.0.0.1\n"

START_TEST(up_is_told_of_the_session_and_of_nothing_else)
{
	struct hook *h;

	setenv("SECRET", "sesame", 1);
	begin(10000, ENV, NULL);
	h = session_up();
	ck_assert_ptr_nonnull(h);
	session_down(h);
	loop_run();
	ck_assert_str_eq(said,
	    AT_UP("ip-up") "ppp: ip-up for 'alice': LNSD_PEER=198.51.100.7\n"
			   "ppp: ip-up for 'alice': LNSD_PROFILE=phones\n"
			   "ppp: ip-up for 'alice': LNSD_REMOTE=10.0.0.9\n"
			   "ppp: ip-up for 'alice': LNSD_USER=alice\n"
			   "ppp: ip-up for 'alice': PATH=/usr/sbin:/usr/bin:"
			   "/sbin:/bin\n");
	end();
}
END_TEST

START_TEST(down_is_told_how_it_was)
{
	struct hook *h;

	begin(10000, NULL,
	    "#!/bin/sh\necho $# \"$LNSD_CAUSE\" "
	    "$LNSD_CONNECT_TIME $LNSD_RX_BYTES $LNSD_TX_BYTES "
	    "$LNSD_USER\nexit 3\n");
	h = session_up();
	ck_assert_ptr_nonnull(h);
	session_down(h);
	loop_run();
	ck_assert_str_eq(said,
	    "ppp: ip-down for 'alice': 0 peer hung up 61 5000000000 300 alice\n"
	    "ppp: ip-down for 'alice': exit status 3\n");
	end();
}
END_TEST

START_TEST(down_waits_for_the_end_of_up)
{
	begin(
	    10000, "#!/bin/sh\nsleep 0.2\necho up\n", "#!/bin/sh\necho down\n");
	session_down(session_up());
	loop_run();
	ck_assert_str_eq(said,
	    "ppp: ip-up for 'alice': up\nppp: ip-down for 'alice': down\n");
	end();
}
END_TEST

START_TEST(up_that_takes_too_long_is_ended)
{
	begin(100, "#!/bin/sh\nexec sleep 60\n", "#!/bin/sh\necho down\n");
	session_down(session_up());
	loop_run();
	ck_assert_str_eq(said, "ppp: ip-up for 'alice' takes too long\n"
			       "ppp: ip-up for 'alice': killed by signal 15\n"
			       "ppp: ip-down for 'alice': down\n");
	end();
}
END_TEST

START_TEST(down_that_does_not_listen_is_killed)
{
	begin(200, NULL, "#!/bin/sh\ntrap '' TERM\nwhile :; do :; done\n");
	session_down(session_up());
	loop_run();
	ck_assert_str_eq(said,
	    "ppp: ip-down for 'alice' takes too long\n"
	    "ppp: ip-down for 'alice': killed by signal 9\n");
	end();
}
END_TEST

START_TEST(program_that_cannot_be_run_is_told_and_forgotten)
{
	begin(10000, NULL, "no program");
	session_down(session_up());
	loop_run();
	ck_assert_str_eq(said, "ppp: ip-down for 'alice': exit status 127 "
			       "(it is not there, or cannot be run)\n");
	end();
}
END_TEST

START_TEST(profile_without_hooks_has_none)
{
	begin(10000, NULL, NULL);
	ck_assert_ptr_null(session_up());
	session_down(NULL);
	end();
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("hook");
	TCase *tc = tcase_create("hook");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, up_is_told_of_the_session_and_of_nothing_else);
	tcase_add_test(tc, down_is_told_how_it_was);
	tcase_add_test(tc, down_waits_for_the_end_of_up);
	tcase_add_test(tc, up_that_takes_too_long_is_ended);
	tcase_add_test(tc, down_that_does_not_listen_is_killed);
	tcase_add_test(tc, program_that_cannot_be_run_is_told_and_forgotten);
	tcase_add_test(tc, profile_without_hooks_has_none);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
