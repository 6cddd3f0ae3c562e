/* SPDX-License-Identifier: ISC */
/* ARP probes; contract in arp_probe.h. */

#include "arp_probe.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "lan.h"
#include "loop.h"

#define PROBES 3
#define PROBE_GAP_MS (ARP_PROBE_MS / PROBES)
/* Packets taken before others have their turn; all ARP of the LAN comes by
 * while a probe is under way. */
#define READS_MAX 32

/* RFC 826 on Ethernet. */
struct arp {
	uint16_t hrd, pro;
	uint8_t hln, pln;
	uint16_t op;
	uint8_t sha[ETH_ALEN], spa[4], tha[ETH_ALEN], tpa[4];
};

struct arp_probe {
	LIST_ENTRY(arp_probe) entry;
	struct arp_prober *prober;
	struct in_addr address;
	unsigned int sent;
	struct loop_timer *timer;
	arp_probe_fn done;
	void *arg;
};

LIST_HEAD(probe_list, arp_probe);

struct arp_prober {
	struct in_addr local;
	int fd; /* -1: not open; it is while there are probes */
	struct loop_io *io;
	struct sockaddr_ll self; /* of the interface */
	struct probe_list probes;
};

static void
close_socket(struct arp_prober *p)
{
	loop_io_free(p->io);
	p->io = NULL;
	if (p->fd != -1)
		close(p->fd);
	p->fd = -1;
}

static void
end(struct arp_probe *probe, const char *mac)
{
	arp_probe_fn done = probe->done;
	void *arg = probe->arg;

	arp_probe_stop(probe);
	done(arg, mac);
}

static void
send_probe(const struct arp_probe *probe)
{
	const struct arp_prober *p = probe->prober;
	struct sockaddr_ll to = p->self;
	struct arp arp = { .hrd = htons(ARPHRD_ETHER),
		.pro = htons(ETHERTYPE_IP),
		.hln = ETH_ALEN,
		.pln = sizeof(arp.spa),
		.op = htons(ARPOP_REQUEST) };

	memcpy(arp.sha, p->self.sll_addr, sizeof(arp.sha));
	memcpy(arp.tpa, &probe->address, sizeof(arp.tpa));
	memset(to.sll_addr, 0xff, ETH_ALEN);
	/* One that gets lost is like one that nobody answers. */
	(void)sendto(p->fd, &arp, sizeof(arp), MSG_DONTWAIT,
	    (const struct sockaddr *)&to, sizeof(to));
}

static void
on_timer(void *arg)
{
	struct arp_probe *probe = arg;

	if (probe->sent == PROBES) {
		end(probe, NULL);
		return;
	}
	probe->sent++;
	send_probe(probe);
	loop_timer_set(probe->timer, PROBE_GAP_MS);
}

static struct arp_probe *
find(struct arp_prober *p, const uint8_t address[4])
{
	struct arp_probe *probe;

	LIST_FOREACH (probe, &p->probes, entry)
		if (memcmp(&probe->address, address, 4) == 0)
			return probe;
	return NULL;
}

/* A host that has the address says so with whatever it sends; one that asks
 * for it with a probe of its own wants to have it (RFC 5227 2.1.1).  True: a
 * probe has ended. */
static bool
on_arp(struct arp_prober *p, const struct arp *a)
{
	static const uint8_t nobody[4];
	const uint8_t *claimed = a->spa;
	struct arp_probe *probe;
	char mac[18];

	if (a->hrd != htons(ARPHRD_ETHER) || a->pro != htons(ETHERTYPE_IP) ||
	    a->hln != ETH_ALEN || a->pln != sizeof(a->spa) ||
	    memcmp(a->sha, p->self.sll_addr, ETH_ALEN) == 0)
		return false;
	if (memcmp(a->spa, nobody, sizeof(nobody)) == 0)
		claimed = a->tpa;
	probe = find(p, claimed);
	if (probe == NULL)
		return false;
	snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", a->sha[0],
	    a->sha[1], a->sha[2], a->sha[3], a->sha[4], a->sha[5]);
	end(probe, mac);
	return true;
}

static void
on_readable(int fd, void *arg)
{
	struct arp_prober *p = arg;
	struct arp a;
	ssize_t n;
	int i;

	for (i = 0; i < READS_MAX; i++) {
		n = recv(fd, &a, sizeof(a), MSG_DONTWAIT | MSG_TRUNC);
		if (n == -1)
			return;
		/* Ethernet pads it.  With the last probe the socket goes. */
		if ((size_t)n >= sizeof(a) && on_arp(p, &a))
			return;
	}
}

static int
set_up_socket(struct arp_prober *p)
{
	struct sockaddr_ll ll = { .sll_family = AF_PACKET,
		.sll_protocol = htons(ETHERTYPE_ARP) };
	socklen_t len = sizeof(p->self);
	char ifname[IFNAMSIZ];

	if (!lan_find(p->local, ifname))
		return -1;
	ll.sll_ifindex = (int)if_nametoindex(ifname);
	if (ll.sll_ifindex == 0 ||
	    bind(p->fd, (const struct sockaddr *)&ll, sizeof(ll)) == -1 ||
	    getsockname(p->fd, (struct sockaddr *)&p->self, &len) == -1)
		return -1;
	errno = EOPNOTSUPP;
	return p->self.sll_hatype == ARPHRD_ETHER ? 0 : -1;
}

/* 0, or -1 with errno. */
static int
open_socket(struct arp_prober *p)
{
	int err;

	if (p->fd != -1)
		return 0;
	p->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (p->fd == -1)
		return -1;
	if (set_up_socket(p) == 0) {
		p->io = loop_io_new(p->fd, on_readable, p);
		if (p->io != NULL)
			return 0;
		errno = ENOMEM;
	}
	err = errno;
	close_socket(p);
	errno = err;
	return -1;
}

struct arp_probe *
arp_probe_start(
    struct arp_prober *p, struct in_addr address, arp_probe_fn done, void *arg)
{
	struct arp_probe *probe;

	if (open_socket(p) == -1)
		return NULL;
	probe = calloc(1, sizeof(*probe));
	if (probe != NULL)
		probe->timer = loop_timer_new(on_timer, probe);
	if (probe == NULL || probe->timer == NULL) {
		free(probe);
		if (LIST_EMPTY(&p->probes))
			close_socket(p);
		errno = ENOMEM;
		return NULL;
	}
	probe->prober = p;
	probe->address = address;
	probe->done = done;
	probe->arg = arg;
	LIST_INSERT_HEAD(&p->probes, probe, entry);
	loop_timer_set(probe->timer, 0);
	return probe;
}

void
arp_probe_stop(struct arp_probe *probe)
{
	struct arp_prober *p;

	if (probe == NULL)
		return;
	p = probe->prober;
	LIST_REMOVE(probe, entry);
	loop_timer_free(probe->timer);
	free(probe);
	/* An idle daemon is not woken by the LAN's ARP. */
	if (LIST_EMPTY(&p->probes))
		close_socket(p);
}

struct arp_prober *
arp_prober_new(struct in_addr local)
{
	struct arp_prober *p;

	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return NULL;
	p->local = local;
	p->fd = -1;
	LIST_INIT(&p->probes);
	return p;
}

void
arp_prober_free(struct arp_prober *p)
{
	if (p == NULL)
		return;
	close_socket(p);
	free(p);
}
