/* SPDX-License-Identifier: ISC */
/*
 * What a packet costs on its way through ESP, L2TP and PPP in the kernel, with
 * few and with many tunnels beside, by lnsd's own code for sockets and for
 * steering, and by the plain arrangement: sockets that are bound to the
 * address that was dialled and connected to the client.
 *
 *	path [-o FILE] [TUNNELS...]
 *
 * prints a table, and writes the same as JSON.  Runs as root; nanoseconds are
 * instructions where the machine's clock counts those (path.sh).
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../include/compiler.h"
#include "../../include/conf.h"
#include "../../include/pppox.h"
#include "../../ipsec/guard.h"
#include "../../ipsec/policy.h"
#include "../../ipsec/steer.h"
#include "../../include/nl.h"
#include "../../ipsec/xfrm_sa.h"
#include "../../lnsd/udp.h"
#include "world.h"

/* Clients that come when the others are there, to see what each costs. */
#define NEWCOMERS 20
/* Three descriptors for each. */
#define CLIENTS_MAX 20000
#define FILES 65536
#define ROWS_MAX 64

/* Without L2TP and PPP, beside an lnsd and without; and with. */
enum arrangement { BARE, BESIDE, PLAIN, LNSD };
enum item { ECHO, IN, OUT, SETUP, STEER, NITEMS };

static const char *const arrangements[] = { "bare", "beside", "plain", "lnsd" };
static const char *const ciphers[] = { "none", "aes-gcm", "aes-cbc-sha1" };
static const char *const items[NITEMS] = { "echo", "in", "out", "setup",
	"steer" };

struct row {
	enum arrangement arrangement;
	uint8_t family; /* of what ESP is in */
	enum cipher cipher;
	uint32_t tunnels;
	double cost[NITEMS]; /* ns; 0: not measured */
};

/* One client's, at the server or at home. */
struct end {
	int udp, tunnel, session;
};

struct server {
	struct steer *steer; /* NULL: the plain arrangement */
	struct mnl_socket *xfrm;
	int listener;
	uint8_t family;
	struct end *ends; /* of clients, from 1 */
};

static const char in_tunnel[] = "192.168.100.1"; /* the server's */
static const char of_client[] = "192.168.100.200";

static struct row rows[ROWS_MAX];
static size_t n_rows;

/* --- the server's sockets --- */

static void
protect_socket(int fd, const struct lns_path *path, uint32_t client)
{
	struct policy p;

	policy_in(&p, path->local.family);
	if (policy_set(fd, &p) == -1)
		err(1, "policy in");
	policy_out(&p, path, client, world_spi_out(client));
	if (policy_set(fd, &p) == -1)
		err(1, "policy out");
}

static int
steer_end(struct server *s, const struct lns_addr *local, uint32_t client)
{
	const struct sa_info in = { .dst = *local,
		.spi = world_spi_in(client) };
	const struct sa_info out = { .dst = world_client(s->family, client),
		.spi = world_spi_out(client) };
	bool lost;

	if (xfrm_sa_widen(s->xfrm, &in, true, &lost) == -1 ||
	    (s->family == 6 &&
		xfrm_sa_widen(s->xfrm, &out, false, &lost) == -1) ||
	    steer_client(s->steer, local, client, true) == -1)
		return -1;
	return steer_add(s->steer, local, in.spi, client);
}

/* As lnsd/datapath.c and ipsec/assoc.c do it; returns what steering took. */
static double
open_socket(struct server *s, uint32_t client)
{
	struct end *e = &s->ends[client];
	const struct lns_path path = { .local = world_server(s->family),
		.peer = world_client(s->family, client) };
	struct lns_addr bind_to = path.local;
	double from, took = 0;

	*e = (struct end){ udp_open(path.local.family), -1, -1 };
	if (e->udp == -1)
		err(1, "socket");
	if (s->steer != NULL) {
		protect_socket(e->udp, &path, client);
		from = now_ns();
		if (steer_end(s, &path.local, client) == -1)
			err(1, "steering");
		took = now_ns() - from;
		steer_client_addr(s->steer, &path.local, client, &bind_to);
	}
	if (udp_connect(e->udp, &bind_to, &path) == -1)
		err(1, "connect");
	return took;
}

