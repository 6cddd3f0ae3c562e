/* SPDX-License-Identifier: ISC */
/*
 * The socket and the timers of Router Advertisements; contract in radv.h.
 *
 * Solicitations come in from every interface of the machine, and those that are
 * not of a client's link count for nothing.  They reach us because the kernel
 * of a machine that forwards is a member of ff02::2 on all of them.
 */

#include "radv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <sys/queue.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "log.h"
#include "loop.h"

#define BUCKETS 256u
/* Solicitations taken before others have their turn. */
#define BURST 16
/* RFC 4861 6.1: nothing that a router has passed on. */
#define HOP_LIMIT 255
/* RFC 4861 10, MIN_DELAY_BETWEEN_RAS: a client asks again after 4 s. */
#define ANSWER_GAP_MS 3000
/* A client's message is no longer than its link's packets. */
#define MESSAGE_MAX 1500

struct radv_link {
	LIST_ENTRY(radv_link) entry;
	struct radv *radv;
	struct radv_spec spec;
	struct loop_timer *timer;
	unsigned int sent; /* unasked */
	bool answered;
	struct mono answered_at;
};

LIST_HEAD(radv_bucket, radv_link);

struct radv {
	int fd;
	struct loop_io *io;
	struct radv_bucket links[BUCKETS]; /* by interface */
};

static const struct in6_addr all_nodes = {
	{ { 0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } }
};

static struct radv_bucket *
bucket(struct radv *r, unsigned int ifindex)
{
	return &r->links[ifindex % BUCKETS];
}

static struct radv_link *
find(struct radv *r, unsigned int ifindex)
{
	struct radv_link *l;

	LIST_FOREACH (l, bucket(r, ifindex), entry)
		if (l->spec.ifindex == ifindex)
			return l;
	return NULL;
}

/* --- out --- */

static void
send_message(const struct radv_link *l, const struct in6_addr *to,
    uint8_t *message, size_t len)
{
	struct in6_pktinfo from = { .ipi6_addr = l->spec.source,
		.ipi6_ifindex = l->spec.ifindex };
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6,
		.sin6_addr = *to,
		.sin6_scope_id = l->spec.ifindex };
	struct iovec iov = { message, len };
	_Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(from))];
	struct msghdr m = { .msg_name = &sin6,
		.msg_namelen = sizeof(sin6),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	struct cmsghdr *c;

	memset(control, 0, sizeof(control));
	c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = IPPROTO_IPV6;
	c->cmsg_type = IPV6_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(from));
	memcpy(CMSG_DATA(c), &from, sizeof(from));
	/* The interface may be going: its end will be told. */
	if (sendmsg(l->radv->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL) == -1)
		log_debug("ppp", "router advertisement on interface %u: %s",
		    l->spec.ifindex, strerror(errno));
}

static void
advertise(const struct radv_link *l, const struct in6_addr *to)
{
	const struct ra ra = {
		.prefix = l->spec.prefix,
		.mtu = l->spec.mtu,
		.dns = l->spec.dns,
		.n_dns = l->spec.n_dns,
	};
	uint8_t buf[RA_SIZE];
	size_t len = ra_encode(&ra, buf);

	send_message(l, to, buf, len);
}

static void
advertise_unasked(void *arg)
{
	struct radv_link *l = arg;
	uint32_t random = 0;

	advertise(l, &all_nodes);
	l->sent++;
	(void)!getrandom(&random, sizeof(random), GRND_NONBLOCK);
	loop_timer_set(l->timer, ra_next_ms(l->sent, random));
}

/* --- in --- */

struct received {
	struct sockaddr_in6 from;
	unsigned int ifindex; /* 0: not told */
	int hop_limit;
	uint8_t message[MESSAGE_MAX];
	size_t len;
};

static void
take_control(struct received *r, struct msghdr *m)
{
	struct in6_pktinfo info;
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != IPPROTO_IPV6)
			continue;
		if (c->cmsg_type == IPV6_PKTINFO &&
		    c->cmsg_len == CMSG_LEN(sizeof(info))) {
			memcpy(&info, CMSG_DATA(c), sizeof(info));
			r->ifindex = info.ipi6_ifindex;
		} else if (c->cmsg_type == IPV6_HOPLIMIT &&
			   c->cmsg_len == CMSG_LEN(sizeof(int))) {
			memcpy(&r->hop_limit, CMSG_DATA(c), sizeof(int));
		}
	}
}

