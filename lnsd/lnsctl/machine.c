/* SPDX-License-Identifier: ISC */
/* The machine; contract in machine.h. */

#include "machine.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

uint32_t
machine_mask(unsigned int bits)
{
	return bits == 0 ? 0 : UINT32_MAX << (32 - bits);
}

const struct machine_net *
machine_net_of(const struct machine *m, struct in_addr a)
{
	size_t i;

	for (i = 0; i < m->n_nets; i++) {
		const struct machine_net *n = &m->nets[i];

		if (((ntohl(n->address.s_addr) ^ ntohl(a.s_addr)) &
			machine_mask(n->bits)) == 0)
			return n;
	}
	return NULL;
}

bool
machine_is_private(struct in_addr a)
{
	uint32_t h = ntohl(a.s_addr);

	return h >> 24 == 10 || h >> 20 == 0xac1 || h >> 16 == 0xc0a8 ||
	       h >> 22 == 0x191 || h >> 16 == 0xa9fe;
}

bool
machine_has(const struct machine *m, struct in_addr a)
{
	size_t i;

	for (i = 0; i < m->n_nets; i++)
		if (m->nets[i].address.s_addr == a.s_addr)
			return true;
	return false;
}

const char *
machine_ip(struct in_addr a)
{
	static char buf[4][INET_ADDRSTRLEN];
	static size_t turn;

	turn = (turn + 1) % nitems(buf);
	return inet_ntop(AF_INET, &a, buf[turn], sizeof(buf[turn]));
}

void
machine_parse_resolv(struct machine *m, FILE *f)
{
	char line[512], text[64];
	struct in_addr a;

	m->n_dns = 0;
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "nameserver %63s", text) == 1 &&
		    m->n_dns < MACHINE_DNS &&
		    inet_pton(AF_INET, text, &a) == 1 &&
		    ntohl(a.s_addr) >> 24 != 127)
			m->dns[m->n_dns++] = a;
	}
}

/* Iface Destination Gateway Flags RefCnt Use Metric Mask ... */
void
machine_parse_routes(struct machine *m, FILE *f)
{
	char line[512], ifname[IFNAMSIZ], seen[IFNAMSIZ] = "";
	unsigned int to, flags, metric, mask, best = UINT32_MAX;

	m->n_ways = 0;
	m->uplink[0] = '\0';
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%15s %x %*x %x %*u %*u %u %x", ifname, &to,
			&flags, &metric, &mask) != 5 ||
		    to != 0 || mask != 0 || (flags & 1) == 0)
			continue;
		if (strcmp(seen, ifname) != 0)
			m->n_ways++;
		memcpy(seen, ifname, sizeof(seen));
		if (metric < best) {
			best = metric;
			memcpy(m->uplink, ifname, sizeof(m->uplink));
		}
	}
}

static struct in_addr
ipv4_of(const struct sockaddr *sa)
{
	struct sockaddr_in sin;

	memcpy(&sin, sa, sizeof(sin));
	return sin.sin_addr;
}

static bool
is_ipv6_of_others(const struct ifaddrs *i)
{
	struct sockaddr_in6 sin6;

	if (i->ifa_addr == NULL || i->ifa_addr->sa_family != AF_INET6 ||
	    (i->ifa_flags & (IFF_LOOPBACK | IFF_POINTOPOINT)) != 0)
		return false;
	memcpy(&sin6, i->ifa_addr, sizeof(sin6));
	return !IN6_IS_ADDR_LINKLOCAL(&sin6.sin6_addr);
}

static void
add_net(struct machine *m, const struct ifaddrs *i)
{
	struct machine_net *n;

	if (m->n_nets == MACHINE_NETS || i->ifa_addr == NULL ||
	    i->ifa_netmask == NULL || i->ifa_addr->sa_family != AF_INET ||
	    (i->ifa_flags & (IFF_LOOPBACK | IFF_POINTOPOINT)) != 0)
		return;
	n = &m->nets[m->n_nets++];
	snprintf(n->ifname, sizeof(n->ifname), "%s", i->ifa_name);
	n->address = ipv4_of(i->ifa_addr);
	n->bits =
	    (unsigned int)__builtin_popcount(ipv4_of(i->ifa_netmask).s_addr);
}

static void
look_nets(struct machine *m)
{
	struct ifaddrs *all, *i;

	if (getifaddrs(&all) == -1)
		return;
	for (i = all; i != NULL; i = i->ifa_next) {
		add_net(m, i);
		m->has_ipv6 |= is_ipv6_of_others(i);
	}
	freeifaddrs(all);
}

static void
parse_file(struct machine *m, const char *path,
    void (*parse)(struct machine *, FILE *))
{
	FILE *f = fopen(path, "re");

	if (f == NULL)
		return;
	parse(m, f);
	fclose(f);
}

void
machine_look(struct machine *m)
{
	size_t i;

	memset(m, 0, sizeof(*m));
	look_nets(m);
	parse_file(m, "/proc/net/route", machine_parse_routes);
	for (i = 0; i < m->n_nets; i++) {
		if (strcmp(m->nets[i].ifname, m->uplink) == 0) {
			m->uplink_address = m->nets[i].address;
			break;
		}
	}
	parse_file(m, "/etc/resolv.conf", machine_parse_resolv);
	/* The stub of systemd-resolved is there for this machine only. */
	if (m->n_dns == 0)
		parse_file(m, "/run/systemd/resolve/resolv.conf",
		    machine_parse_resolv);
}

static char *
read_all(int fd)
{
	size_t len = 0, size = 0;
	char *text = NULL, *more;
	ssize_t n;

	do {
		if (size - len < 4097) {
			size += 65536;
			more = realloc(text, size);
			if (more == NULL) {
				free(text);
				return NULL;
			}
			text = more;
		}
		n = read(fd, text + len, size - len - 1);
		if (n > 0)
			len += (size_t)n;
	} while (n > 0);
	text[len] = '\0';
	return text;
}

static void no_return
become(int out, const char *const argv[])
{
	const char *full[32] = { "timeout", "10" };
	size_t i;

	if (dup2(out, STDOUT_FILENO) == -1 || dup2(out, STDERR_FILENO) == -1 ||
	    setenv("LC_ALL", "C", 1) == -1 ||
	    setenv("PATH", "/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin",
		1) == -1)
		_exit(127);
	for (i = 0; argv[i] != NULL && i + 3 < nitems(full); i++)
		full[i + 2] = argv[i];
	execvp(full[0], (char *const *)(const void *)full);
	_exit(127);
}

int
machine_run(char **text, const char *const argv[])
{
	int fds[2], status = 0;
	char *said;
	pid_t pid;

	if (text != NULL)
		*text = NULL;
	fflush(NULL);
	if (pipe(fds) == -1)
		return 127;
	pid = fork();
	if (pid == 0)
		become(fds[1], argv);
	close(fds[1]);
	said = pid == -1 ? NULL : read_all(fds[0]);
	close(fds[0]);
	if (pid == -1 || waitpid(pid, &status, 0) == -1)
		status = 127 << 8;
	if (text != NULL)
		*text = said;
	else
		free(said);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

bool
machine_line(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "re");
	bool ok;

	buf[0] = '\0';
	if (f == NULL)
		return false;
	ok = fgets(buf, (int)size, f) != NULL;
	fclose(f);
	buf[strcspn(buf, "\n")] = '\0';
	return ok;
}
