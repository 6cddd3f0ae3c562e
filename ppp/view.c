/* SPDX-License-Identifier: ISC */
/* Links, pools and counters as values; contract in include/ppp_view.h. */

#include "ppp_view.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/if_link.h>
#include <linux/ppp-ioctl.h>
#include <linux/rtnetlink.h>

#include "link.h"
#include "nl.h"
#include "radius.h"

void
ppp_link_view(const struct ppp_link *l, struct ppp_view *v)
{
	const struct in6_addr *prefix = link6_prefix(l);

	memset(v, 0, sizeof(*v));
	snprintf(v->user, sizeof(v->user), "%s", l->user);
	v->profile = l->profile;
	v->since = MONO_NEVER;
	if (!l->was_up)
		return;
	v->up = true;
	v->since = l->up_at;
	snprintf(v->ifname, sizeof(v->ifname), "%s", l->ifname);
	v->ifindex = l->ifindex;
	v->address = l->lease.address;
	v->has_prefix = prefix != NULL;
	if (prefix != NULL)
		v->prefix = *prefix;
}

void
ppp_service_view_pool(
    const struct ppp_service *s, size_t profile, struct ppp_pool_view *v)
{
	memset(v, 0, sizeof(*v));
	v->dhcp = s->conf->ppp[profile].dhcp;
	v->size = pool_size(s->pools[profile]);
	v->used = pool_in_use(s->pools[profile]);
	v->left = pool_left(s->pools[profile]);
	v->has_ipv6 = link6_pool_use(s->ipv6, profile, &v->prefixes,
	    &v->prefixes_used, &v->prefixes_left);
}

size_t
ppp_service_view_radius(const struct ppp_service *s, size_t profile,
    struct ppp_radius_view *v, size_t room)
{
	return s->radius[profile] == NULL
		   ? 0
		   : radius_view_servers(s->radius[profile], v, room);
}

/* --- counters --- */

/* In between, interfaces come and go. */
#define TRIES 3

struct table {
	struct ppp_counters *at;
	size_t n, cap;
	bool failed; /* no memory */
};

static int
take_attr(const struct nlattr *a, void *arg)
{
	struct ppp_counters *c = arg;
	struct rtnl_link_stats64 s;

	if (mnl_attr_get_type(a) != IFLA_STATS_LINK_64 ||
	    mnl_attr_get_payload_len(a) < sizeof(s))
		return MNL_CB_OK;
	memcpy(&s, mnl_attr_get_payload(a), sizeof(s));
	c->rx_octets = s.rx_bytes;
	c->tx_octets = s.tx_bytes;
	c->rx_packets = s.rx_packets;
	c->tx_packets = s.tx_packets;
	return MNL_CB_OK;
}

static int
take_stats(const struct nlmsghdr *h, void *arg)
{
	const struct if_stats_msg *m = mnl_nlmsg_get_payload(h);
	struct ppp_counters c = { .ifindex = m->ifindex }, *more;
	struct table *t = arg;

	if (t->n == t->cap) {
		more = reallocarray(t->at, 2 * t->cap, sizeof(*more));
		if (more == NULL) {
			t->failed = true;
			return MNL_CB_STOP;
		}
		t->at = more;
		t->cap *= 2;
	}
	if (mnl_attr_parse(h, sizeof(*m), take_attr, &c) == MNL_CB_OK)
		t->at[t->n++] = c;
	return MNL_CB_OK;
}

static int
by_index(const void *va, const void *vb)
{
	const struct ppp_counters *a = va, *b = vb;

	return (a->ifindex > b->ifindex) - (a->ifindex < b->ifindex);
}

static int
dump(struct table *t)
{
	_Alignas(struct nlmsghdr) char buf[256];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct if_stats_msg *m;

	t->n = 0;
	h->nlmsg_type = RTM_GETSTATS;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	h->nlmsg_seq = 1;
	m = mnl_nlmsg_put_extra_header(h, sizeof(*m));
	m->filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_LINK_64);
	return nl_ask(NETLINK_ROUTE, h, take_stats, t);
}

struct ppp_counters *
ppp_counters_read(size_t *n)
{
	struct table t = { .cap = 256 };
	int rc = -1, i;

	t.at = calloc(t.cap, sizeof(*t.at));
	for (i = 0; t.at != NULL && rc == -1 && i < TRIES; i++) {
		rc = dump(&t);
		/* The last, although something has changed meanwhile. */
		if (rc == -1 && (errno != EINTR || t.failed))
			break;
	}
	if (t.at == NULL || t.failed || t.n == 0) {
		free(t.at);
		return NULL;
	}
	qsort(t.at, t.n, sizeof(*t.at), by_index);
	*n = t.n;
	return t.at;
}

const struct ppp_counters *
ppp_counters_find(const struct ppp_counters *at, size_t n, uint32_t ifindex)
{
	const struct ppp_counters key = { .ifindex = ifindex };

	if (at == NULL || ifindex == 0)
		return NULL;
	return bsearch(&key, at, n, sizeof(*at), by_index);
}

bool
ppp_idle_read(const char *ifname, uint32_t *seconds)
{
	struct ppp_idle64 idle;
	unsigned int unit;
	bool ok;
	int fd;

	if (sscanf(ifname, "ppp%u", &unit) != 1)
		return false;
	fd = open("/dev/ppp", O_RDWR | O_CLOEXEC);
	if (fd == -1)
		return false;
	/* A second descriptor of the unit, which stays its pppd's. */
	ok = ioctl(fd, PPPIOCATTACH, &unit) == 0 &&
	     ioctl(fd, PPPIOCGIDLE64, &idle) == 0;
	close(fd);
	if (!ok)
		return false;
	*seconds = (uint32_t)(idle.xmit_idle < idle.recv_idle ? idle.xmit_idle
							      : idle.recv_idle);
	return true;
}
