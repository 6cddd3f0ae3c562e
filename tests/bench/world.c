/* SPDX-License-Identifier: ISC */
/* Two hosts and their wire; contract in world.h. */

#include "world.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <arpa/inet.h>
#include <linux/ppp-ioctl.h>
#include <linux/ppp_defs.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define SERVER "203.0.113.1"
#define CLIENT_1 "198.18.0.1"
#define CLIENT_0 0xc6120000u /* 198.18.0.0, 65535 clients */
#define SERVER6 "2001:db8:1::1"
#define CLIENT6_0 "2001:db8:2::"
#define CLIENT6_1 "2001:db8:2::1"
#define L2TP_PORT 1701
#define PROBE_PORT 5001

#define WARM_UP 50
#define TRAINS 5
#define TRAIN 100
#define PAYLOAD 64

/* RFC 4106 and RFC 3602 with RFC 2404; the keys protect nothing. */
static const char *const algorithms[NCIPHERS] = {
	[GCM] = "aead rfc4106(gcm(aes)) "
		"0x000102030405060708090a0b0c0d0e0f10111213 128",
	[CBC] = "enc cbc(aes) 0x000102030405060708090a0b0c0d0e0f "
		"auth-trunc hmac(sha1) "
		"0x000102030405060708090a0b0c0d0e0f10111213 96",
};

double
now_ns(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC, &t) == -1)
		err(1, "clock_gettime");
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* --- hosts --- */

/* Where we are; text is what ip(8) reads. */
static void
run_ip(const char *text)
{
	FILE *f = popen("ip -batch -", "we");

	if (f == NULL)
		err(1, "ip");
	fputs(text, f);
	if (pclose(f) != 0)
		errx(1, "ip failed");
}

void
world_enter(int ns)
{
	if (setns(ns, CLONE_NEWNET) == -1)
		err(1, "setns");
}

static int
new_namespace(void)
{
	int fd;

	if (unshare(CLONE_NEWNET) == -1)
		err(1, "unshare");
	fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		err(1, "/proc/self/ns/net");
	return fd;
}

void
world_make(struct world *w)
{
	char text[512];

	w->cli = new_namespace();
	w->srv = new_namespace();
	snprintf(text, sizeof(text),
	    "link set lo up\n"
	    "link add e0 type veth peer name e1 netns /proc/%d/fd/%d\n"
	    "addr add " SERVER "/32 dev e0\n"
	    "addr add " SERVER6 "/128 dev e0 nodad\n"
	    "link set e0 up\n"
	    "route add 198.18.0.0/16 dev e0\n"
	    "route add " CLIENT6_0 "/64 dev e0\n",
	    (int)getpid(), w->cli);
	run_ip(text);
	world_enter(w->cli);
	run_ip("link set lo up\n"
	       "addr add " CLIENT_1 "/32 dev e1\n"
	       "addr add " CLIENT6_1 "/128 dev e1 nodad\n"
	       "link set e1 up\n"
	       "route add " SERVER " dev e1\n"
	       "route add " SERVER6 " dev e1\n");
	world_enter(w->srv);
}

/* --- protection --- */

struct lns_addr
world_server(uint8_t family)
{
	struct lns_addr a = { .family = family, .port = L2TP_PORT };

	if (family == 6)
		inet_pton(AF_INET6, SERVER6, a.ip);
	else
		inet_pton(AF_INET, SERVER, a.ip);
	return a;
}

struct lns_addr
world_client(uint8_t family, uint32_t n)
{
	struct lns_addr a = { .family = family, .port = L2TP_PORT };
	uint32_t ip = htonl(CLIENT_0 + n);
	uint32_t low = htonl(n);

	if (family == 6) {
		inet_pton(AF_INET6, CLIENT6_0, a.ip);
		memcpy(&a.ip[12], &low, sizeof(low));
	} else {
		memcpy(a.ip, &ip, sizeof(ip));
	}
	return a;
}

const char *
world_text(const struct lns_addr *a, char *buf)
{
	return inet_ntop(
	    a->family == 6 ? AF_INET6 : AF_INET, a->ip, buf, LNS_ADDR_TEXT);
}

uint32_t
world_spi_in(uint32_t client)
{
	return 0x100000 + client;
}

uint32_t
world_spi_out(uint32_t client)
{
	return 0x200000 + client;
}

