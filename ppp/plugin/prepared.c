/* SPDX-License-Identifier: ISC */
/*
 * A prepared pppd: it has been started, linked and given the options that all
 * sessions of a profile have in common, and waits where pppd would read the
 * options of its serial line.  For each session that lnsd asks for it makes a
 * child, which takes the session's own options and goes on as any pppd does.
 *
 * The child is lnsd's, not ours (CLONE_PARENT): lnsd learns of its end, and its
 * death signal follows lnsd.  Nothing that pppd makes for itself is there yet
 * at this point, neither its signal handlers nor its data base, timers or
 * descriptors of /dev/ppp: but for the random numbers (see reseed()) nothing
 * has to be made again.
 */

#include "plugin.h"
#include "wire_prepared.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include <linux/sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

/* Two options with a descriptor each come before the words of the request. */
#define WORDS_MAX (WIRE_PREPARED_WORDS + 4)

static int requests = -1;
static pid_t lnsd;
/* pppd 2.5 exports it, but has no installed header that declares it. */
static int (*parse)(int, char **);

/* Options may keep what they were given. */
static struct wire_request request;

static int
answer(uint32_t id, int32_t pid)
{
	struct wire_answer a = { WIRE_PREPARED_MAGIC, id, pid };

	return send(requests, &a, sizeof(a), MSG_NOSIGNAL) ==
	       (ssize_t)sizeof(a);
}

/* The child begins.  If lnsd does not want an answer any more, it has found
 * another pppd for the session. */
static void
begin_session(const int *fds, int n, char **words)
{
	char text[WIRE_PREPARED_FDS][12];
	char *argv[WORDS_MAX + 1];
	static char session[] = "lnsd-session", ctl[] = "lnsd-ctl";

	if (prctl(PR_SET_PDEATHSIG, SIGTERM) == -1 || getppid() != lnsd ||
	    !answer(request.id, (int32_t)getpid()))
		_exit(EXIT_FATAL_ERROR);
	close(requests);
	requests = -1;
	(void)prctl(PR_SET_NAME, "pppd");
	snprintf(text[0], sizeof(text[0]), "%d", fds[0]);
	snprintf(text[1], sizeof(text[1]), "%d", fds[1]);
	argv[0] = session;
	argv[1] = text[0];
	argv[2] = ctl;
	argv[3] = text[1];
	memcpy(argv + 4, words, (size_t)n * sizeof(*words));
	argv[4 + n] = NULL;
	if (!parse(4 + n, argv))
		exit(EXIT_OPTION_ERROR);
}

static pid_t
make_child(void)
{
	/* Its signal at the end is ours, SIGCHLD.  As in lnsd/proc.c not
	 * clone3(). */
	return (pid_t)syscall(SYS_clone, CLONE_PARENT, NULL, NULL, NULL, 0L);
}

/* The length of the request, which has its descriptors; 0 if it has not. */
static size_t
receive(int fds[WIRE_PREPARED_FDS])
{
	union {
		struct cmsghdr h;
		char space[CMSG_SPACE(WIRE_PREPARED_FDS * sizeof(int))];
	} c;
	struct iovec iov = { &request, sizeof(request) };
	struct msghdr m = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &c,
		.msg_controllen = sizeof(c) };
	struct cmsghdr *h;
	ssize_t n;

	do
		n = recvmsg(requests, &m, MSG_CMSG_CLOEXEC);
	while (n == -1 && errno == EINTR);
	if (n <= 0)
		_exit(0); /* lnsd has gone, or does without us */
	h = CMSG_FIRSTHDR(&m);
	if (h == NULL || h->cmsg_type != SCM_RIGHTS ||
	    h->cmsg_len != CMSG_LEN(WIRE_PREPARED_FDS * sizeof(int)) ||
	    m.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
		return 0;
	memcpy(fds, CMSG_DATA(h), WIRE_PREPARED_FDS * sizeof(int));
	return (size_t)n;
}

void
prepared_wait(void)
{
	char *words[WIRE_PREPARED_WORDS];
	int fds[WIRE_PREPARED_FDS], n, i;
	pid_t pid;

	if (requests == -1)
		return;
	lnsd = getppid();
	/* Not a session, in the eyes of who counts or kills pppds. */
	(void)prctl(PR_SET_NAME, "lnsd-ppp");
	if (!answer(0, 0))
		_exit(0);
	for (;;) {
		n = wire_request_take(&request, receive(fds), words);
		if (n == -1)
			fatal("lnsd: its request makes no sense");
		pid = make_child();
		if (pid == 0) {
			begin_session(fds, n, words);
			return;
		}
		for (i = 0; i < WIRE_PREPARED_FDS; i++)
			close(fds[i]);
		if (pid == -1)
			(void)answer(request.id, -errno);
	}
}

int
prepared_init(int fd)
{
	void *symbol = dlsym(RTLD_DEFAULT, "parse_args");

	if (symbol == NULL)
		return 0;
	memcpy(&parse, &symbol, sizeof(parse));
	requests = fd;
	return 1;
}