static void
open_kernel(struct end *e, uint16_t id, uint16_t peer_id)
{
	const struct pppox_session s = { .udp_fd = e->udp,
		.tid = id,
		.peer_tid = peer_id,
		.sid = id,
		.peer_sid = peer_id };

	e->tunnel = pppox_tunnel(e->udp, id, peer_id);
	if (e->tunnel == -1)
		err(1, "tunnel");
	e->session = pppox_session(&s);
	if (e->session == -1)
		err(1, "session");
}

static void
close_end(struct end *e)
{
	if (e->session != -1)
		close(e->session);
	if (e->tunnel != -1)
		close(e->tunnel);
	close(e->udp);
}

/* The kernel's rules, as they are while lnsd runs. */
static struct steer *
steer_like_lnsd(uint8_t family)
{
	static const struct conf conf;
	const struct in_addr range = { htonl(0xf0010000) };
	const struct lns_addr local = world_server(family);
	struct steer *s;
	FILE *f = popen("nft -f -", "we");

	if (f == NULL)
		err(1, "nft");
	guard_write(f, &conf);
	if (pclose(f) != 0)
		errx(1, "nft failed");
	s = steer_new(range);
	if (s == NULL)
		errx(1, "no steering");
	steer_address(s, &local, true);
	return s;
}

static void
server_begin(struct server *s, const struct row *r)
{
	const struct lns_addr local = world_server(r->family);

	s->family = r->family;
	s->steer = r->arrangement == LNSD ? steer_like_lnsd(r->family) : NULL;
	s->xfrm = nl_open(NETLINK_XFRM, 0);
	if (s->xfrm == NULL)
		err(1, "XFRM netlink");
	s->listener = udp_open(local.family);
	if (s->listener == -1 || udp_bind(s->listener, &local) == -1)
		err(1, "listener");
	s->ends = calloc(r->tunnels + NEWCOMERS + 1, sizeof(*s->ends));
	if (s->ends == NULL)
		err(1, NULL);
	for (uint32_t i = 1; i <= r->tunnels; i++) {
		(void)open_socket(s, i);
		open_kernel(&s->ends[i], (uint16_t)i, (uint16_t)i);
	}
}

static void
server_end(struct server *s, uint32_t tunnels)
{
	for (uint32_t i = tunnels; i > 0; i--)
		close_end(&s->ends[i]);
	free(s->ends);
	close(s->listener);
	mnl_socket_close(s->xfrm);
	steer_free(s->steer);
}

static void
measure_setup(struct server *s, struct row *r)
{
	const struct lns_addr local = world_server(r->family);
	double from, steering = 0;
	uint32_t i;

	from = now_ns();
	for (i = 1; i <= NEWCOMERS; i++)
		steering += open_socket(s, r->tunnels + i);
	r->cost[SETUP] = (now_ns() - from) / NEWCOMERS;
	r->cost[STEER] = steering / NEWCOMERS;
	for (i = 1; i <= NEWCOMERS; i++) {
		if (s->steer != NULL) {
			steer_remove(
			    s->steer, &local, world_spi_in(r->tunnels + i));
			if (steer_client(
				s->steer, &local, r->tunnels + i, false) == -1)
				err(1, "steering");
		}
		close_end(&s->ends[r->tunnels + i]);
	}
}

/* --- the client --- */

static void
client_begin(const struct world *w, uint8_t family, struct end *e)
{
	const struct lns_path path = { .local = world_client(family, 1),
		.peer = world_server(family) };

	world_enter(w->cli);
	*e = (struct end){ udp_open(path.local.family), -1, -1 };
	if (e->udp == -1 || udp_connect(e->udp, &path.local, &path) == -1)
		err(1, "client's socket");
	open_kernel(e, 1, 1);
}

/* --- rows --- */

