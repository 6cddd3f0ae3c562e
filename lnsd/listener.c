/* SPDX-License-Identifier: ISC */
/* Listening sockets; contract in listener.h. */

#include "listener.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>
#include <arpa/inet.h>

#include "addr.h"
#include "log.h"
#include "loop.h"
#include "udp.h"

#define DATAGRAM_MAX 4096
#define BURST 16

struct local {
	LIST_ENTRY(local) entry;
	struct listener *owner;
	struct in_addr a;
	unsigned int n_seen; /* on how many interfaces */
	int fd;
	struct loop_io *io;
};

LIST_HEAD(local_list, local);

struct listener {
	const struct conf *conf;
	struct ipsec *ipsec;
	struct listener_ops ops;
	void *arg;
	struct local_list locals;
	bool open;
};

static struct lns_addr
local_addr(struct in_addr a)
{
	struct lns_addr l = { .family = 4, .port = L2TP_PORT };

	memcpy(l.ip, &a, sizeof(a));
	return l;
}

static struct local *
find(const struct listener *l, struct in_addr a)
{
	struct local *x;

	LIST_FOREACH (x, &l->locals, entry)
		if (x->a.s_addr == a.s_addr)
			return x;
	return NULL;
}

/* An address that PPP links get from us is not one to dial; with "any", all
 * others are. */
static bool
wanted(const struct conf *c, struct in_addr a)
{
	size_t i;

	for (i = 0; i < c->n_listen; i++)
		if (c->listen[i].s_addr == a.s_addr)
			return true;
	for (i = 0; i < c->n_ppp; i++)
		if (c->ppp[i].local_address.s_addr == a.s_addr)
			return false;
	for (i = 0; i < c->n_listen; i++)
		if (c->listen[i].s_addr == INADDR_ANY)
			return true;
	return false;
}

static void
socket_ready(int fd, void *arg)
{
	struct local *x = arg;
	struct listener *l = x->owner;
	struct lns_path path = { .local = local_addr(x->a) };
	uint8_t buf[DATAGRAM_MAX];
	struct udp_from from;
	ssize_t n;
	int i;

	for (i = 0; i < BURST; i++) {
		n = udp_recv(fd, buf, sizeof(buf), &from);
		if (n == -1 && errno == EAGAIN)
			return;
		if (n == -1 || (size_t)n > sizeof(buf))
			continue;
		path.peer = from.addr;
		if (ipsec_client(l->ipsec, &path, from.mark))
			l->ops.packet(l->arg, &path, buf, (size_t)n);
	}
}

static void
close_local(struct local *x)
{
	loop_io_free(x->io);
	x->io = NULL;
	if (x->fd != -1)
		close(x->fd);
	x->fd = -1;
}

static void
open_local(struct local *x)
{
	struct lns_addr a = local_addr(x->a);
	char ip[INET_ADDRSTRLEN];

	if (x->fd != -1)
		return;
	inet_ntop(AF_INET, &x->a, ip, sizeof(ip));
	x->fd = udp_open(a.family);
	if (x->fd != -1 &&
	    ipsec_protect_listener(x->owner->ipsec, x->fd, a.family) == 0 &&
	    udp_bind(x->fd, &a) == 0)
		x->io = loop_io_new(x->fd, socket_ready, x);
	if (x->io != NULL) {
		log_debug("udp", "listening on %s port %d", ip, L2TP_PORT);
		return;
	}
	log_warn("udp", "cannot listen on %s port %d", ip, L2TP_PORT);
	close_local(x);
}

static void
local_came(struct listener *l, struct in_addr a)
{
	struct local *x;

	x = find(l, a);
	if (x != NULL) {
		x->n_seen++;
		return;
	}
	x = calloc(1, sizeof(*x));
	if (x == NULL) {
		log_warn("udp", "an address is left out");
		return;
	}
	x->owner = l;
	x->a = a;
	x->n_seen = 1;
	x->fd = -1;
	LIST_INSERT_HEAD(&l->locals, x, entry);
	if (l->open)
		open_local(x);
	l->ops.address(l->arg, a, true);
}

static void
local_went(struct listener *l, struct in_addr a)
{
	struct local *x;

	x = find(l, a);
	if (x == NULL || --x->n_seen > 0)
		return;
	close_local(x);
	LIST_REMOVE(x, entry);
	free(x);
	l->ops.address(l->arg, a, false);
}

static void
address_changed(struct in_addr a, bool present, void *arg)
{
	struct listener *l = arg;

	if (!wanted(l->conf, a))
		return;
	if (present)
		local_came(l, a);
	else
		local_went(l, a);
}

struct listener *
listener_new(const struct conf *c, struct ipsec *ipsec,
    const struct listener_ops *ops, void *arg)
{
	struct listener *l;
	size_t i;

	l = calloc(1, sizeof(*l));
	if (l == NULL)
		return NULL;
	l->conf = c;
	l->ipsec = ipsec;
	l->ops = *ops;
	l->arg = arg;
	LIST_INIT(&l->locals);
	/* Loopback is no address of an interface here: only by name. */
	for (i = 0; i < c->n_listen; i++)
		if (ntohl(c->listen[i].s_addr) >> 24 == IN_LOOPBACKNET)
			local_came(l, c->listen[i]);
	addr_watch(address_changed, l);
	return l;
}

int
listener_open(struct listener *l)
{
	struct local *x;
	int n = 0;

	l->open = true;
	LIST_FOREACH (x, &l->locals, entry) {
		open_local(x);
		n += x->fd != -1;
	}
	if (n == 0)
		log_warnx("udp",
		    "none of the addresses in 'listen' is on this machine");
	return n == 0 ? -1 : 0;
}

void
listener_close(struct listener *l)
{
	struct local *x;

	l->open = false;
	LIST_FOREACH (x, &l->locals, entry)
		close_local(x);
}

void
listener_free(struct listener *l)
{
	struct local *x, *next;

	if (l == NULL)
		return;
	addr_unwatch();
	for (x = LIST_FIRST(&l->locals); x != NULL; x = next) {
		next = LIST_NEXT(x, entry);
		close_local(x);
		free(x);
	}
	free(l);
}

int
listener_socket(const struct listener *l, const struct lns_addr *local)
{
	struct in_addr a;
	struct local *x;

	if (local->family != 4)
		return -1;
	memcpy(&a, local->ip, sizeof(a));
	x = find(l, a);
	return x == NULL ? -1 : x->fd;
}
