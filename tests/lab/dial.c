/* SPDX-License-Identifier: ISC */
/*
 * dial: an L2TP client for the laboratory, over IPv4 or IPv6 and from any
 * port.  The control connection is the scripted client's of tests/sim/lac.c,
 * the data path the kernel's, and PPP is pppd with its own plugin
 * pppol2tp.so.  Ends when pppd does, when the server closes, or on SIGTERM,
 * always with a good end for the server as far as it can.  Exit status: 0 if
 * there was a session, 1 if not.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <linux/if_pppol2tp.h>
#include <linux/if_pppox.h>

#include "../../lnsd/udp.h"
#include "../sim/lac.h"
#include "compiler.h"
#include "pppox.h"

#ifndef SOL_PPPOL2TP
#define SOL_PPPOL2TP 273
#endif

#define PPPD "/usr/sbin/pppd"
#define PPPD_FIXED 6 /* arguments of ours before those of the caller */

struct dial {
	struct lac lac;
	struct lns_path path;
	int udp_fd, tunnel_fd, session_fd;
	pid_t pppd; /* 0: does not run (any more) */
	bool told;  /* pppd has been told to end */
	bool had_session;
	char *const *options; /* of pppd */
	sigset_t mask;	      /* as it was before the signals were blocked */
};

static volatile sig_atomic_t stop_asked, child_ended;

static void
on_signal(int sig)
{
	if (sig == SIGCHLD)
		child_ended = 1;
	else
		stop_asked = 1;
}

static void no_return
die(const char *what)
{
	fprintf(stderr, "dial: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void no_return
usage(void)
{
	fprintf(stderr,
	    "usage: dial [-b address] [-n host-name] [-p local-port]\n"
	    "            server [port] -- pppd-option ...\n");
	exit(2);
}

static struct mono
now(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) == -1)
		die("clock");
	return (
	    struct mono){ (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000 };
}

/* The kernel's session is there before ICCN leaves: the server's first frame
 * may come right after it. */
static void
open_session(struct dial *d)
{
	const int off = 0;
	struct pppox_session s = { .udp_fd = d->udp_fd,
		.tid = d->lac.tid,
		.peer_tid = d->lac.peer_tid,
		.sid = d->lac.sid,
		.peer_sid = d->lac.peer_sid };

	d->tunnel_fd = pppox_tunnel(d->udp_fd, s.tid, s.peer_tid);
	if (d->tunnel_fd == -1)
		die("kernel tunnel");
	d->session_fd = pppox_session(&s);
	if (d->session_fd == -1)
		die("kernel session");
	/* Which is an LNS's otherwise. */
	if (setsockopt(d->session_fd, SOL_PPPOL2TP, PPPOL2TP_SO_LNSMODE, &off,
		sizeof(off)) == -1)
		die("kernel session");
}

static void
send_message(void *arg, const uint8_t *data, size_t len)
{
	struct dial *d = arg;

	if (d->lac.peer_sid != 0 && d->session_fd == -1 && !d->had_session)
		open_session(d);
	if (udp_send(d->udp_fd, data, len, NULL) == -1)
		fprintf(stderr, "dial: send: %s\n", strerror(errno));
}

static void
start_pppd(struct dial *d)
{
	static char name[] = "pppd", nodetach[] = "nodetach";
	static char plugin[] = "plugin", so[] = "pppol2tp.so";
	static char pppol2tp[] = "pppol2tp";
	char fd[16], **argv;
	size_t n;

	for (n = 0; d->options[n] != NULL;)
		n++;
	argv = calloc(PPPD_FIXED + n + 1, sizeof(*argv));
	if (argv == NULL)
		die("pppd");
	snprintf(fd, sizeof(fd), "%d", d->session_fd);
	memcpy(argv, (char *[]){ name, nodetach, plugin, so, pppol2tp, fd },
	    PPPD_FIXED * sizeof(*argv));
	memcpy(argv + PPPD_FIXED, d->options, n * sizeof(*argv));
	d->pppd = fork();
	if (d->pppd == -1)
		die("fork");
	if (d->pppd == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)sigprocmask(SIG_SETMASK, &d->mask, NULL);
		(void)fcntl(d->session_fd, F_SETFD, 0);
		execv(PPPD, argv);
		die(PPPD);
	}
	free(argv);
	d->had_session = true;
	printf("dial: session %u of tunnel %u, the server's %u of %u\n",
	    d->lac.sid, d->lac.tid, d->lac.peer_sid, d->lac.peer_tid);
	fflush(stdout);
}

static void
receive(struct dial *d)
{
	struct udp_from from;
	uint8_t buf[2048];
	ssize_t n;

	/* An error is an ICMP message: the next repetition will tell. */
	while ((n = udp_recv(d->udp_fd, buf, sizeof(buf), &from)) != -1)
		if ((size_t)n <= sizeof(buf))
			lac_receive(&d->lac, buf, (size_t)n, now());
}

