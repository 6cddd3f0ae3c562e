/* SPDX-License-Identifier: ISC */
/*
 * Requests to a prepared pppd that is this very program, and what becomes of
 * its children.
 */

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <check.h>

#include "../../include/log.h"
#include "../../include/loop.h"
#include "../../include/proc.h"
#include "../../ppp/prepared.h"
#include "fake_prepared.h"

#define ASKS_MAX 64

struct ask {
	struct prepared_request request;
	bool asked, answered, ended;
	pid_t pid;
	int status;
};

static char n_ppp[] = "phones";
static struct conf_ppp ppp = {
	.name = n_ppp, .auth = CONF_AUTH_PAP, .mtu = 1280
};
static struct pppd_spec spec = { .ppp = &ppp,
	.path = "/proc/self/exe",
	.plugin = "/nowhere/lnsd-ppp.so",
	.name = "vpn" };
static const struct prepared_times times = { 20000, 20000, 1 },
				   short_patience = { 20000, 100, 600000 },
				   long_back_off = { 20000, 20000, 600000 },
				   slow = { 100, 20000, 600000 };
static struct prepared *prep;
static struct ask asks[ASKS_MAX];
static int session_fd;
static struct loop_timer *timer;

/* --- the words on the wire --- */

static struct wire_request req;
static char *words[WIRE_PREPARED_WORDS];
static char w_label[] = "lnsd-label", w_pp[] = "PP[01]", w_empty[] = "";

START_TEST(request_words_come_back_as_they_were)
{
	char *in[] = { w_label, w_pp, w_empty, NULL };
	size_t len = wire_request_put(&req, 7, in);

	ck_assert_uint_eq(len, 8 + sizeof(w_label) + sizeof(w_pp) + 1);
	ck_assert_int_eq(wire_request_take(&req, len, words), 3);
	ck_assert_str_eq(words[0], "lnsd-label");
	ck_assert_str_eq(words[1], "PP[01]");
	ck_assert_str_eq(words[2], "");
	ck_assert_uint_eq(req.id, 7);
}
END_TEST

START_TEST(request_that_does_not_fit_is_not_made)
{
	static char big[WIRE_PREPARED_TEXT + 1];
	char *in[WIRE_PREPARED_WORDS + 2], *one[] = { big, NULL };
	size_t i;

	memset(big, 'x', sizeof(big) - 1);
	ck_assert_uint_eq(wire_request_put(&req, 1, one), 0);
	big[sizeof(big) - 2] = '\0';
	ck_assert_uint_eq(wire_request_put(&req, 1, one), sizeof(req));
	ck_assert_int_eq(wire_request_take(&req, sizeof(req), words), 1);
	for (i = 0; i <= WIRE_PREPARED_WORDS; i++)
		in[i] = w_pp;
	in[i] = NULL;
	ck_assert_uint_eq(wire_request_put(&req, 1, in), 0);
	in[WIRE_PREPARED_WORDS] = NULL;
	ck_assert_uint_ne(wire_request_put(&req, 1, in), 0);
}
END_TEST

START_TEST(request_cut_anywhere_is_refused_or_has_fewer_words)
{
	char *in[] = { w_label, w_pp, NULL };
	size_t len = wire_request_put(&req, 7, in), cut;
	int n;

	for (cut = 0; cut < len; cut++) {
		n = wire_request_take(&req, cut, words);
		if (cut == 8)
			ck_assert_int_eq(n, 0);
		else if (cut == 8 + sizeof(w_label))
			ck_assert_int_eq(n, 1);
		else
			ck_assert_int_eq(n, -1);
	}
	ck_assert_int_eq(wire_request_take(&req, sizeof(req) + 1, words), -1);
}
END_TEST

