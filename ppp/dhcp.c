/* SPDX-License-Identifier: ISC */
/* Leases of the LAN; contract in dhcp.h. */

#include "dhcp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "dhcp_lease.h"
#include "lan.h"
#include "log.h"
#include "loop.h"

/* Messages taken before others have their turn. */
#define READS_MAX 16

struct dhcp_client {
	LIST_ENTRY(dhcp_client) entry;
	struct dhcp *dhcp;
	struct dhcp_lease lease;
	struct loop_timer *timer;
	const struct dhcp_ops *ops;
	void *arg;
};

LIST_HEAD(client_list, dhcp_client);

struct dhcp {
	struct in_addr local;
	int fd; /* -1: not open */
	struct loop_io *io;
	struct client_list clients;
};

/* --- the socket --- */

/* Other clients of DHCP on this machine have the port, too; each is sent a copy
 * of what goes to all of the wire. */
static int
set_up_socket(int fd, const char *ifname)
{
	const struct sockaddr_in any = { .sin_family = AF_INET,
		.sin_port = htons(DHCP_CLIENT_PORT) };
	const int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, ifname,
		(socklen_t)strlen(ifname)) == -1)
		return -1;
	return bind(fd, (const struct sockaddr *)&any, sizeof(any));
}

static void
close_socket(struct dhcp *d)
{
	loop_io_free(d->io);
	d->io = NULL;
	if (d->fd != -1)
		close(d->fd);
	d->fd = -1;
}

static void on_readable(int fd, void *arg);

/* 0, or -1 with errno. */
static int
open_socket(struct dhcp *d)
{
	char ifname[IFNAMSIZ];
	int err;

	if (d->fd != -1)
		return 0;
	if (!lan_find(d->local, ifname))
		return -1;
	d->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (d->fd == -1)
		return -1;
	if (set_up_socket(d->fd, ifname) == 0) {
		d->io = loop_io_new(d->fd, on_readable, d);
		if (d->io != NULL)
			return 0;
		errno = ENOMEM;
	}
	err = errno;
	close_socket(d);
	errno = err;
	return -1;
}

/* A server on this machine would not hear what is sent to itself: that does
 * not come in over the LAN. */
static struct in_addr
destination(const struct dhcp *d, const struct dhcp_request *r)
{
	if (r->type == DHCP_RELEASE && r->server.s_addr != d->local.s_addr)
		return r->server;
	return (struct in_addr){ INADDR_BROADCAST };
}

/* What does not go out is sent again when its answer does not come; the
 * interface may be another one by then. */
static void
send_request(struct dhcp *d, const struct dhcp_request *r)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(DHCP_SERVER_PORT),
		.sin_addr = destination(d, r) };
	uint8_t buf[DHCP_MSG_MAX];
	size_t len = dhcp_msg_write(buf, r);

	if (open_socket(d) == 0 &&
	    sendto(d->fd, buf, len, 0, (const struct sockaddr *)&to,
		sizeof(to)) == (ssize_t)len)
		return;
	log_debug("dhcp", "cannot send: %s", strerror(errno));
	close_socket(d);
}

/* --- a lease --- */

static void
carry_out(struct dhcp_client *c, enum dhcp_step step)
{
	struct mono now = clock_now();
	struct dhcp_request r;

	if (step == DHCP_SEND) {
		dhcp_lease_request(&c->lease, now, &r);
		send_request(c->dhcp, &r);
	}
	if (mono_is_never(c->lease.deadline))
		loop_timer_stop(c->timer);
	else
		loop_timer_set(c->timer, mono_diff_ms(c->lease.deadline, now));
	/* The client may be gone after these. */
	if (step == DHCP_GOT)
		c->ops->got(c->arg, c->lease.address, c->lease.dns);
	else if (step == DHCP_LOST)
		c->ops->lost(c->arg, c->lease.why);
}

static void
on_timer(void *arg)
{
	struct dhcp_client *c = arg;

	carry_out(c, dhcp_lease_expire(&c->lease, clock_now()));
}

static void
on_reply(struct dhcp *d, const struct dhcp_reply *r)
{
	struct dhcp_client *c;

	LIST_FOREACH (c, &d->clients, entry)
		if (c->lease.xid == r->xid &&
		    memcmp(c->lease.id.mac, r->mac, sizeof(r->mac)) == 0)
			break;
	if (c != NULL)
		carry_out(c, dhcp_lease_reply(&c->lease, r, clock_now()));
}

