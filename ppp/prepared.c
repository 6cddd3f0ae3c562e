/* SPDX-License-Identifier: ISC */
/*
 * lnsd's side of a prepared pppd (plugin/prepared.c); contract in prepared.h.
 *
 * Requests wait in the socket while it starts, so that the first session is
 * served as soon as the others.  It is gone for good in two steps: give_up()
 * closes the socket in a way that lets no answer get lost, and on_exit_pppd()
 * buries it.  A child that could not answer any more ends, and is buried as the
 * member of a process group: nobody ever told us its pid.
 */

#include "prepared.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "log.h"
#include "loop.h"
#include "plugin/wire_prepared.h"
#include "proc.h"

#define READS_MAX 32
#define BACK_OFF_MAX_MS 600000
#define REAP_AGAIN_MS 1000

TAILQ_HEAD(request_list, prepared_request);

struct prepared {
	struct pppd_spec spec;
	struct prepared_times times;
	struct proc *proc; /* NULL: none runs */
	pid_t group;	   /* of its children; 0: none is left to bury */
	int fd;		   /* -1: takes no requests */
	struct loop_io *io;
	bool ready;	/* it has said so */
	bool dismissed; /* it ends because we want it to */
	uint32_t last_id;
	struct request_list asked; /* oldest first */
	struct loop_timer *patience, *reaper;
	struct mono not_before; /* when another one may be tried */
	int64_t back_off_ms;
};

static void
reap(void *arg)
{
	struct prepared *p = arg;

	if (proc_reap_group(p->group))
		p->group = 0;
	else
		loop_timer_set(p->reaper, REAP_AGAIN_MS);
}

static void
reply(struct prepared *p, struct prepared_request *r, pid_t pid)
{
	TAILQ_REMOVE(&p->asked, r, entry);
	r->answered(r->arg, pid);
}

static struct prepared_request *
find(const struct prepared *p, uint32_t id)
{
	struct prepared_request *r;

	TAILQ_FOREACH (r, &p->asked, entry)
		if (r->id == id)
			return r;
	return NULL;
}

static void
on_ready(struct prepared *p)
{
	struct mono until = mono_add_ms(clock_now(), p->times.patience_ms);
	struct prepared_request *r;

	p->ready = true;
	TAILQ_FOREACH (r, &p->asked, entry)
		r->until = until;
}

static void
on_answer(struct prepared *p, const struct wire_answer *a)
{
	struct prepared_request *r = find(p, a->id);

	if (a->id == 0)
		on_ready(p);
	if (r == NULL)
		return;
	if (a->pid > 0)
		p->back_off_ms = p->times.back_off_ms;
	reply(p, r, a->pid > 0 ? a->pid : -1);
}

/* 1: took one, 0: there is none now, -1: there will be none. */
static int
read_one(struct prepared *p)
{
	struct wire_answer a;
	ssize_t n;

	n = recv(p->fd, &a, sizeof(a), MSG_DONTWAIT | MSG_TRUNC);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n != (ssize_t)sizeof(a) || a.magic != WIRE_PREPARED_MAGIC)
		return -1;
	on_answer(p, &a);
	return 1;
}

/* From shutdown() on nobody can answer, and what has been answered is read:
 * whoever waits after that has no child. */
static void
give_up(struct prepared *p)
{
	if (p->fd == -1)
		return;
	(void)shutdown(p->fd, SHUT_RD);
	while (read_one(p) == 1)
		;
	loop_io_free(p->io);
	p->io = NULL;
	close(p->fd);
	p->fd = -1;
	if (p->proc != NULL)
		(void)proc_signal(p->proc, SIGKILL);
	while (!TAILQ_EMPTY(&p->asked))
		reply(p, TAILQ_FIRST(&p->asked), -1);
	loop_timer_stop(p->patience);
}

static void
arm_patience(struct prepared *p)
{
	const struct prepared_request *r = TAILQ_FIRST(&p->asked);

	if (r == NULL)
		loop_timer_stop(p->patience);
	else
		loop_timer_set(
		    p->patience, mono_diff_ms(r->until, clock_now()));
}

static void
on_readable(int fd, void *arg)
{
	struct prepared *p = arg;
	int i, rc = 1;

	(void)fd;
	for (i = 0; i < READS_MAX && rc == 1; i++)
		rc = read_one(p);
	if (rc == -1)
		give_up(p);
	else
		arm_patience(p);
}

static void
lost_patience(void *arg)
{
	struct prepared *p = arg;

	log_warnx("ppp", "the prepared pppd of ppp \"%s\" does not answer",
	    p->spec.ppp->name);
	give_up(p);
}

