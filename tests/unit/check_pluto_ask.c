/* SPDX-License-Identifier: ISC */
/* whack itself, and what it asks: a socket that answers in pluto's place. */

#include "conf_file.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "../../ipsec/pluto_ask.h"
#include "log.h"
#include "loop.h"
#include "proc.h"

static struct conf *conf;
static char path[108];
static int listener;
static struct loop_io *io;
static const char *says; /* NULL: nothing, ever */
static int held;	 /* the connection of one that gets no answer */
static unsigned int n_done, n_sas;
static bool known;

static void
drop_line(int level, const char *line, void *arg)
{
	(void)level;
	(void)line;
	(void)arg;
}

/* Of pluto's protocol this is enough: what is asked does not matter. */
static void
serve(int fd, void *arg)
{
	char asked[65536];
	int c = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

	(void)arg;
	ck_assert_int_ne(c, -1);
	ck_assert_int_gt(read(c, asked, sizeof(asked)), 0);
	if (says == NULL) {
		held = c;
		loop_stop();
		return;
	}
	ck_assert_int_eq(write(c, says, strlen(says)), (ssize_t)strlen(says));
	close(c);
}

static void
open_pluto(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ne(listener, -1);
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	io = loop_io_new(listener, serve, NULL);
	ck_assert_ptr_nonnull(io);
}

static void
set_up(void)
{
	setup();
	log_sink(drop_line, NULL);
	loop_init();
	conf = assert_loaded(BASE);
	snprintf(path, sizeof(path), "%s/pluto.ctl", dir);
	listener = held = -1;
	io = NULL;
	n_done = n_sas = 0;
	known = false;
}

static void
tear_down(void)
{
	loop_io_free(io);
	if (listener != -1)
		close(listener);
	if (held != -1)
		close(held);
	(void)unlink(path);
	conf_free(conf);
	loop_fini();
	teardown();
}

static void
on_answer(void *arg, struct ipsec_ike *ike)
{
	ck_assert_ptr_eq(arg, &n_done);
	n_done++;
	known = ike != NULL;
	n_sas = known ? (unsigned int)ike->n_sas : 0;
	ipsec_ike_free(ike);
	loop_stop();
}

static struct ipsec_ask *
ask(void)
{
	struct ipsec_ask *a = pluto_ask(path, conf, on_answer, &n_done);

	ck_assert_ptr_nonnull(a);
	ck_assert_uint_eq(n_done, 0);
	return a;
}

START_TEST(answer_is_told_once)
{
	says = "000 #1: \"a-203.0.113.1\"[1] 192.0.2.10:500 STATE_MAIN_R3 (IKE "
	       "SA established); EXPIRE in 28785s; newest; idle;\n"
	       "000 #2: \"other\" 192.0.2.11:500 STATE_MAIN_R3 (IKE SA "
	       "established); EXPIRE in 1s; newest; idle;\n";
	open_pluto();
	(void)ask();
	loop_run();
	ck_assert_uint_eq(n_done, 1);
	ck_assert(known);
	ck_assert_uint_eq(n_sas, 1);
}
END_TEST

START_TEST(pluto_that_is_not_there_has_no_answer)
{
	(void)ask();
	loop_run();
	ck_assert_uint_eq(n_done, 1);
	ck_assert(!known);
}
END_TEST

START_TEST(cancelled_asking_tells_nothing)
{
	struct ipsec_ask *a;

	says = NULL;
	open_pluto();
	a = ask();
	loop_run();
	ck_assert_uint_eq(proc_count(), 1);
	ipsec_ask_cancel(a);
	ck_assert_uint_eq(n_done, 0);
	ck_assert_uint_eq(proc_count(), 0);
	ipsec_ask_cancel(NULL);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("pluto_ask");
	TCase *tc = tcase_create("pluto_ask");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, answer_is_told_once);
	tcase_add_test(tc, pluto_that_is_not_there_has_no_answer);
	tcase_add_test(tc, cancelled_asking_tells_nothing);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
