/* SPDX-License-Identifier: ISC */
/* Child processes and the worker pool, on a real loop. */

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../include/worker.h"
#include "log.h"
#include "loop.h"
#include "proc.h"

static int exit_status;
static unsigned int n_exits;
static char lines[16384];

static void
ignore_log(int level, const char *line, void *arg)
{
	(void)level;
	(void)line;
	(void)arg;
}

static void
on_exit_stop(void *arg, int status)
{
	(void)arg;
	exit_status = status;
	n_exits++;
	loop_stop();
}

static void
on_line(void *arg, const char *line)
{
	(void)arg;
	strncat(lines, line, sizeof(lines) - strlen(lines) - 2);
	strcat(lines, "|");
}

static struct proc *
sh(const char *script, proc_line_fn line)
{
	char *argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, NULL, NULL };
	struct proc_spec spec = { .path = "/bin/sh",
		.argv = argv,
		.in_fd = -1,
		.out_fd = -1,
		.on_line = line,
		.on_exit = on_exit_stop };
	struct proc *p;

	argv[2] = strdup(script);
	ck_assert_ptr_nonnull(argv[2]);
	p = proc_start(&spec);
	free(argv[2]);
	ck_assert_ptr_nonnull(p);
	return p;
}

static void
setup(void)
{
	log_sink(ignore_log, NULL);
	loop_init();
	lines[0] = '\0';
	n_exits = 0;
}

static void
teardown(void)
{
	loop_fini();
}

START_TEST(child_exit_status_is_reported)
{
	(void)sh("exit 7", NULL);
	ck_assert_uint_eq(proc_count(), 1);
	loop_run();
	ck_assert(WIFEXITED(exit_status) && WEXITSTATUS(exit_status) == 7);
	ck_assert_str_eq(proc_status_text(exit_status), "exit status 7");
	ck_assert_uint_eq(proc_count(), 0);
}
END_TEST

START_TEST(child_killed_by_signal_is_reported)
{
	struct proc *p = sh("sleep 60", NULL);

	ck_assert_int_eq(proc_signal(p, SIGKILL), 0);
	loop_run();
	ck_assert(WIFSIGNALED(exit_status));
	ck_assert_str_eq(proc_status_text(exit_status), "killed by signal 9");
}
END_TEST

START_TEST(child_output_comes_line_by_line_before_the_exit)
{
	(void)sh("echo one; echo two >&2; printf three", on_line);
	loop_run();
	ck_assert_str_eq(lines, "one|two|three|");
}
END_TEST

/* A child that proc.c knows nothing of, in a process group of its own. */
static pid_t
made_elsewhere(int status)
{
	pid_t pid = fork();

	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		if (setpgid(0, 0) == -1)
			_exit(99);
		while (status == -1)
			pause();
		_exit(status);
	}
	(void)setpgid(pid, pid);
	return pid;
}

START_TEST(adopted_child_is_watched_like_others)
{
	pid_t pid = made_elsewhere(-1);
	struct proc *p = proc_adopt(pid, on_exit_stop, NULL);

	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(proc_pid(p), pid);
	ck_assert_uint_eq(proc_count(), 1);
	ck_assert_int_eq(proc_signal(p, SIGKILL), 0);
	loop_run();
	ck_assert_int_eq(exit_status, SIGKILL);
	ck_assert_uint_eq(proc_count(), 0);
}
END_TEST

START_TEST(adopted_child_that_has_ended_already_has_its_status)
{
	pid_t pid = made_elsewhere(7);
	siginfo_t si;

	ck_assert_int_eq(waitid(P_PID, (id_t)pid, &si, WEXITED | WNOWAIT), 0);
	ck_assert_ptr_nonnull(proc_adopt(pid, on_exit_stop, NULL));
	loop_run();
	ck_assert(WIFEXITED(exit_status) && WEXITSTATUS(exit_status) == 7);
}
END_TEST