static void
measure_packets(
    const struct world *w, struct row *r, const char *a, const char *b)
{
	r->cost[ECHO] = echo_cost(w, b);
	r->cost[IN] = datagram_cost(w, a, b, true);
	r->cost[OUT] = datagram_cost(w, a, b, false);
}

/* The oldest tunnel is measured: the kernel finds its socket last. */
static void
measure_tunnels(const struct world *w, struct row *r)
{
	struct server s;
	struct end client;
	struct ppp_unit near, far;

	server_begin(&s, r);
	measure_setup(&s, r);
	client_begin(w, r->family, &client);
	ppp_unit_open(&far, client.session, of_client, in_tunnel);
	world_enter(w->srv);
	ppp_unit_open(&near, s.ends[1].session, in_tunnel, of_client);
	measure_packets(w, r, of_client, in_tunnel);
	ppp_unit_close(&near);
	ppp_unit_close(&far);
	server_end(&s, r->tunnels);
	close_end(&client);
}

static bool
has_tunnels(const struct row *r)
{
	return r->arrangement == PLAIN || r->arrangement == LNSD;
}

static void
measure_bare(const struct world *w, struct row *r)
{
	char a[LNS_ADDR_TEXT], b[LNS_ADDR_TEXT];
	struct lns_addr srv = world_server(r->family),
			cli = world_client(r->family, 1);
	struct steer *steer = NULL;

	if (r->arrangement == BESIDE)
		steer = steer_like_lnsd(r->family);
	measure_packets(w, r, world_text(&cli, a), world_text(&srv, b));
	steer_free(steer);
}

/* In a process of its own, with which all that was made for it goes. */
static void
measure(struct row *r)
{
	struct world w;
	int fds[2], status;
	pid_t pid;

	if (pipe(fds) == -1 || (pid = fork()) == -1)
		err(1, "fork");
	if (pid == 0) {
		world_make(&w);
		if (r->cipher != CLEAR && !has_tunnels(r))
			world_protect_all(&w, r->family, r->cipher);
		else if (r->cipher != CLEAR)
			world_protect(
			    &w, r->family, r->cipher, r->tunnels + NEWCOMERS);
		if (has_tunnels(r))
			measure_tunnels(&w, r);
		else
			measure_bare(&w, r);
		if (write(fds[1], r, sizeof(*r)) != sizeof(*r))
			err(1, "write");
		_exit(0);
	}
	close(fds[1]);
	if (read(fds[0], r, sizeof(*r)) != sizeof(*r))
		errx(1, "%s, %u tunnels: not measured",
		    arrangements[r->arrangement], r->tunnels);
	close(fds[0]);
	if (waitpid(pid, &status, 0) == -1 || status != 0)
		errx(1, "a measurement failed at its end");
}

/* --- output --- */

/* The row of the same protection without L2TP and PPP. */
static double
ratio(const struct row *r, enum item item)
{
	for (size_t i = 0; i < n_rows; i++)
		if (rows[i].arrangement == BARE &&
		    rows[i].family == r->family && rows[i].cipher == r->cipher)
			return rows[i].cost[item] / r->cost[item];
	return 0;
}

static void
print_row(const struct row *r)
{
	printf("IPv%u %-12s %-6s", r->family, ciphers[r->cipher],
	    arrangements[r->arrangement]);
	if (has_tunnels(r))
		printf(" %7u", r->tunnels);
	else
		printf("        ");
	for (enum item i = ECHO; i <= OUT; i++)
		printf(" %8.0f", r->cost[i]);
	printf(" %8.0f %8.0f", 1e9 / r->cost[IN], 1e9 / r->cost[OUT]);
	for (enum item i = ECHO; i <= OUT; i++)
		printf("  %.3f", ratio(r, i));
	if (has_tunnels(r))
		printf(" %8.0f %8.0f", r->cost[SETUP], r->cost[STEER]);
	printf("\n");
	fflush(stdout);
}

