/* SPDX-License-Identifier: ISC */
/* Who has a UDP port: the inode of its socket is in /proc/net/udp, and its
 * owner has a descriptor of that name. */

#include "doctor_ports.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SOCKETS_MAX 64

struct sockets {
	struct {
		unsigned int port;
		unsigned long inode;
	} list[SOCKETS_MAX];
	size_t n;
};

bool
doctor_udp_line(const char *line, unsigned int *port, unsigned long *inode)
{
	char address[40];

	return sscanf(line,
		   " %*u: %39[0-9A-F]:%x %*[0-9A-F]:%*x %*x %*x:%*x %*x:%*x "
		   "%*x %*u %*u %lu",
		   address, port, inode) == 3;
}

static void
read_table(const char *path, struct sockets *s)
{
	unsigned long inode;
	unsigned int port;
	char line[512];
	FILE *f;

	f = fopen(path, "re");
	if (f == NULL)
		return;
	while (fgets(line, sizeof(line), f) != NULL) {
		if (!doctor_udp_line(line, &port, &inode) ||
		    (port != 500 && port != 4500 && port != 1701) ||
		    s->n == SOCKETS_MAX)
			continue;
		s->list[s->n].port = port;
		s->list[s->n++].inode = inode;
	}
	fclose(f);
}

static void
name_of(long pid, char *buf, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/comm", pid);
	if (!machine_line(path, buf, size))
		buf[0] = '\0';
}

static long
parent_of(long pid)
{
	char path[64], line[512];
	const char *p;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	if (!machine_line(path, line, sizeof(line)) ||
	    (p = strrchr(line, ')')) == NULL || strlen(p) < 5)
		return 0;
	return atol(p + 4);
}

static bool
is_ours(long pid, const char *name)
{
	char parent[32];

	if (strcmp(name, "lnsd") == 0)
		return true;
	name_of(parent_of(pid), parent, sizeof(parent));
	return strcmp(parent, "lnsd") == 0;
}

/* One entry for a port and a process. */
static void
add(struct doctor_facts *f, unsigned int port, long pid)
{
	struct doctor_port *p;
	size_t i;

	for (i = 0; i < f->n_ports; i++)
		if (f->ports[i].port == port && f->ports[i].pid == pid)
			return;
	if (f->n_ports == DOCTOR_PORTS)
		return;
	p = &f->ports[f->n_ports++];
	p->port = port;
	p->pid = pid;
	name_of(pid, p->name, sizeof(p->name));
	p->ours = pid != 0 && is_ours(pid, p->name);
}

static void
match_fd(struct doctor_facts *f, struct sockets *s, long pid, const char *link)
{
	unsigned long inode;
	size_t i;

	if (sscanf(link, "socket:[%lu]", &inode) != 1)
		return;
	for (i = 0; i < s->n; i++) {
		if (s->list[i].inode != inode)
			continue;
		add(f, s->list[i].port, pid);
		s->list[i].inode = 0;
	}
}

static void
look_at_process(struct doctor_facts *f, struct sockets *s, long pid)
{
	const struct dirent *e;
	char dir[64], path[340], link[80];
	ssize_t n;
	DIR *d;

	snprintf(dir, sizeof(dir), "/proc/%ld/fd", pid);
	d = opendir(dir);
	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		n = readlink(path, link, sizeof(link) - 1);
		if (n <= 0)
			continue;
		link[n] = '\0';
		match_fd(f, s, pid, link);
	}
	closedir(d);
}

void
doctor_look_ports(struct doctor_facts *f)
{
	struct sockets s = { .n = 0 };
	const struct dirent *e;
	size_t i;
	DIR *d;

	read_table("/proc/net/udp", &s);
	read_table("/proc/net/udp6", &s);
	d = s.n > 0 ? opendir("/proc") : NULL;
	while (d != NULL && (e = readdir(d)) != NULL)
		if (atol(e->d_name) > 0)
			look_at_process(f, &s, atol(e->d_name));
	if (d != NULL)
		closedir(d);
	for (i = 0; i < s.n; i++)
		if (s.list[i].inode != 0)
			add(f, s.list[i].port, 0);
}