/* False when there is nothing to receive now. */
static bool
receive(int fd, struct received *r)
{
	_Alignas(struct cmsghdr)
	    uint8_t control[CMSG_SPACE(sizeof(struct in6_pktinfo)) +
			    CMSG_SPACE(sizeof(int))];
	struct iovec iov = { r->message, sizeof(r->message) };
	struct msghdr m = { .msg_name = &r->from,
		.msg_namelen = sizeof(r->from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT);

	r->ifindex = 0;
	r->hop_limit = 0;
	r->len = 0;
	if (n == -1)
		return errno != EAGAIN && errno != EINTR;
	if ((m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
		return true;
	r->len = (size_t)n;
	take_control(r, &m);
	return true;
}

static void
on_message(struct radv *radv, const struct received *r)
{
	const struct in6_addr *from = &r->from.sin6_addr;
	struct radv_link *l = find(radv, r->ifindex);
	struct mono now;

	if (l == NULL || r->hop_limit != HOP_LIMIT ||
	    !ra_is_solicitation(r->message, r->len, from))
		return;
	now = clock_now();
	if (l->answered && mono_diff_ms(now, l->answered_at) < ANSWER_GAP_MS)
		return;
	l->answered = true;
	l->answered_at = now;
	advertise(l, IN6_IS_ADDR_LINKLOCAL(from) ? from : &all_nodes);
}

static void
on_readable(int fd, void *arg)
{
	struct received r;
	int i;

	for (i = 0; i < BURST && receive(fd, &r); i++)
		on_message(arg, &r);
}

/* --- life --- */

static int
set_int(int fd, int option, int value)
{
	return setsockopt(fd, IPPROTO_IPV6, option, &value, sizeof(value));
}

/* The kernel makes and checks the checksums of ICMPv6 itself. */
static int
open_socket(void)
{
	struct icmp6_filter filter;
	int fd, err;

	fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6);
	if (fd == -1)
		return -1;
	ICMP6_FILTER_SETBLOCKALL(&filter);
	ICMP6_FILTER_SETPASS(ND_ROUTER_SOLICIT, &filter);
	if (setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter,
		sizeof(filter)) == 0 &&
	    set_int(fd, IPV6_RECVPKTINFO, 1) == 0 &&
	    set_int(fd, IPV6_RECVHOPLIMIT, 1) == 0 &&
	    set_int(fd, IPV6_MULTICAST_LOOP, 0) == 0 &&
	    set_int(fd, IPV6_MULTICAST_HOPS, HOP_LIMIT) == 0 &&
	    set_int(fd, IPV6_UNICAST_HOPS, HOP_LIMIT) == 0)
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

struct radv *
radv_new(void)
{
	struct radv *r;

	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return NULL;
	r->fd = open_socket();
	if (r->fd != -1) {
		r->io = loop_io_new(r->fd, on_readable, r);
		if (r->io != NULL)
			return r;
		close(r->fd);
		errno = ENOMEM;
	}
	free(r);
	return NULL;
}

void
radv_free(struct radv *r)
{
	if (r == NULL)
		return;
	loop_io_free(r->io);
	close(r->fd);
	free(r);
}

struct radv_link *
radv_start(struct radv *r, const struct radv_spec *spec)
{
	struct radv_link *l;

	l = calloc(1, sizeof(*l));
	if (l == NULL)
		return NULL;
	l->timer = loop_timer_new(advertise_unasked, l);
	if (l->timer == NULL) {
		free(l);
		return NULL;
	}
	l->radv = r;
	l->spec = *spec;
	LIST_INSERT_HEAD(bucket(r, spec->ifindex), l, entry);
	advertise_unasked(l);
	return l;
}

void
radv_stop(struct radv_link *l)
{
	if (l == NULL)
		return;
	LIST_REMOVE(l, entry);
	loop_timer_free(l->timer);
	free(l);
}