static void
print_head(void)
{
	struct utsname u;

	if (uname(&u) == -1)
		err(1, "uname");
	printf("Linux %s, ns, both ends on one CPU: an ICMP echo and its "
	       "reply, a datagram\nof 64 octets in or out, packets per second, "
	       "ratio to the same without L2TP;\nset-up of one more client's "
	       "socket, of it steering\n",
	    u.release);
	printf("     %-12s %-6s %7s %8s %8s %8s %8s %8s %6s %6s %6s %8s %8s\n",
	    "ESP", "", "tunnels", "echo", "in", "out", "in/s", "out/s", "echo",
	    "in", "out", "set-up", "steering");
}

static void
write_json(const char *path)
{
	FILE *f = fopen(path, "w");
	struct utsname u;

	if (f == NULL || uname(&u) == -1)
		err(1, "%s", path);
	fprintf(f,
	    "{ \"benchmark\": \"path\", \"kernel\": \"%s\", "
	    "\"results\": [\n",
	    u.release);
	for (size_t i = 0; i < n_rows; i++) {
		fprintf(f,
		    "    { \"arrangement\": \"%s\", \"ip\": %u, "
		    "\"esp\": \"%s\", \"tunnels\": %u",
		    arrangements[rows[i].arrangement], rows[i].family,
		    ciphers[rows[i].cipher], rows[i].tunnels);
		for (enum item k = 0; k < NITEMS; k++)
			fprintf(
			    f, ", \"%s_ns\": %.0f", items[k], rows[i].cost[k]);
		for (enum item k = ECHO; k <= OUT; k++)
			fprintf(f, ", \"%s_ratio\": %.4f", items[k],
			    ratio(&rows[i], k));
		fprintf(f, " }%s\n", i + 1 == n_rows ? "" : ",");
	}
	fprintf(f, "  ] }\n");
	if (fclose(f) == EOF)
		err(1, "%s", path);
}

static void
add_row(enum arrangement a, uint8_t family, enum cipher c, uint32_t tunnels)
{
	struct row *r = &rows[n_rows];

	if (n_rows == ROWS_MAX)
		errx(1, "too many numbers of tunnels");
	*r = (struct row){ .arrangement = a,
		.family = family,
		.cipher = c,
		.tunnels = tunnels };
	measure(r);
	n_rows++;
	print_row(r);
}

static uint32_t
parse_tunnels(const char *s)
{
	char *end;
	unsigned long n = strtoul(s, &end, 10);

	if (*end != '\0' || n == 0 || n > CLIENTS_MAX)
		errx(2, "%s: not a number of tunnels", s);
	return (uint32_t)n;
}

int
main(int argc, char **argv)
{
	struct rlimit files;
	const char *path = NULL;
	uint32_t n;
	int c;

	while ((c = getopt(argc, argv, "o:")) != -1) {
		if (c != 'o') {
			fprintf(stderr, "usage: %s [-o file] [tunnels ...]\n",
			    argv[0]);
			return 2;
		}
		path = optarg;
	}
	if (getrlimit(RLIMIT_NOFILE, &files) == -1)
		err(1, "getrlimit");
	if (files.rlim_max < FILES)
		files.rlim_max = FILES;
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) == -1)
		err(1, "setrlimit");
	print_head();
	for (enum cipher k = CLEAR; k < NCIPHERS; k++) {
		add_row(BARE, 4, k, 0);
		add_row(BESIDE, 4, k, 0);
	}
	add_row(BARE, 6, GCM, 0);
	add_row(BESIDE, 6, GCM, 0);
	for (int i = optind; i < argc; i++) {
		n = parse_tunnels(argv[i]);
		/* Without an SA there is nothing to steer by. */
		add_row(PLAIN, 4, CLEAR, n);
		/* What the second cipher tells is the same for any number. */
		for (enum cipher k = GCM; k <= (i == optind ? CBC : GCM); k++) {
			add_row(PLAIN, 4, k, n);
			add_row(LNSD, 4, k, n);
		}
		add_row(PLAIN, 6, GCM, n);
		add_row(LNSD, 6, GCM, n);
	}
	if (path != NULL)
		write_json(path);
	return 0;
}