static void
on_readable(int fd, void *arg)
{
	struct dhcp *d = arg;
	uint8_t buf[DHCP_MSG_MAX];
	struct dhcp_reply r;
	ssize_t n;
	int i;

	for (i = 0; i < READS_MAX && d->fd == fd; i++) {
		n = recv(fd, buf, sizeof(buf), MSG_TRUNC);
		if (n == -1 && errno == EAGAIN)
			return;
		if (n == -1) {
			/* The interface has gone; sending opens another. */
			close_socket(d);
			return;
		}
		if ((size_t)n <= sizeof(buf) &&
		    dhcp_msg_read(&r, buf, (size_t)n))
			on_reply(d, &r);
	}
}

/* --- who asks --- */

/* The n-th lease of a user.  False: no memory. */
static bool
identify(struct dhcp_identity *id, const struct dhcp *d, const char *user,
    unsigned int n)
{
	char text[512];
	unsigned char hash[EVP_MAX_MD_SIZE];
	size_t i;
	int len;

	len = snprintf(
	    text, sizeof(text), "lnsd %s %u %s", inet_ntoa(d->local), n, user);
	if (len < 0 || EVP_Digest(text, strnlen(text, sizeof(text)), hash, NULL,
			   EVP_sha256(), NULL) != 1)
		return false;
	memcpy(id->mac, hash, sizeof(id->mac));
	/* Administered here, and of one host. */
	id->mac[0] = (uint8_t)((id->mac[0] & 0xfc) | 0x02);
	/* RFC 952 knows letters, digits and hyphens. */
	for (i = 0; user[i] != '\0' && i < DHCP_NAME_MAX; i++)
		id->name[i] = strchr("abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
				  user[i]) != NULL
				  ? user[i]
				  : '-';
	id->name[i] = '\0';
	return true;
}

static bool
is_taken(const struct dhcp *d, const struct dhcp_identity *id)
{
	const struct dhcp_client *c;

	LIST_FOREACH (c, &d->clients, entry)
		if (memcmp(c->lease.id.mac, id->mac, sizeof(id->mac)) == 0)
			return true;
	return false;
}

static bool
next_identity(struct dhcp_identity *id, const struct dhcp *d, const char *user)
{
	unsigned int n = 0;

	do {
		if (!identify(id, d, user, n++))
			return false;
	} while (is_taken(d, id));
	return true;
}

struct dhcp_client *
dhcp_ask(
    struct dhcp *d, const char *user, const struct dhcp_ops *ops, void *arg)
{
	struct dhcp_identity id;
	struct dhcp_client *c;
	uint32_t xid;

	if (open_socket(d) == -1)
		return NULL;
	errno = ENOMEM;
	if (!next_identity(&id, d, user) ||
	    RAND_bytes((unsigned char *)&xid, sizeof(xid)) != 1)
		return NULL;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return NULL;
	c->dhcp = d;
	c->ops = ops;
	c->arg = arg;
	c->timer = loop_timer_new(on_timer, c);
	if (c->timer == NULL) {
		free(c);
		errno = ENOMEM;
		return NULL;
	}
	LIST_INSERT_HEAD(&d->clients, c, entry);
	dhcp_lease_begin(&c->lease, &id, xid, clock_now());
	carry_out(c, DHCP_SEND);
	return c;
}

void
dhcp_release(struct dhcp_client *c)
{
	struct dhcp_request r;

	if (c == NULL)
		return;
	if (dhcp_lease_release(&c->lease, &r))
		send_request(c->dhcp, &r);
	loop_timer_free(c->timer);
	LIST_REMOVE(c, entry);
	free(c);
}

struct dhcp *
dhcp_new(struct in_addr local)
{
	struct dhcp *d;

	d = calloc(1, sizeof(*d));
	if (d == NULL)
		return NULL;
	d->local = local;
	d->fd = -1;
	LIST_INIT(&d->clients);
	return d;
}

void
dhcp_free(struct dhcp *d)
{
	if (d == NULL)
		return;
	close_socket(d);
	free(d);
}
