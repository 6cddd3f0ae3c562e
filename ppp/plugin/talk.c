/* SPDX-License-Identifier: ISC */
/* The socket to lnsd. */

#include "plugin.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <sys/socket.h>

/* A phone gives up after 30 s; lnsd may have to stop an older link first. */
#define TALK_TIMEOUT_S 20

static int ctl = -1;

void
talk_init(int fd)
{
	ctl = fd;
}

int
talk_alive(void)
{
	struct pollfd p = { .fd = ctl };

	return poll(&p, 1, 0) == 0;
}

int
talk_take_proxy(struct wire_proxy *p)
{
	struct wire_msg m;
	ssize_t n;

	n = recv(ctl, &m, sizeof(m), MSG_DONTWAIT | MSG_TRUNC);
	if (n <= 0)
		return 0; /* nothing yet, or lnsd has gone: see talk_alive() */
	if (!wire_valid(&m, (size_t)n) || m.type != WIRE_PROXY)
		fatal("lnsd: its message makes no sense");
	*p = m.u.proxy;
	return 1;
}

/* Losing a report is no reason to end a link that works: if lnsd has gone,
 * the death signal ends us. */
void
talk_send(struct wire_msg *m)
{
	m->magic = WIRE_MAGIC;
	if (send(ctl, m, sizeof(*m), MSG_NOSIGNAL) == -1)
		dbglog("lnsd: send: %m");
}

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Nonzero when there is something to receive. */
static int
await(int64_t until_ms)
{
	struct pollfd p = { .fd = ctl, .events = POLLIN };
	int64_t left;

	while ((left = until_ms - now_ms()) > 0 && !ppp_signaled(SIGTERM)) {
		/* In steps: a signal just before poll() would be missed. */
		int n = poll(&p, 1, left < 500 ? (int)left : 500);

		if (n == 1)
			return 1;
		if (n == -1 && errno != EINTR)
			return 0;
	}
	return 0;
}

/* The answer to question serial; not one to a question given up before. */
static int
take_verdict(uint32_t serial, struct wire_verdict *v)
{
	struct wire_msg m;
	ssize_t n;

	n = recv(ctl, &m, sizeof(m), MSG_DONTWAIT | MSG_TRUNC);
	if (n <= 0)
		return -1;
	if (!wire_valid(&m, (size_t)n) || m.type != WIRE_VERDICT ||
	    m.serial != serial)
		return 0;
	*v = m.u.verdict;
	return 1;
}

int
talk_ask(struct wire_msg *ask, struct wire_verdict *v)
{
	static uint32_t serial;
	int64_t until_ms = now_ms() + TALK_TIMEOUT_S * 1000;
	int got = 0;

	ask->type = WIRE_ASK;
	ask->serial = ++serial;
	talk_send(ask);
	while (got == 0 && await(until_ms))
		got = take_verdict(serial, v);
	if (got != 1)
		error("lnsd: no verdict on the peer");
	return got == 1;
}
