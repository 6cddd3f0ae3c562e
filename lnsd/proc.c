/* SPDX-License-Identifier: ISC */
/* Child processes by pidfd; contract in include/proc.h. */

#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"
#include "loop.h"

/* pluto writes lines of up to 1024 octets. */
#define PROC_LINE_MAX 1100

/* As a shell says it. */
#define NOT_RUN 127

struct proc {
	pid_t pid;
	int pidfd;
	struct loop_io *io;
	int out_fd; /* our end of the child's output, or -1 */
	struct loop_io *out_io;
	char line[PROC_LINE_MAX];
	size_t line_len;
	proc_line_fn on_line;
	proc_exit_fn on_exit;
	void *arg;
};

static size_t n_procs;

/* Nobody writes in waitid()'s words what waitpid() says: put it back. */
static int
wait_status(const siginfo_t *si)
{
	if (si->si_code == CLD_EXITED)
		return (si->si_status & 0xff) << 8;
	return si->si_status & 0x7f;
}

static void
end_line(struct proc *p)
{
	p->line[p->line_len] = '\0';
	if (p->line_len > 0)
		p->on_line(p->arg, p->line);
	p->line_len = 0;
}

/* An overlong line is handed on in pieces. */
static void
take_output(struct proc *p, const char *buf, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (buf[i] == '\n' || p->line_len == sizeof(p->line) - 1)
			end_line(p);
		if (buf[i] != '\n')
			p->line[p->line_len++] = buf[i];
	}
}

static void
close_output(struct proc *p)
{
	if (p->out_fd == -1)
		return;
	end_line(p);
	loop_io_free(p->out_io);
	close(p->out_fd);
	p->out_fd = -1;
}

/* False when there is nothing more to read now. */
static bool
read_output(struct proc *p)
{
	char buf[1024];
	ssize_t n;

	n = read(p->out_fd, buf, sizeof(buf));
	if (n > 0) {
		take_output(p, buf, (size_t)n);
		return true;
	}
	if (n == 0 || errno != EAGAIN)
		close_output(p);
	return false;
}

static void
output_ready(int fd, void *arg)
{
	(void)fd;
	(void)read_output(arg);
}

static void
child_ended(int fd, void *arg)
{
	struct proc *p = arg;
	siginfo_t si = { 0 };

	if (waitid(P_PIDFD, (id_t)fd, &si, WEXITED | WNOHANG) == -1) {
		/* Somebody else reaped it: cannot happen, do not spin. */
		log_warn("proc", "waitid for pid %d", (int)p->pid);
	} else if (si.si_pid == 0) {
		return;
	}
	while (p->out_fd != -1 && read_output(p))
		;
	close_output(p);
	loop_io_free(p->io);
	close(p->pidfd);
	n_procs--;
	p->on_exit(p->arg, wait_status(&si));
	free(p);
}

/* After fork: only what is safe there, and it never returns. */
static void no_return
child_exec(const struct proc_spec *spec, int null_fd, pid_t parent)
{
	int in = spec->in_fd != -1 ? spec->in_fd : null_fd;
	int out = spec->out_fd != -1 ? spec->out_fd : null_fd;
	char *const env[] = { (char[]){ "PATH=/usr/sbin:/usr/bin:/sbin:/bin" },
		(char[]){ "LC_ALL=C" }, NULL };
	sigset_t none;
	size_t i;
	int sig;

	if (prctl(PR_SET_PDEATHSIG, SIGTERM) == -1 || getppid() != parent)
		_exit(NOT_RUN);
	if (spec->own_group && setpgid(0, 0) == -1)
		_exit(NOT_RUN);
	for (sig = 1; sig < NSIG; sig++)
		(void)signal(sig, SIG_DFL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(in, 0) == -1 || dup2(out, 1) == -1 || dup2(out, 2) == -1)
		_exit(NOT_RUN);
	if (close_range(3, ~0u, CLOSE_RANGE_CLOEXEC) == -1)
		_exit(NOT_RUN);
	for (i = 0; i < spec->n_keep; i++)
		if (fcntl(spec->keep[i], F_SETFD, 0) == -1)
			_exit(NOT_RUN);
	execve(spec->path, spec->argv, spec->env != NULL ? spec->env : env);
	_exit(NOT_RUN);
}

/* Fork with a pidfd, so that there is no moment without one.  Not clone3():
 * who forbids name spaces (systemd's RestrictNamespaces) has to forbid all of
 * it, for its flags are out of a filter's sight. */
#if defined(__s390__) || defined(__s390x__) || defined(__CRIS__)
#error "clone() takes the stack before the flags here, see ppp/plugin, too"
#endif
static pid_t
fork_pidfd(int *pidfd)
{
	return (pid_t)syscall(
	    SYS_clone, CLONE_PIDFD | SIGCHLD, NULL, pidfd, NULL, 0L);
}

static int
spawn(struct proc *p, const struct proc_spec *spec, int out_fd)
{
	struct proc_spec with_out = *spec;
	pid_t parent = getpid();
	int null_fd, err;

	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null_fd == -1)
		return -1;
	if (out_fd != -1)
		with_out.out_fd = out_fd;
	p->pid = fork_pidfd(&p->pidfd);
	if (p->pid == 0)
		child_exec(&with_out, null_fd, parent);
	err = errno;
	close(null_fd);
	errno = err;
	return p->pid == -1 ? -1 : 0;
}