/* Writes an SA and the policy that asks for it; ports: of their selector. */
static void
write_sa(FILE *f, enum cipher cipher, uint32_t spi, const char *ends,
    const char *ports, const char *dir)
{
	fprintf(f,
	    "xfrm state add %s proto esp spi %u reqid %u mode transport "
	    "replay-window 32 %s sel %s%s\n"
	    "xfrm policy add %s%s dir %s tmpl proto esp mode transport reqid "
	    "%u\n",
	    ends, spi, spi & 0xffff, algorithms[cipher], ends, ports, ends,
	    ports, dir, spi & 0xffff);
}

static void
write_pair(FILE *f, uint8_t family, enum cipher cipher, uint32_t client,
    bool at_client, const char *ports)
{
	const struct lns_addr a = world_client(family, client);
	const struct lns_addr b = world_server(family);
	char cli[LNS_ADDR_TEXT], srv[LNS_ADDR_TEXT], ends[160];

	world_text(&a, cli);
	world_text(&b, srv);
	snprintf(ends, sizeof(ends), "src %s dst %s", cli, srv);
	write_sa(f, cipher, world_spi_in(client), ends, ports,
	    at_client ? "out" : "in");
	snprintf(ends, sizeof(ends), "src %s dst %s", srv, cli);
	write_sa(f, cipher, world_spi_out(client), ends, ports,
	    at_client ? "in" : "out");
}

static void
protect(const struct world *w, uint8_t family, enum cipher cipher,
    uint32_t clients, const char *ports)
{
	FILE *f;

	for (int at_client = 0; at_client < 2; at_client++) {
		world_enter(at_client ? w->cli : w->srv);
		f = popen("ip -batch -", "we");
		if (f == NULL)
			err(1, "ip");
		for (uint32_t n = 1; n <= (at_client ? 1 : clients); n++)
			write_pair(f, family, cipher, n, at_client != 0, ports);
		if (pclose(f) != 0)
			errx(1, "ip xfrm failed");
	}
	world_enter(w->srv);
}

void
world_protect(
    const struct world *w, uint8_t family, enum cipher cipher, uint32_t clients)
{
	protect(w, family, cipher, clients, " proto udp sport 1701 dport 1701");
}

/* Of everything but the search for neighbours, which would wait for itself. */
void
world_protect_all(const struct world *w, uint8_t family, enum cipher cipher)
{
	protect(w, family, cipher, 1, "");
}

/* --- PPP --- */

static int
open_ppp(void)
{
	int fd = open("/dev/ppp", O_RDWR | O_CLOEXEC);

	if (fd == -1)
		err(1, "/dev/ppp");
	return fd;
}

void
ppp_unit_open(
    struct ppp_unit *p, int session_fd, const char *local, const char *remote)
{
	struct npioctl np = { .protocol = PPP_IP, .mode = NPMODE_PASS };
	int channel, n = -1, mru = 1400;
	char text[256];

	p->channel = open_ppp();
	p->unit = open_ppp();
	if (ioctl(session_fd, PPPIOCGCHAN, &channel) == -1 ||
	    ioctl(p->channel, PPPIOCATTCHAN, &channel) == -1 ||
	    ioctl(p->unit, PPPIOCNEWUNIT, &n) == -1 ||
	    ioctl(p->channel, PPPIOCCONNECT, &n) == -1 ||
	    ioctl(p->unit, PPPIOCSMRU, &mru) == -1 ||
	    ioctl(p->unit, PPPIOCSNPMODE, &np) == -1)
		err(1, "PPP unit");
	snprintf(text, sizeof(text),
	    "addr add %s peer %s dev ppp%d\n"
	    "link set ppp%d mtu 1400 up\n",
	    local, remote, n, n);
	run_ip(text);
}

void
ppp_unit_close(struct ppp_unit *p)
{
	close(p->unit);
	close(p->channel);
}

/* --- packets --- */

union sockaddr_any {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static socklen_t
to_sockaddr(const char *ip, int type, union sockaddr_any *u)
{
	const uint16_t port = type == SOCK_RAW ? 0 : htons(PROBE_PORT);

	memset(u, 0, sizeof(*u));
	if (inet_pton(AF_INET6, ip, &u->in6.sin6_addr) == 1) {
		u->in6.sin6_family = AF_INET6;
		u->in6.sin6_port = port;
		return sizeof(u->in6);
	}
	if (inet_pton(AF_INET, ip, &u->in.sin_addr) != 1)
		errx(1, "%s", ip);
	u->in.sin_family = AF_INET;
	u->in.sin_port = port;
	return sizeof(u->in);
}

/* A socket of namespace ns; NULL: no address of that end. */
static int
probe_socket(int ns, int type, const char *local, const char *remote)
{
	const struct timeval patience = { .tv_sec = 5 };
	union sockaddr_any u;
	socklen_t len;
	int fd, proto = IPPROTO_UDP;

	world_enter(ns);
	len = to_sockaddr(remote, type, &u);
	if (type == SOCK_RAW)
		proto =
		    u.sa.sa_family == AF_INET6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	fd = socket(u.sa.sa_family, type | SOCK_CLOEXEC, proto);
	if (fd == -1 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
			    sizeof(patience)) == -1)
		err(1, "socket");
	if (local != NULL) {
		len = to_sockaddr(local, type, &u);
		if (bind(fd, &u.sa, len) == -1)
			err(1, "bind %s", local);
	}
	len = to_sockaddr(remote, type, &u);
	if (connect(fd, &u.sa, len) == -1)
		err(1, "connect %s", remote);
	return fd;
}