static void
tell_pppd(struct dial *d)
{
	if (d->told)
		return;
	d->told = true;
	(void)kill(d->pppd, SIGTERM);
}

/* What follows from what has happened; false when all is over. */
static bool
step(struct dial *d)
{
	bool closed;

	if (child_ended && d->pppd != 0 &&
	    waitpid(d->pppd, NULL, WNOHANG) == d->pppd) {
		d->pppd = 0;
		close(d->session_fd);
		d->session_fd = -1;
		lac_hangup(&d->lac, now());
	}
	if (d->lac.state == LAC_UP && !d->had_session)
		start_pppd(d);
	closed = d->lac.state >= LAC_CLOSED || d->lac.got_cdn;
	if (d->pppd != 0) {
		if (stop_asked || closed)
			tell_pppd(d);
		return true;
	}
	if (stop_asked)
		lac_hangup(&d->lac, now());
	return d->lac.state < LAC_CLOSED;
}

/* Until all is over.  Signals come while it waits, and only then. */
static void
run(struct dial *d)
{
	struct pollfd p = { .fd = d->udp_fd, .events = POLLIN };
	struct timespec ts, *wait;
	struct mono deadline;
	int64_t ms;

	while (step(d)) {
		deadline = lac_deadline(&d->lac);
		ms = mono_diff_ms(deadline, now());
		ms = ms < 0 ? 0 : ms;
		ts.tv_sec = ms / 1000;
		ts.tv_nsec = ms % 1000 * 1000000;
		wait = mono_is_never(deadline) ? NULL : &ts;
		if (ppoll(&p, 1, wait, &d->mask) == -1 && errno != EINTR)
			die("poll");
		receive(d);
		lac_expire(&d->lac, now());
	}
}

/* Blocks what is handled, and tells what was not blocked before. */
static void
catch_signals(sigset_t *before)
{
	static const int signals[] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP };
	struct sigaction sa = { .sa_handler = on_signal };
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < nitems(signals); i++) {
		sigaddset(&set, signals[i]);
		if (sigaction(signals[i], &sa, NULL) == -1)
			die("sigaction");
	}
	if (sigprocmask(SIG_BLOCK, &set, before) == -1)
		die("sigprocmask");
}

static void
parse_ip(struct lns_addr *a, const char *text)
{
	a->family = strchr(text, ':') == NULL ? 4 : 6;
	if (inet_pton(a->family == 6 ? AF_INET6 : AF_INET, text, a->ip) != 1)
		usage();
}

static uint16_t
parse_port(const char *text)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);

	if (*text == '\0' || *end != '\0' || port > UINT16_MAX)
		usage();
	return (uint16_t)port;
}

static uint16_t
random_id(void)
{
	uint16_t id;

	do {
		if (getrandom(&id, sizeof(id), 0) != sizeof(id))
			die("getrandom");
	} while (id == 0);
	return id;
}

/* Everything before "--"; what is behind it stays in d->options. */
static void
parse(struct dial *d, struct lac_style *style, int argc, char **argv)
{
	int ch;

	while ((ch = getopt(argc, argv, "+b:n:p:")) != -1) {
		if (ch == 'b') {
			parse_ip(&d->path.local, optarg);
		} else if (ch == 'n' && strlen(optarg) <= 64) {
			style->host = optarg;
			style->host_len = (uint8_t)strlen(optarg);
		} else if (ch == 'p') {
			d->path.local.port = parse_port(optarg);
		} else {
			usage();
		}
	}
	if (optind == argc)
		usage();
	parse_ip(&d->path.peer, argv[optind++]);
	if (d->path.local.family == 0)
		d->path.local.family = d->path.peer.family;
	if (d->path.local.family != d->path.peer.family)
		usage();
	d->path.peer.port = L2TP_PORT;
	if (optind < argc && strcmp(argv[optind], "--") != 0)
		d->path.peer.port = parse_port(argv[optind++]);
	if (optind == argc || strcmp(argv[optind], "--") != 0)
		usage();
	d->options = argv + optind + 1;
}

int
main(int argc, char **argv)
{
	struct lac_style style = lac_styles[LAC_XL2TPD];
	struct dial d = { .tunnel_fd = -1, .session_fd = -1 };

	parse(&d, &style, argc, argv);
	d.udp_fd = udp_open(d.path.local.family);
	if (d.udp_fd == -1 ||
	    udp_connect(d.udp_fd, &d.path.local, &d.path) == -1)
		die("socket");
	catch_signals(&d.mask);
	lac_init(&d.lac, &style, send_message, &d);
	lac_dial(&d.lac, random_id(), random_id(), now());
	run(&d);
	if (!d.had_session)
		fprintf(stderr, "dial: no session: %s\n",
		    d.lac.got_stop || d.lac.got_cdn ? "refused" : "no answer");
	return d.had_session ? 0 : 1;
}
