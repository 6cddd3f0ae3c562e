/* SPDX-License-Identifier: ISC */
/* IPsec policies of sockets; contract in policy.h. */

#include "policy.h"

#include <stddef.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "xfrm_event.h"

/* linux/in6.h has it, and may not be included beside netinet/in.h. */
#ifndef IPV6_XFRM_POLICY
#define IPV6_XFRM_POLICY 35
#endif

_Static_assert(
    offsetof(struct policy, tmpl) == sizeof(struct xfrm_userpolicy_info),
    "the kernel reads the template behind the policy");

static void
policy_init(struct policy *p, uint8_t family, uint8_t dir, uint8_t action)
{
	memset(p, 0, sizeof(*p));
	p->info.sel.family = family == 6 ? AF_INET6 : AF_INET;
	p->info.lft.soft_byte_limit = p->info.lft.hard_byte_limit = XFRM_INF;
	p->info.lft.soft_packet_limit = XFRM_INF;
	p->info.lft.hard_packet_limit = XFRM_INF;
	p->info.dir = dir;
	p->info.action = action;
	p->info.share = XFRM_SHARE_ANY;
	p->len = sizeof(p->info);
}

static void
add_template(struct policy *p)
{
	p->tmpl.id.proto = IPPROTO_ESP;
	p->tmpl.family = p->info.sel.family;
	p->tmpl.mode = XFRM_MODE_TRANSPORT;
	p->tmpl.share = XFRM_SHARE_ANY;
	p->tmpl.aalgos = p->tmpl.ealgos = p->tmpl.calgos = ~0u;
	p->len += sizeof(p->tmpl);
}

void
policy_in(struct policy *p, uint8_t family)
{
	policy_init(p, family, XFRM_POLICY_IN, XFRM_POLICY_ALLOW);
	add_template(p);
}

void
policy_block(struct policy *p, uint8_t family)
{
	policy_init(p, family, XFRM_POLICY_OUT, XFRM_POLICY_BLOCK);
}

void
policy_out(
    struct policy *p, const struct lns_path *path, uint32_t reqid, uint32_t spi)
{
	struct xfrm_selector *s = &p->info.sel;
	uint8_t bits = path->peer.family == 6 ? 128 : 32;

	policy_init(p, path->peer.family, XFRM_POLICY_OUT, XFRM_POLICY_ALLOW);
	xfrm_addr_put(&path->local, &s->saddr);
	xfrm_addr_put(&path->peer, &s->daddr);
	s->prefixlen_d = bits;
	/* In IPv6 the socket has another address than the datagram gets. */
	s->prefixlen_s = path->peer.family == 6 ? 0 : bits;
	s->proto = IPPROTO_UDP;
	s->sport = htons(path->local.port);
	s->dport = htons(path->peer.port);
	s->sport_mask = s->dport_mask = 0xffff;
	add_template(p);
	p->tmpl.reqid = reqid;
	p->tmpl.id.spi = htonl(spi);
}

int
policy_set(int fd, const struct policy *p)
{
	if (p->info.sel.family == AF_INET6)
		return setsockopt(fd, IPPROTO_IPV6, IPV6_XFRM_POLICY, &p->info,
		    (socklen_t)p->len);
	return setsockopt(
	    fd, IPPROTO_IP, IP_XFRM_POLICY, &p->info, (socklen_t)p->len);
}