START_TEST(request_with_bad_magic_id_or_number_of_words_is_refused)
{
	char *in[] = { w_pp, NULL };
	size_t len = wire_request_put(&req, 7, in);

	req.magic++;
	ck_assert_int_eq(wire_request_take(&req, len, words), -1);
	req.magic--;
	req.id = 0;
	ck_assert_int_eq(wire_request_take(&req, len, words), -1);
	req.id = 1;
	memset(req.text, 0, sizeof(req.text));
	ck_assert_int_eq(
	    wire_request_take(&req, 8 + WIRE_PREPARED_WORDS, words),
	    WIRE_PREPARED_WORDS);
	ck_assert_int_eq(
	    wire_request_take(&req, 8 + WIRE_PREPARED_WORDS + 1, words), -1);
}
END_TEST

/* --- a prepared pppd --- */

static void
quiet(int level, const char *line, void *arg)
{
	(void)level;
	(void)line;
	(void)arg;
}

static bool
all_done(void)
{
	size_t i;

	for (i = 0; i < ASKS_MAX; i++)
		if (asks[i].asked && (!asks[i].answered ||
					 (asks[i].pid != -1 && !asks[i].ended)))
			return false;
	return true;
}

static void
on_exit_child(void *arg, int status)
{
	struct ask *a = arg;

	ck_assert(a->answered && !a->ended);
	a->ended = true;
	a->status = status;
	prepared_child_ended(prep, status);
	if (all_done())
		loop_stop();
}

static void
on_answered(void *arg, pid_t pid)
{
	struct ask *a = arg;

	ck_assert(!a->answered);
	a->answered = true;
	a->pid = pid;
	if (pid != -1)
		ck_assert_ptr_nonnull(proc_adopt(pid, on_exit_child, a));
	if (all_done())
		loop_stop();
}

static bool
ask(size_t i, const char *label)
{
	struct pppd_spec session = { .mtu = 1280 };
	int ctl[2];
	bool asked;

	memset(&asks[i], 0, sizeof(asks[i]));
	ck_assert_int_eq(
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ctl), 0);
	asks[i].request.answered = on_answered;
	asks[i].request.arg = &asks[i];
	session.label = label;
	session.session_fd = session_fd;
	session.ctl_fd = ctl[1];
	asked = prepared_ask(prep, &asks[i].request, &session);
	asks[i].asked = asked;
	close(ctl[0]);
	close(ctl[1]);
	return asked;
}

static void
run(const char *label)
{
	ck_assert(ask(0, label));
	loop_run();
}

static void
stop_loop(void *arg)
{
	(void)arg;
	loop_stop();
}

static void
run_ms(int64_t ms)
{
	loop_timer_set(timer, ms);
	loop_run();
}

/* With a prepared pppd that may end before it has been asked. */
static void
run_in_vain(const char *label)
{
	if (!ask(0, label))
		return;
	loop_run();
	ck_assert_int_eq(asks[0].pid, -1);
}

