/* SPDX-License-Identifier: ISC */
/*
 * What setting up and tearing down costs an L2TP server: many clients in this
 * one process, each with a socket, L2TP and PPP of its own.  They log in by
 * what the server asks for: PAP, CHAP with MD5 or MS-CHAPv2.
 *
 *	setup [-g CGROUP] [-c AT-ONCE] -l LABEL -n CLIENTS -p PASSWORD -u USER
 *	    SERVER
 *
 * The server and all that it starts are in CGROUP (version 2).  One client
 * comes and goes first.  Prints one line of JSON; fails unless all clients got
 * through and all that belonged to them has gone.  Nanoseconds of CPU are
 * instructions where the clock counts those (setup.sh).
 *
 * Without a CGROUP nothing is measured: all clients come, "connected" is
 * printed, and they stay until somebody kills this process.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../../lnsd/udp.h"
#include "../sim/lac.h"
#include "compiler.h"
#include "ppp_client.h"

#define CLIENTS_MAX 20000
#define TICK_MS 50	/* how exact our timers are */
#define LIMIT_MS 300000 /* of one phase */

struct client {
	struct lac lac;
	struct ppp_client ppp;
	int fd;
	bool dialled, up;
	int64_t began_us, took_us;
};

static struct client *clients;
static size_t n_clients, at_once = 64;
static struct lac_style style;
static struct ppp_client_user user;
static struct lns_path path;
static const char *cgroup, *label = "server";
static int poll_fd;

static int64_t
now_us(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_MONOTONIC, &ts) == -1)
		err(1, "clock");
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static struct mono
now(void)
{
	return (struct mono){ now_us() / 1000 };
}

/* --- what the server uses --- */

/* The number behind a key in a file of such lines; 0 if it is not there, as
 * that of a process that has just ended. */
static long long
number_in(const char *file, const char *key)
{
	size_t len = strlen(key);
	long long v = 0;
	char line[512];
	FILE *f;

	f = fopen(file, "r");
	if (f == NULL)
		return 0;
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, key, len) == 0 &&
		    (line[len] == ' ' || line[len] == ':'))
			v = strtoll(line + len + 1, NULL, 10);
	fclose(f);
	return v;
}

static long long
cpu_us(void)
{
	char file[512];

	snprintf(file, sizeof(file), "%s/cpu.stat", cgroup);
	return number_in(file, "usage_usec");
}

struct processes {
	size_t n; /* but for the one that makes others */
	long long pss_kb;
};

static bool
is_prepared(long pid)
{
	char file[64], name[32] = "";
	FILE *f;

	snprintf(file, sizeof(file), "/proc/%ld/comm", pid);
	f = fopen(file, "r");
	if (f == NULL)
		return false;
	if (fgets(name, sizeof(name), f) == NULL)
		name[0] = '\0';
	fclose(f);
	return strcmp(name, "lnsd-ppp\n") == 0;
}

static struct processes
processes(bool with_memory)
{
	struct processes p = { 0, 0 };
	char file[512], line[64];
	long pid;
	FILE *f;

	snprintf(file, sizeof(file), "%s/cgroup.procs", cgroup);
	f = fopen(file, "r");
	if (f == NULL)
		err(1, "%s", file);
	while (fgets(line, sizeof(line), f) != NULL) {
		pid = strtol(line, NULL, 10);
		p.n += !is_prepared(pid);
		snprintf(file, sizeof(file), "/proc/%ld/smaps_rollup", pid);
		if (with_memory)
			p.pss_kb += number_in(file, "Pss");
	}
	fclose(f);
	return p;
}

/* --- clients --- */

static void
send_l2tp(void *arg, const uint8_t *data, size_t len)
{
	struct client *c = arg;

	(void)udp_send(c->fd, data, len, NULL);
}

static void
send_ppp(void *arg, const uint8_t *data, size_t len)
{
	struct client *c = arg;
	uint8_t f[512] = { 0, 2, (uint8_t)(c->lac.peer_tid >> 8),
		(uint8_t)c->lac.peer_tid, (uint8_t)(c->lac.peer_sid >> 8),
		(uint8_t)c->lac.peer_sid };

	memcpy(f + 6, data, len);
	(void)udp_send(c->fd, f, len + 6, NULL);
}

/* RFC 2661 3.1: what of a data message is before the payload; 0 if it is a
 * control message. */
static size_t
data_header(const uint8_t *p, size_t len)
{
	size_t at = 6;

	if (len < 6 || p[0] & 0x80)
		return 0;
	if (p[0] & 0x40)
		at += 2;
	if (p[0] & 0x08)
		at += 4;
	if (p[0] & 0x02)
		at += 2;
	return at;
}