static void
on_exit_pppd(void *arg, int status)
{
	struct prepared *p = arg;

	p->proc = NULL;
	give_up(p);
	reap(p);
	if (p->dismissed)
		return;
	log_warnx("ppp",
	    "the prepared pppd of ppp \"%s\" ended%s: %s; sessions have their "
	    "own, next try in %d s",
	    p->spec.ppp->name, p->ready ? "" : " before it was ready",
	    proc_status_text(status), (int)(p->back_off_ms / 1000));
	p->not_before = mono_add_ms(clock_now(), p->back_off_ms);
	p->back_off_ms = p->back_off_ms * 2 < BACK_OFF_MAX_MS
			     ? p->back_off_ms * 2
			     : BACK_OFF_MAX_MS;
}

static bool
run(struct prepared *p, int requests)
{
	struct pppd_spec spec = p->spec;
	struct pppd_args args;
	struct proc_spec run = { .path = spec.path,
		.argv = args.argv,
		.in_fd = -1,
		.out_fd = -1,
		.keep = { requests },
		.n_keep = 1,
		.own_group = true,
		.on_exit = on_exit_pppd,
		.arg = p };

	spec.prepared = true;
	spec.ctl_fd = requests;
	if (!pppd_args(&args, &spec))
		return false;
	p->proc = proc_start(&run);
	if (p->proc == NULL)
		return false;
	p->group = proc_pid(p->proc);
	return true;
}

/* Whatever fails here is tried again with the next session. */
static bool
start(struct prepared *p)
{
	int fd[2];

	if (p->proc != NULL || p->group != 0 ||
	    mono_before(clock_now(), p->not_before) ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) == -1)
		return false;
	p->ready = p->dismissed = false;
	p->io = loop_io_new(fd[0], on_readable, p);
	if (p->io != NULL && run(p, fd[1])) {
		p->fd = fd[0];
		close(fd[1]);
		return true;
	}
	loop_io_free(p->io);
	p->io = NULL;
	close(fd[0]);
	close(fd[1]);
	return false;
}

static bool
send_request(int fd, const struct wire_request *w, size_t len,
    const int fds[WIRE_PREPARED_FDS])
{
	union {
		struct cmsghdr h;
		char space[CMSG_SPACE(WIRE_PREPARED_FDS * sizeof(int))];
	} c = { 0 };
	struct wire_request copy = *w;
	struct iovec iov = { &copy, len };
	struct msghdr m = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &c,
		.msg_controllen = sizeof(c) };

	c.h.cmsg_level = SOL_SOCKET;
	c.h.cmsg_type = SCM_RIGHTS;
	c.h.cmsg_len = CMSG_LEN(WIRE_PREPARED_FDS * sizeof(int));
	memcpy(CMSG_DATA(&c.h), fds, WIRE_PREPARED_FDS * sizeof(int));
	return sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)len;
}

bool
prepared_ask(struct prepared *p, struct prepared_request *r,
    const struct pppd_spec *session)
{
	const int fds[WIRE_PREPARED_FDS] = { session->session_fd,
		session->ctl_fd };
	struct wire_request w;
	struct pppd_args args;
	size_t len;

	if (p->fd == -1 && !start(p))
		return false;
	if (!pppd_session_args(&args, session->label, session->mtu))
		return false;
	if (++p->last_id == 0)
		p->last_id = 1;
	len = wire_request_put(&w, p->last_id, args.argv);
	/* It may have ended, or be far behind. */
	if (len == 0 || !send_request(p->fd, &w, len, fds))
		return false;
	r->id = p->last_id;
	r->until = mono_add_ms(
	    clock_now(), p->ready ? p->times.patience_ms : p->times.start_ms);
	TAILQ_INSERT_TAIL(&p->asked, r, entry);
	if (TAILQ_FIRST(&p->asked) == r)
		arm_patience(p);
	return true;
}

/* pppd catches most of these signals to clean up after itself, and exits. */
static bool
crashed(int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status) == PPPD_CRASHED;
	switch (WTERMSIG(status)) {
	case SIGSEGV:
	case SIGBUS:
	case SIGILL:
	case SIGABRT:
		return true;
	default:
		return false;
	}
}

void
prepared_child_ended(struct prepared *p, int status)
{
	if (p->fd == -1 || !crashed(status))
		return;
	p->dismissed = true;
	give_up(p);
}

struct prepared *
prepared_new(const struct pppd_spec *spec, const struct prepared_times *times)
{
	struct prepared *p;

	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return NULL;
	p->spec = *spec;
	p->times = *times;
	p->fd = -1;
	p->back_off_ms = times->back_off_ms;
	TAILQ_INIT(&p->asked);
	p->patience = loop_timer_new(lost_patience, p);
	p->reaper = loop_timer_new(reap, p);
	if (p->patience != NULL && p->reaper != NULL)
		return p;
	prepared_free(p);
	return NULL;
}

void
prepared_free(struct prepared *p)
{
	if (p == NULL)
		return;
	give_up(p);
	if (p->proc != NULL)
		proc_kill(p->proc);
	loop_timer_free(p->patience);
	loop_timer_free(p->reaper);
	free(p);
}