static bool
has_children(void)
{
	siginfo_t si;

	return waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* Runs the loop until nobody is left to bury. */
static void
run_until_childless(void)
{
	int i;

	for (i = 0; i < 400 && has_children(); i++)
		run_ms(20);
	ck_assert(!has_children());
	ck_assert_uint_eq(proc_count(), 0);
}

static void
setup(void)
{
	log_sink(quiet, NULL);
	loop_init();
	session_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	timer = loop_timer_new(stop_loop, NULL);
	prep = prepared_new(&spec, &times);
	ck_assert_ptr_nonnull(prep);
}

static void
teardown(void)
{
	prepared_free(prep);
	ck_assert_uint_eq(proc_count(), 0);
	ck_assert(!has_children());
	loop_timer_free(timer);
	close(session_fd);
	loop_fini();
}

START_TEST(prepared_starts_when_first_asked)
{
	ck_assert_uint_eq(proc_count(), 0);
	run("exit/5");
	ck_assert_int_gt(asks[0].pid, 0);
	ck_assert_int_eq(asks[0].status, 5 << 8);
	/* It stays. */
	ck_assert_uint_eq(proc_count(), 1);
}
END_TEST

START_TEST(prepared_children_at_once_are_told_apart)
{
	char label[16];
	size_t i;

	for (i = 0; i < ASKS_MAX; i++) {
		snprintf(label, sizeof(label), "exit/%zu", i);
		ck_assert(ask(i, label));
	}
	loop_run();
	for (i = 0; i < ASKS_MAX; i++)
		ck_assert_int_eq(asks[i].status, (int)i << 8);
}
END_TEST

START_TEST(prepared_child_that_ended_before_it_is_adopted_has_its_status)
{
	siginfo_t si;

	run("exit/0");
	ck_assert(ask(1, "exit/6"));
	/* The loop does not run while it ends. */
	ck_assert_int_eq(waitid(P_ALL, 0, &si, WEXITED | WNOWAIT), 0);
	loop_run();
	ck_assert_int_eq(asks[1].pid, si.si_pid);
	ck_assert_int_eq(asks[1].status, 6 << 8);
}
END_TEST

START_TEST(prepared_that_can_make_no_child_is_asked_again)
{
	run("refuse/11");
	ck_assert_int_eq(asks[0].pid, -1);
	run("exit/1");
	ck_assert_int_gt(asks[0].pid, 0);
}
END_TEST

START_TEST(prepared_that_dies_leaves_its_sessions_to_others)
{
	run("exit/3");
	ck_assert_int_eq(asks[0].status, 3 << 8);
	ck_assert(ask(1, "die"));
	(void)ask(2, "exit/4"); /* not if it has died already */
	loop_run();
	ck_assert_int_eq(asks[1].pid, -1);
	ck_assert(!asks[2].asked || asks[2].pid == -1);
	run_until_childless();
	run_ms(5);
	run("exit/5");
	ck_assert_int_eq(asks[0].status, 5 << 8);
}
END_TEST

START_TEST(prepared_killed_leaves_the_children_that_run)
{
	siginfo_t si;

	ck_assert(ask(0, "stay"));
	while (!asks[0].answered)
		run_ms(10);
	ck_assert_int_eq(getpgid(asks[0].pid), asks[0].pid);
	ck_assert(ask(1, "die"));
	while (!asks[1].answered)
		run_ms(10);
	while (proc_count() > 1)
		run_ms(10);
	ck_assert_int_eq(asks[1].pid, -1);
	ck_assert_int_eq(
	    waitid(P_PID, (id_t)asks[0].pid, &si, WEXITED | WNOHANG | WNOWAIT),
	    0);
	ck_assert_int_eq(kill(asks[0].pid, SIGTERM), 0);
	loop_run();
	ck_assert_int_eq(asks[0].status, SIGTERM);
}
END_TEST

START_TEST(prepared_that_does_not_answer_is_not_waited_for)
{
	prepared_free(prep);
	prep = prepared_new(&spec, &short_patience);
	run("mute");
	ck_assert_int_eq(asks[0].pid, -1);
	run_until_childless();
	ck_assert(!ask(1, "exit/0"));
}
END_TEST

START_TEST(prepared_that_does_not_become_ready_is_not_waited_for)
{
	struct pppd_spec other = spec;

	other.name = "slow";
	prepared_free(prep);
	prep = prepared_new(&other, &slow);
	run("exit/0");
	ck_assert_int_eq(asks[0].pid, -1);
	run_until_childless();
}
END_TEST

START_TEST(prepared_that_talks_nonsense_is_not_waited_for)
{
	run("babble");
	ck_assert_int_eq(asks[0].pid, -1);
	run_until_childless();
}
END_TEST

START_TEST(prepared_child_whose_answer_was_lost_is_buried)
{
	run("lose");
	ck_assert_int_eq(asks[0].pid, -1);
	run_until_childless();
}
END_TEST

START_TEST(prepared_child_that_lives_unknown_is_killed_and_buried)
{
	run("orphan");
	ck_assert_int_eq(asks[0].pid, -1);
	ck_assert(has_children());
	run_until_childless();
}
END_TEST

START_TEST(prepared_of_a_pppd_that_cannot_is_not_tried_for_every_session)
{
	struct pppd_spec other = spec;

	other.name = "old";
	prepared_free(prep);
	prep = prepared_new(&other, &long_back_off);
	run_in_vain("exit/0");
	run_until_childless();
	ck_assert(!ask(1, "exit/0"));
}
END_TEST

START_TEST(prepared_that_cannot_be_executed_is_told_like_any_other)
{
	struct pppd_spec other = spec;

	other.path = "/nonexistent/pppd";
	prepared_free(prep);
	prep = prepared_new(&other, &times);
	run_in_vain("exit/0");
	run_until_childless();
}
END_TEST

START_TEST(prepared_is_replaced_after_a_child_has_crashed)
{
	static const int crashes[] = { SIGSEGV, SIGABRT, SIGBUS, SIGILL };
	char label[16];
	size_t i;

	for (i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++) {
		snprintf(label, sizeof(label), "signal/%d", crashes[i]);
		run(label);
		ck_assert_int_eq(asks[0].status & 0x7f, crashes[i]);
		run_until_childless();
		run("exit/127"); /* so pppd says it */
		run_until_childless();
		/* No back-off: that was not its fault. */
	}
	snprintf(label, sizeof(label), "signal/%d", SIGKILL);
	run(label);
	ck_assert_int_eq(asks[0].status, SIGKILL);
	run_ms(50);
	ck_assert_uint_eq(proc_count(), 1);
}
END_TEST

static void no_return
fake_pppd(int argc, char **argv)
{
	const char *name = "";
	int i, ctl;

	for (i = 1; i + 1 < argc; i++)
		if (strcmp(argv[i], "name") == 0)
			name = argv[i + 1];
	if (strcmp(name, "old") == 0)
		_exit(2); /* does not know lnsd-prepared */
	while (strcmp(name, "slow") == 0)
		pause();
	(void)fake_prepared(fake_requests(argc, argv), &ctl);
	for (;;)
		pause();
}

int
main(int argc, char **argv)
{
	Suite *s;
	TCase *tc;
	SRunner *sr;
	int failed;

	if (argc > 1 && strcmp(argv[1], "plugin") == 0)
		fake_pppd(argc, argv);
	s = suite_create("prepared");
	tc = tcase_create("wire");
	tcase_add_test(tc, request_words_come_back_as_they_were);
	tcase_add_test(tc, request_that_does_not_fit_is_not_made);
	tcase_add_test(tc, request_cut_anywhere_is_refused_or_has_fewer_words);
	tcase_add_test(
	    tc, request_with_bad_magic_id_or_number_of_words_is_refused);
	suite_add_tcase(s, tc);
	tc = tcase_create("prepared");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, prepared_starts_when_first_asked);
	tcase_add_test(tc, prepared_children_at_once_are_told_apart);
	tcase_add_test(
	    tc, prepared_child_that_ended_before_it_is_adopted_has_its_status);
	tcase_add_test(tc, prepared_that_can_make_no_child_is_asked_again);
	tcase_add_test(tc, prepared_that_dies_leaves_its_sessions_to_others);
	tcase_add_test(tc, prepared_killed_leaves_the_children_that_run);
	tcase_add_test(tc, prepared_that_does_not_answer_is_not_waited_for);
	tcase_add_test(
	    tc, prepared_that_does_not_become_ready_is_not_waited_for);
	tcase_add_test(tc, prepared_that_talks_nonsense_is_not_waited_for);
	tcase_add_test(tc, prepared_child_whose_answer_was_lost_is_buried);
	tcase_add_test(
	    tc, prepared_child_that_lives_unknown_is_killed_and_buried);
	tcase_add_test(
	    tc, prepared_of_a_pppd_that_cannot_is_not_tried_for_every_session);
	tcase_add_test(
	    tc, prepared_that_cannot_be_executed_is_told_like_any_other);
	tcase_add_test(tc, prepared_is_replaced_after_a_child_has_crashed);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
