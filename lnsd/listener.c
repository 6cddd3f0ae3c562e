/* SPDX-License-Identifier: ISC */
/* Listening sockets; contract in listener.h. */

#include "listener.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "addr.h"
#include "log.h"
#include "loop.h"
#include "udp.h"

#define DATAGRAM_MAX 4096
#define BURST 16

struct local {
	LIST_ENTRY(local) entry;
	struct listener *owner;
	struct lns_addr a; /* with our port */
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

static struct local *
find(const struct listener *l, const struct lns_addr *a)
{
	struct local *x;

	LIST_FOREACH (x, &l->locals, entry)
		if (lns_same_ip(&x->a, a))
			return x;
	return NULL;
}

static bool
is_named(const struct conf *c, const struct lns_addr *a)
{
	size_t i;

	for (i = 0; i < c->n_listen; i++)
		if (lns_same_ip(&c->listen[i], a))
			return true;
	return false;
}

static bool
is_of_ppp(const struct conf *c, const struct lns_addr *a)
{
	size_t i;

	for (i = 0; i < c->n_ppp && a->family == 4; i++)
		if (memcmp(&c->ppp[i].local_address, a->ip, 4) == 0)
			return true;
	return false;
}

/* An address that PPP links get from us is not one to dial; with the address
 * that is all zero, all others are. */
bool
listener_wants(
    const struct conf *c, const struct lns_addr *a, enum addr_use use)
{
	const struct lns_addr all = { .family = a->family };

	if (use == ADDR_NONE)
		return false;
	return is_named(c, a) ||
	       (use == ADDR_ANY && is_named(c, &all) && !is_of_ppp(c, a));
}

static void
socket_ready(int fd, void *arg)
{
	struct local *x = arg;
	struct listener *l = x->owner;
	struct lns_path path = { .local = x->a };
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
	char ip[LNS_ADDR_TEXT];

	if (x->fd != -1)
		return;
	x->fd = udp_open(x->a.family);
	if (x->fd != -1 &&
	    ipsec_protect_listener(x->owner->ipsec, x->fd, x->a.family) == 0 &&
	    udp_bind(x->fd, &x->a) == 0)
		x->io = loop_io_new(x->fd, socket_ready, x);
	if (x->io != NULL) {
		log_debug("udp", "listening on %s port %d",
		    lns_addr_text(&x->a, ip), L2TP_PORT);
		return;
	}
	log_warn("udp", "cannot listen on %s port %d", lns_addr_text(&x->a, ip),
	    L2TP_PORT);
	close_local(x);
}

static void
local_came(struct listener *l, const struct lns_addr *a)
{
	struct local *x;

	if (find(l, a) != NULL)
		return;
	x = calloc(1, sizeof(*x));
	if (x == NULL) {
		log_warn("udp", "an address is left out");
		return;
	}
	x->owner = l;
	x->a = *a;
	x->a.port = L2TP_PORT;
	x->fd = -1;
	LIST_INSERT_HEAD(&l->locals, x, entry);
	if (l->open)
		open_local(x);
	l->ops.address(l->arg, a, true);
}

static void
local_went(struct listener *l, const struct lns_addr *a)
{
	struct local *x;

	x = find(l, a);
	if (x == NULL)
		return;
	close_local(x);
	LIST_REMOVE(x, entry);
	free(x);
	l->ops.address(l->arg, a, false);
}

static void
address_changed(const struct lns_addr *a, enum addr_use use, void *arg)
{
	struct listener *l = arg;

	if (listener_wants(l->conf, a, use))
		local_came(l, a);
	else
		local_went(l, a);
}

struct listener *
listener_new(const struct conf *c, struct ipsec *ipsec,
    const struct listener_ops *ops, void *arg)
{
	struct listener *l;

	l = calloc(1, sizeof(*l));
	if (l == NULL)
		return NULL;
	l->conf = c;
	l->ipsec = ipsec;
	l->ops = *ops;
	l->arg = arg;
	LIST_INIT(&l->locals);
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
listener_reload(struct listener *l, const struct conf *next)
{
	l->conf = next;
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
	const struct local *x;

	x = find(l, local);
	return x == NULL ? -1 : x->fd;
}

size_t
listener_addresses(const struct listener *l, struct lns_addr *at, size_t max)
{
	const struct local *x;
	size_t n = 0;

	LIST_FOREACH (x, &l->locals, entry) {
		if (n < max)
			at[n] = x->a;
		n++;
	}
	return n;
}