static void
after_input(struct client *c)
{
	if (!c->ppp.lcp_mine && mono_is_never(c->ppp.deadline) &&
	    c->lac.state == LAC_UP)
		ppp_client_start(&c->ppp, now());
	if (c->up || !ppp_client_is_up(&c->ppp))
		return;
	c->up = true;
	c->took_us = now_us() - c->began_us;
}

static void
receive(struct client *c)
{
	struct udp_from from;
	uint8_t buf[2048];
	size_t at;
	ssize_t n;

	while ((n = udp_recv(c->fd, buf, sizeof(buf), &from)) > 0) {
		if ((size_t)n > sizeof(buf))
			continue;
		at = data_header(buf, (size_t)n);
		if (at == 0)
			lac_receive(&c->lac, buf, (size_t)n, now());
		else if (at <= (size_t)n)
			ppp_client_receive(
			    &c->ppp, buf + at, (size_t)n - at, now());
		after_input(c);
	}
}

/* A port of its own: a server's sockets share one, and the kernel would let
 * two clients have the same. */
static int
own_socket(void)
{
	const int off = 0;
	int fd = udp_open(path.peer.family);

	if (fd == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &off, sizeof(off)) == -1)
		err(1, "socket");
	return fd;
}

static void
dial(struct client *c, size_t number)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };

	memset(c, 0, sizeof(*c));
	c->fd = own_socket();
	if (udp_connect(c->fd, &path.local, &path) == -1 ||
	    epoll_ctl(poll_fd, EPOLL_CTL_ADD, c->fd, &ev) == -1)
		err(1, "socket");
	lac_init(&c->lac, &style, send_l2tp, c);
	ppp_client_init(
	    &c->ppp, &user, (uint32_t)number * 2654435761u, send_ppp, c);
	c->dialled = true;
	c->began_us = now_us();
	lac_dial(&c->lac, (uint16_t)(number + 1), 1, now());
}

static void
expire(size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!clients[i].dialled)
			continue;
		lac_expire(&clients[i].lac, now());
		ppp_client_expire(&clients[i].ppp, now());
	}
}

/* What comes within a tick, and timers. */
static void
turn(size_t n)
{
	static int64_t expired_us;
	struct epoll_event ev[64];
	int got, i;

	got = epoll_wait(poll_fd, ev, nitems(ev), TICK_MS);
	if (got == -1 && errno != EINTR)
		err(1, "epoll_wait");
	for (i = 0; i < got; i++)
		receive(ev[i].data.ptr);
	if (now_us() - expired_us < TICK_MS * 1000)
		return;
	expired_us = now_us();
	expire(n);
}

static bool
has_failed(const struct client *c)
{
	return c->ppp.failed || c->lac.failed || c->lac.got_stop ||
	       c->lac.got_cdn || c->lac.state == LAC_GONE;
}

static size_t
count_up(size_t n)
{
	size_t i, up = 0;

	for (i = 0; i < n; i++) {
		if (clients[i].dialled && !clients[i].up &&
		    has_failed(&clients[i]))
			errx(1, "%s: client %zu of %zu did not get through",
			    label, i + 1, n);
		up += clients[i].up;
	}
	return up;
}

static void
connect_all(size_t n)
{
	int64_t until = now_us() + LIMIT_MS * 1000;
	size_t started = 0, up = 0;

	while (up < n) {
		while (started < n && started - up < at_once) {
			dial(&clients[started], started);
			started++;
		}
		turn(started);
		up = count_up(started);
		if (now_us() > until)
			errx(1, "%s: only %zu of %zu clients got through",
			    label, up, n);
	}
}

/* Until the server has nothing to do. */
static void
settle(size_t n)
{
	int64_t until = now_us() + LIMIT_MS * 1000, next;
	long long before, after = cpu_us();

	do {
		before = after;
		next = now_us() + 500000;
		while (now_us() < next)
			turn(n);
		after = cpu_us();
		if (now_us() > until)
			errx(1, "%s: does not come to rest", label);
	} while (after - before > 500);
}

static size_t
count_open(size_t n)
{
	size_t i, open = 0;

	for (i = 0; i < n; i++)
		open += clients[i].lac.state < LAC_CLOSED;
	return open;
}

/* And until there are as many processes as before, at most. */
static void
disconnect_all(size_t n, size_t before)
{
	int64_t until = now_us() + LIMIT_MS * 1000;
	size_t i;

	for (i = 0; i < n; i++)
		lac_hangup(&clients[i].lac, now());
	while (count_open(n) > 0 || processes(false).n > before) {
		turn(n);
		if (now_us() > until)
			errx(1, "%s: %zu tunnels, %zu processes are left",
			    label, count_open(n), processes(false).n);
	}
}

static void
close_all(size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		close(clients[i].fd);
}

/* --- what it comes to --- */

static int
compare(const void *a, const void *b)
{
	const struct client *x = a, *y = b;

	return (x->took_us > y->took_us) - (x->took_us < y->took_us);
}