static uint16_t
checksum(const uint16_t *p, size_t octets)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < octets / 2; i++)
		sum += p[i];
	sum = (sum >> 16) + (sum & 0xffff);
	sum += sum >> 16;
	return (uint16_t)~sum;
}

/* One that the other end echoes; the two ICMPs differ in the types only.  A raw
 * socket of IPv4 gets the IP header, too, and one of IPv6 makes the checksum.
 */
struct echo {
	int fd;
	uint8_t request, reply;
	ssize_t header;
};

static struct echo echo4 = { -1, ICMP_ECHO, ICMP_ECHOREPLY, 20 };
static struct echo echo6 = { -1, ICMP6_ECHO_REQUEST, ICMP6_ECHO_REPLY, 0 };

static void
echo_with(const struct echo *e, unsigned int i)
{
	const uint16_t seq = htons((uint16_t)i);
	_Alignas(struct icmphdr) uint8_t out[PAYLOAD] = { e->request };
	uint8_t in[512];
	const uint8_t *reply = &in[e->header];
	struct icmphdr *h = (void *)out;
	ssize_t n;

	h->un.echo.id = htons(1701);
	h->un.echo.sequence = seq;
	h->checksum = checksum((const uint16_t *)(const void *)out, PAYLOAD);
	if (send(e->fd, out, sizeof(out), 0) == -1)
		err(1, "echo %u", i);
	/* The socket sees other messages of ICMP, too. */
	do {
		n = recv(e->fd, in, sizeof(in), 0);
		if (n == -1)
			err(1, "no reply to echo %u", i);
	} while (n != e->header + PAYLOAD || reply[0] != e->reply ||
		 memcmp(&reply[6], &seq, sizeof(seq)) != 0);
}

static void
echo_once4(const int *fds, unsigned int i)
{
	echo4.fd = fds[0];
	echo_with(&echo4, i);
}

static void
echo_once6(const int *fds, unsigned int i)
{
	echo6.fd = fds[0];
	echo_with(&echo6, i);
}

/* Sends the packets of one measurement; the least of some trains, so that
 * what else the kernel had to do does not count. */
static double
least(void (*once)(const int *, unsigned int), const int *fds)
{
	double from, took, best = 0;

	for (unsigned int i = 0; i < WARM_UP; i++)
		once(fds, i);
	for (unsigned int t = 0; t < TRAINS; t++) {
		from = now_ns();
		for (unsigned int i = 0; i < TRAIN; i++)
			once(fds, WARM_UP + t * TRAIN + i);
		took = (now_ns() - from) / TRAIN;
		if (t == 0 || took < best)
			best = took;
	}
	return best;
}

double
echo_cost(const struct world *w, const char *b)
{
	int fd = probe_socket(w->cli, SOCK_RAW, NULL, b);
	bool v6 = strchr(b, ':') != NULL;
	double cost = least(v6 ? echo_once6 : echo_once4, &fd);

	close(fd);
	world_enter(w->srv);
	return cost;
}

/* From the first socket to the second. */
static void
datagram_once(const int *fds, unsigned int i)
{
	uint8_t buf[PAYLOAD] = { 0 };

	if (send(fds[0], buf, sizeof(buf), 0) == -1 ||
	    recv(fds[1], buf, sizeof(buf), 0) != sizeof(buf))
		err(1, "datagram %u", i);
}

double
datagram_cost(
    const struct world *w, const char *a, const char *b, bool to_server)
{
	int cli = probe_socket(w->cli, SOCK_DGRAM, a, b);
	int srv = probe_socket(w->srv, SOCK_DGRAM, b, a);
	int up[2] = { cli, srv }, down[2] = { srv, cli };
	double cost = least(datagram_once, to_server ? up : down);

	close(cli);
	close(srv);
	return cost;
}