START_TEST(adopting_who_is_not_ours_fails)
{
	ck_assert_ptr_null(proc_adopt(getppid(), on_exit_stop, NULL));
	ck_assert_int_eq(errno, ECHILD);
	ck_assert_ptr_null(proc_adopt(1 << 22, on_exit_stop, NULL));
	ck_assert_int_eq(errno, ESRCH);
}
END_TEST

START_TEST(group_without_anybody_is_reaped)
{
	pid_t ended = made_elsewhere(0), lives = made_elsewhere(-1);
	siginfo_t si;

	ck_assert_int_eq(waitid(P_PID, (id_t)ended, &si, WEXITED | WNOWAIT), 0);
	ck_assert(proc_reap_group(ended));
	ck_assert(!proc_reap_group(lives)); /* but it is killed */
	ck_assert_int_eq(waitid(P_PID, (id_t)lives, &si, WEXITED | WNOWAIT), 0);
	ck_assert_int_eq(si.si_status, SIGKILL);
	ck_assert(proc_reap_group(lives));
	ck_assert_int_eq(kill(ended, 0), -1);
	ck_assert_int_eq(kill(lives, 0), -1);
}
END_TEST

START_TEST(killed_child_is_not_reported)
{
	struct proc *p = sh("sleep 60", on_line);
	pid_t pid = proc_pid(p);

	proc_kill(p);
	ck_assert_uint_eq(proc_count(), 0);
	ck_assert_uint_eq(n_exits, 0);
	ck_assert_int_eq(kill(pid, 0), -1);
}
END_TEST

START_TEST(child_leads_a_group_of_its_own_if_told)
{
	char *argv[] = { (char[]){ "sleep" }, (char[]){ "60" }, NULL };
	struct proc_spec spec = { .path = "/bin/sleep",
		.argv = argv,
		.in_fd = -1,
		.out_fd = -1,
		.own_group = true,
		.on_exit = on_exit_stop };
	struct proc *p = proc_start(&spec);

	ck_assert_ptr_nonnull(p);
	while (getpgid(proc_pid(p)) == getpgrp())
		(void)usleep(1000);
	ck_assert_int_eq(getpgid(proc_pid(p)), proc_pid(p));
	proc_kill(p);
}
END_TEST

START_TEST(child_that_does_not_exist_exits_127)
{
	char *argv[] = { (char[]){ "nothing" }, NULL };
	struct proc_spec spec = { .path = "/nonexistent",
		.argv = argv,
		.in_fd = -1,
		.out_fd = -1,
		.on_exit = on_exit_stop };

	ck_assert_ptr_nonnull(proc_start(&spec));
	loop_run();
	ck_assert_int_eq(WEXITSTATUS(exit_status), 127);
}
END_TEST

START_TEST(child_inherits_only_what_it_was_given)
{
	int fds[2], other[2];
	char script[128];
	char *argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, script, NULL };
	struct proc_spec spec = { .path = "/bin/sh",
		.argv = argv,
		.in_fd = -1,
		.out_fd = -1,
		.n_keep = 1,
		.on_exit = on_exit_stop };

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(pipe(other), 0);
	snprintf(script, sizeof(script),
	    "[ -e /proc/self/fd/%d ] && [ ! -e /proc/self/fd/%d ]", fds[1],
	    other[1]);
	spec.keep[0] = fds[1];
	ck_assert_ptr_nonnull(proc_start(&spec));
	loop_run();
	ck_assert_int_eq(exit_status, 0);
	close(fds[0]);
	close(fds[1]);
	close(other[0]);
	close(other[1]);
}
END_TEST

START_TEST(child_environment_holds_nothing_of_ours)
{
	ck_assert_int_eq(setenv("LNSD_TEST_LEAK", "1", 1), 0);
	(void)sh("env | grep -c LEAK", on_line);
	loop_run();
	ck_assert_str_eq(lines, "0|");
}
END_TEST