static int
watch(struct proc *p)
{
	p->io = loop_io_new(p->pidfd, child_ended, p);
	if (p->io == NULL)
		return -1;
	if (p->out_fd == -1)
		return 0;
	if (fcntl(p->out_fd, F_SETFL, O_NONBLOCK) == -1)
		return -1;
	p->out_io = loop_io_new(p->out_fd, output_ready, p);
	return p->out_io == NULL ? -1 : 0;
}

/* The child's output.  Non-blocking is an open file, not a descriptor: each
 * end has a flag of its own. */
static int
make_pipe(int out[2], int size)
{
	int err;

	if (pipe2(out, O_CLOEXEC) == -1)
		return -1;
	if (size == 0)
		return 0;
	if (fcntl(out[1], F_SETFL, O_NONBLOCK) != -1) {
		/* One that stays small only loses more. */
		(void)fcntl(out[1], F_SETPIPE_SZ, size);
		return 0;
	}
	err = errno;
	close(out[0]);
	close(out[1]);
	errno = err;
	return -1;
}

/* Takes but a moment: nobody can refuse. */
static void
bury(int pidfd)
{
	(void)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	(void)waitid(P_PIDFD, (id_t)pidfd, &(siginfo_t){ 0 }, WEXITED);
}

struct proc *
proc_start(const struct proc_spec *spec)
{
	struct proc *p;
	int out[2] = { -1, -1 }, err;

	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return NULL;
	p->pidfd = -1;
	p->on_line = spec->on_line;
	p->on_exit = spec->on_exit;
	p->arg = spec->arg;
	if (p->on_line != NULL && make_pipe(out, spec->out_pipe) == -1) {
		free(p);
		return NULL;
	}
	p->out_fd = out[0];
	if (spawn(p, spec, out[1]) == 0 && watch(p) == 0) {
		if (out[1] != -1)
			close(out[1]);
		n_procs++;
		return p;
	}
	err = errno;
	if (p->pidfd != -1) {
		bury(p->pidfd);
		close(p->pidfd);
	}
	loop_io_free(p->io);
	if (out[0] != -1) {
		close(out[0]);
		close(out[1]);
	}
	free(p);
	errno = err;
	return NULL;
}

static bool
is_our_child(int pidfd)
{
	siginfo_t si;

	return waitid(P_PIDFD, (id_t)pidfd, &si, WEXITED | WNOHANG | WNOWAIT) ==
	       0;
}

static struct proc *
adopt(pid_t pid, int pidfd, proc_exit_fn on_exit, void *arg)
{
	struct proc *p;

	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return NULL;
	p->pid = pid;
	p->pidfd = pidfd;
	p->out_fd = -1;
	p->on_exit = on_exit;
	p->arg = arg;
	if (watch(p) == 0) {
		n_procs++;
		return p;
	}
	free(p);
	return NULL;
}

struct proc *
proc_adopt(pid_t pid, proc_exit_fn on_exit, void *arg)
{
	struct proc *p;
	int pidfd;

	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd == -1) {
		/* Without a descriptor for it, it would never be buried. */
		if (errno != ESRCH && waitpid(pid, NULL, WNOHANG) == 0 &&
		    kill(pid, SIGKILL) == 0)
			(void)waitpid(pid, NULL, 0);
		return NULL;
	}
	if (!is_our_child(pidfd)) {
		close(pidfd);
		errno = ECHILD;
		return NULL;
	}
	/* Out of reach of proc_reap_group(). */
	(void)setpgid(pid, pid);
	p = adopt(pid, pidfd, on_exit, arg);
	if (p == NULL) {
		bury(pidfd);
		close(pidfd);
		errno = ENOMEM;
	}
	return p;
}

bool
proc_reap_group(pid_t group)
{
	siginfo_t si;

	for (;;) {
		si.si_pid = 0;
		if (waitid(P_PGID, (id_t)group, &si, WEXITED | WNOHANG) == -1)
			return true;
		if (si.si_pid == 0)
			break;
	}
	/* One lives, so that the number is still that of this group. */
	(void)kill(-group, SIGKILL);
	return false;
}

void
proc_kill(struct proc *p)
{
	bury(p->pidfd);
	loop_io_free(p->out_io);
	if (p->out_fd != -1)
		close(p->out_fd);
	loop_io_free(p->io);
	close(p->pidfd);
	n_procs--;
	free(p);
}

pid_t
proc_pid(const struct proc *p)
{
	return p->pid;
}

int
proc_signal(struct proc *p, int sig)
{
	return (int)syscall(SYS_pidfd_send_signal, p->pidfd, sig, NULL, 0);
}

size_t
proc_count(void)
{
	return n_procs;
}

const char *
proc_status_text(int status)
{
	static char text[48];

	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_RUN)
		return "exit status 127 (it is not there, or cannot be run)";
	if (WIFEXITED(status))
		snprintf(
		    text, sizeof(text), "exit status %d", WEXITSTATUS(status));
	else
		snprintf(text, sizeof(text), "killed by signal %d",
		    WTERMSIG(status));
	return text;
}