static double
took_ms(size_t percent)
{
	return (double)clients[(n_clients - 1) * percent / 100].took_us / 1e3;
}

struct phase {
	double cpu_us, wall_s;
};

static struct phase
since(long long cpu, int64_t us)
{
	return (struct phase){ (double)(cpu_us() - cpu),
		(double)(now_us() - us) / 1e6 };
}

static unsigned int
repetitions(void)
{
	unsigned int sum = 0;
	size_t i;

	for (i = 0; i < n_clients; i++)
		sum += clients[i].ppp.resent;
	return sum;
}

static void
report(const struct phase *in, const struct phase *out, double pss_idle_kb,
    double pss_kb)
{
	double n = (double)n_clients;
	unsigned int repeated = repetitions();

	qsort(clients, n_clients, sizeof(*clients), compare);
	printf("{\"server\":\"%s\",\"clients\":%zu,\"at_once\":%zu,"
	       "\"setup_minstr\":%.3f,\"teardown_minstr\":%.3f,"
	       "\"pss_idle_kb\":%.0f,\"pss_kb\":%.1f,\"per_second\":%.1f,"
	       "\"p50_ms\":%.1f,\"p90_ms\":%.1f,\"max_ms\":%.1f,"
	       "\"gone_s\":%.2f,\"ppp_repeated\":%u}\n",
	    label, n_clients, at_once, in->cpu_us / 1e3 / n,
	    out->cpu_us / 1e3 / n, pss_idle_kb, (pss_kb - pss_idle_kb) / n,
	    n / in->wall_s, took_ms(50), took_ms(90), took_ms(100), out->wall_s,
	    repeated);
}

/* The first one finds what is not there yet: modules, pages of files. */
static void
warm_up(size_t processes_before)
{
	connect_all(1);
	settle(1);
	disconnect_all(1, processes_before);
	settle(1);
	close_all(1);
}

static void
measure(void)
{
	struct processes idle = processes(true);
	struct phase in, out;
	size_t n = n_clients;
	double pss_kb;
	long long cpu;
	int64_t us;

	warm_up(idle.n);
	cpu = cpu_us();
	us = now_us();
	connect_all(n);
	in = since(cpu, us);
	settle(n);
	in.cpu_us = since(cpu, us).cpu_us;
	pss_kb = (double)processes(true).pss_kb;
	cpu = cpu_us();
	us = now_us();
	disconnect_all(n, idle.n);
	out = since(cpu, us);
	settle(n);
	out.cpu_us = since(cpu, us).cpu_us;
	close_all(n);
	report(&in, &out, (double)idle.pss_kb, pss_kb);
}

static void no_return
stay(void)
{
	connect_all(n_clients);
	puts("connected");
	fflush(stdout);
	for (;;)
		turn(n_clients);
}

static void no_return
usage(void)
{
	fprintf(stderr,
	    "usage: setup [-g cgroup] [-c at-once] [-l label] -n clients\n"
	    "             -p password -u user server\n");
	exit(2);
}

static void
take_password(const char *password)
{
	const char *error;

	user.password = password;
	user.chap = chap_new(&error);
	if (user.chap == NULL)
		errx(1, "%s", error);
	if (!chap_nt_hash(user.chap, (const uint8_t *)password,
		strlen(password), user.nt_hash))
		errx(1, "cannot hash the password");
}

static void
parse(int argc, char **argv)
{
	int ch;

	while ((ch = getopt(argc, argv, "c:g:l:n:p:u:")) != -1) {
		if (ch == 'c')
			at_once = strtoul(optarg, NULL, 10);
		else if (ch == 'g')
			cgroup = optarg;
		else if (ch == 'l')
			label = optarg;
		else if (ch == 'n')
			n_clients = strtoul(optarg, NULL, 10);
		else if (ch == 'p')
			take_password(optarg);
		else if (ch == 'u')
			user.name = optarg;
		else
			usage();
	}
	if (optind + 1 != argc || user.name == NULL || user.chap == NULL ||
	    n_clients == 0 || n_clients > CLIENTS_MAX)
		usage();
	path.peer.family = path.local.family = 4;
	path.peer.port = L2TP_PORT;
	if (inet_pton(AF_INET, argv[optind], path.peer.ip) != 1)
		usage();
}

int
main(int argc, char **argv)
{
	struct rlimit rl = { CLIENTS_MAX + 64, CLIENTS_MAX + 64 };

	parse(argc, argv);
	(void)setrlimit(RLIMIT_NOFILE, &rl);
	style = lac_styles[LAC_XL2TPD];
	style.eager = style.cdn_first = true;
	clients = calloc(n_clients, sizeof(*clients));
	poll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (clients == NULL || poll_fd == -1)
		err(1, "setup");
	if (cgroup == NULL)
		stay();
	measure();
	free(clients);
	chap_free(user.chap);
	return 0;
}