START_TEST(child_with_a_pipe_that_loses_never_waits_for_us)
{
	char *argv[] = { (char[]){ "sh" }, (char[]){ "-c" },
		(char[]){ "i=0; while [ $i -lt 20000 ]; do echo line $i; "
			  "i=$((i+1)); done 2>/dev/null; exit 7" },
		NULL };
	struct proc_spec spec = { .path = "/bin/sh",
		.argv = argv,
		.in_fd = -1,
		.out_fd = -1,
		.on_line = on_line,
		.out_pipe = 4096,
		.on_exit = on_exit_stop };
	struct proc *p = proc_start(&spec);
	siginfo_t si;

	ck_assert_ptr_nonnull(p);
	/* It ends though nobody reads. */
	ck_assert_int_eq(
	    waitid(P_PID, (id_t)proc_pid(p), &si, WEXITED | WNOWAIT), 0);
	lines[0] = '\0';
	loop_run();
	ck_assert_int_eq(WEXITSTATUS(exit_status), 7);
	ck_assert(strncmp(lines, "line 0|line 1|", 14) == 0);
	ck_assert_ptr_null(strstr(lines, "line 19999|"));
}
END_TEST

/* --- workers --- */

struct work {
	bool ran;
	bool done;
};

static unsigned int n_done;

static void
work_run(void *arg)
{
	struct work *w = arg;

	usleep(20000);
	w->ran = true;
}

static void
work_done(void *arg)
{
	struct work *w = arg;

	ck_assert(w->ran);
	w->done = true;
	n_done++;
	if (worker_pending() == 0)
		loop_stop();
}

START_TEST(worker_jobs_all_run_and_report_on_the_loop)
{
	struct work w[100] = { 0 };
	size_t i;

	n_done = 0;
	worker_init();
	for (i = 0; i < nitems(w); i++)
		ck_assert_int_eq(worker_submit(work_run, work_done, &w[i]), 0);
	ck_assert_uint_eq(worker_pending(), nitems(w));
	loop_run();
	ck_assert_uint_eq(n_done, nitems(w));
	for (i = 0; i < nitems(w); i++)
		ck_assert(w[i].done);
	worker_fini();
	ck_assert_uint_eq(worker_pending(), 0);
}
END_TEST

START_TEST(worker_fini_with_jobs_under_way_leaves_nothing)
{
	struct work w[20] = { 0 };
	size_t i;

	worker_init();
	for (i = 0; i < nitems(w); i++)
		ck_assert_int_eq(worker_submit(work_run, work_done, &w[i]), 0);
	worker_fini();
	for (i = 0; i < nitems(w); i++)
		ck_assert(w[i].ran && !w[i].done);
}
END_TEST

/* --- timers --- */

static struct loop_timer *timer;

static void
timer_frees_itself(void *arg)
{
	(void)arg;
	loop_timer_free(timer);
	timer = NULL;
	loop_stop();
}

START_TEST(timer_may_be_freed_in_its_own_callback)
{
	timer = loop_timer_new(timer_frees_itself, NULL);
	loop_timer_set(timer, 1);
	loop_run();
	ck_assert_ptr_null(timer);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("proc");
	TCase *t = tcase_create("proc");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, adopted_child_is_watched_like_others);
	tcase_add_test(t, adopted_child_that_has_ended_already_has_its_status);
	tcase_add_test(t, adopting_who_is_not_ours_fails);
	tcase_add_test(t, group_without_anybody_is_reaped);
	tcase_add_test(t, killed_child_is_not_reported);
	tcase_add_test(t, child_leads_a_group_of_its_own_if_told);
	tcase_add_test(t, child_exit_status_is_reported);
	tcase_add_test(t, child_killed_by_signal_is_reported);
	tcase_add_test(t, child_with_a_pipe_that_loses_never_waits_for_us);
	tcase_add_test(t, child_output_comes_line_by_line_before_the_exit);
	tcase_add_test(t, child_that_does_not_exist_exits_127);
	tcase_add_test(t, child_inherits_only_what_it_was_given);
	tcase_add_test(t, child_environment_holds_nothing_of_ours);
	tcase_add_test(t, worker_jobs_all_run_and_report_on_the_loop);
	tcase_add_test(t, worker_fini_with_jobs_under_way_leaves_nothing);
	tcase_add_test(t, timer_may_be_freed_in_its_own_callback);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
