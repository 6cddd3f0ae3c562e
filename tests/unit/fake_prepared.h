/* SPDX-License-Identifier: ISC */
#ifndef FAKE_PREPARED_H
#define FAKE_PREPARED_H

/*
 * A prepared pppd as lnsd sees it: makes children by CLONE_PARENT as
 * ppp/plugin/prepared.c does, and all the mistakes that a label asks for:
 *
 *	refuse/ERRNO	answers that it can make no child
 *	mute		does not answer
 *	die		ends instead
 *	lose		makes a child that ends without an answer, then ends
 *	orphan		makes a child that cannot answer any more, then ends
 *	babble		answers what makes no sense
 *	exit/STATUS	the child ends at once
 *	signal/NUMBER	by a signal
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "../../ppp/plugin/wire_prepared.h"
#include "compiler.h"

static void
fake_answer(int requests, uint32_t id, int32_t pid)
{
	const struct wire_answer a = { WIRE_PREPARED_MAGIC, id, pid };

	if (send(requests, &a, sizeof(a), MSG_NOSIGNAL) == -1)
		_exit(94);
}

static pid_t
fake_clone(void)
{
	struct clone_args ca = { .flags = CLONE_PARENT };

	return (pid_t)syscall(SYS_clone3, &ca, sizeof(ca));
}

static const char *
fake_label(struct wire_request *r, size_t len)
{
	char *words[WIRE_PREPARED_WORDS];
	int n = wire_request_take(r, len, words);

	if (n != 8 || strcmp(words[0], "lnsd-label") != 0 ||
	    strcmp(words[2], "ipparam") != 0 || strcmp(words[1], words[3]) != 0)
		_exit(93);
	return words[1];
}

static const char *
fake_after(const char *label, const char *word)
{
	size_t n = strlen(word);

	return strncmp(label, word, n) == 0 ? label + n : NULL;
}

/* True: nothing more is to be done about this request. */
static bool
fake_mistake(int requests, uint32_t id, const char *label)
{
	const char *arg;

	if (fake_after(label, "die") != NULL)
		_exit(92);
	if (fake_after(label, "lose") != NULL ||
	    fake_after(label, "orphan") != NULL) {
		if (fake_clone() == 0) {
			if (fake_after(label, "orphan") != NULL)
				for (;;)
					pause();
			_exit(0);
		}
		_exit(91);
	}
	if (fake_after(label, "babble") != NULL) {
		(void)send(requests, "?", 1, MSG_NOSIGNAL);
		return true;
	}
	arg = fake_after(label, "refuse/");
	if (arg != NULL)
		fake_answer(requests, id, -atoi(arg));
	return arg != NULL || fake_after(label, "mute") != NULL;
}

static void
fake_end(const char *label)
{
	const char *arg = fake_after(label, "signal/");

	if (arg != NULL) {
		(void)signal(atoi(arg), SIG_DFL); /* a sanitizer's */
		(void)raise(atoi(arg));
	}
	arg = fake_after(label, "exit/");
	if (arg != NULL)
		_exit(atoi(arg));
}

/* Returns in the children, with the label and the plugin's socket; the session
 * must be a descriptor. */
static const char *
fake_prepared(int requests, int *ctl)
{
	static struct wire_request r;
	union {
		struct cmsghdr h;
		char space[CMSG_SPACE(2 * sizeof(int))];
	} c;
	struct iovec iov = { &r, sizeof(r) };
	struct msghdr m;
	const char *label;
	int fds[2];
	ssize_t n;

	fake_answer(requests, 0, 0);
	for (;;) {
		m = (struct msghdr){ .msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = &c,
			.msg_controllen = sizeof(c) };
		n = recvmsg(requests, &m, MSG_CMSG_CLOEXEC);
		if (n <= 0)
			_exit(0);
		if (c.h.cmsg_len != CMSG_LEN(sizeof(fds)))
			_exit(90);
		memcpy(fds, CMSG_DATA(&c.h), sizeof(fds));
		label = fake_label(&r, (size_t)n);
		if (!fake_mistake(requests, r.id, label) && fake_clone() == 0) {
			fake_answer(requests, r.id, (int32_t)getpid());
			close(requests);
			*ctl = fds[1];
			fake_end(label);
			return label;
		}
		close(fds[0]);
		close(fds[1]);
	}
}

/* The socket among the arguments of a prepared pppd, -1 if it is another. */
static int
fake_requests(int argc, char **argv)
{
	int i;

	for (i = 1; i + 1 < argc; i++)
		if (strcmp(argv[i], "lnsd-prepared") == 0)
			return atoi(argv[i + 1]);
	return -1;
}

#endif
