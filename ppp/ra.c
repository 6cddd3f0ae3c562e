/* SPDX-License-Identifier: ISC */
/* Router Advertisements; contract in ra.h. */

#include "ra.h"

#include <assert.h>
#include <string.h>
#include <netinet/icmp6.h>

#define RS_LEN 8
#define OPT_UNIT 8
#define OPT_SOURCE_LINK_ADDR 1
#define OPT_PREFIX 3
#define OPT_MTU 5
#define OPT_RDNSS 25 /* RFC 8106 5.1 */

#define CUR_HOP_LIMIT 64
/* The client makes its addresses itself.  That the prefix is "on-link" would
 * tell it to look for its other addresses as neighbours, and there are none:
 * all that is not the client itself is behind the router (RFC 8273 4). */
#define PREFIX_AUTONOMOUS 0x40
/* RFC 4861 6.2.1. */
#define VALID_LIFETIME_S 2592000u
#define PREFERRED_LIFETIME_S 604800u

/* RFC 4861 6.2.4: the first three at most 16 s apart.  The client may not have
 * been listening to the one that was sent as soon as the link was up. */
static const int64_t first_ms[] = { 4000, 16000 };

/* Room has been counted by RA_SIZE. */
struct out {
	uint8_t *buf;
	size_t len;
};

static void
put8(struct out *o, unsigned int v)
{
	o->buf[o->len++] = (uint8_t)v;
}

static void
put16(struct out *o, unsigned int v)
{
	put8(o, v >> 8);
	put8(o, v);
}

static void
put32(struct out *o, uint32_t v)
{
	put16(o, v >> 16);
	put16(o, v);
}

static void
put_addr(struct out *o, const struct in6_addr *a)
{
	memcpy(o->buf + o->len, a, sizeof(*a));
	o->len += sizeof(*a);
}

/* len: in octets, as all here. */
static void
put_option(struct out *o, unsigned int type, size_t len)
{
	put8(o, type);
	put8(o, (unsigned int)(len / OPT_UNIT));
}

static void
put_prefix(struct out *o, const struct ra *ra)
{
	put_option(o, OPT_PREFIX, 32);
	put8(o, 64);
	put8(o, PREFIX_AUTONOMOUS);
	put32(o, VALID_LIFETIME_S);
	put32(o, PREFERRED_LIFETIME_S);
	put32(o, 0);
	put_addr(o, &ra->prefix);
}

static void
put_rdnss(struct out *o, const struct ra *ra)
{
	size_t i;

	put_option(o, OPT_RDNSS, 8 + 16 * ra->n_dns);
	put16(o, 0);
	put32(o, RA_LIFETIME_S);
	for (i = 0; i < ra->n_dns; i++)
		put_addr(o, &ra->dns[i]);
}

size_t
ra_encode(const struct ra *ra, uint8_t buf[RA_SIZE])
{
	struct out o = { buf, 0 };

	assert(ra->n_dns <= RA_DNS_MAX);
	put8(&o, ND_ROUTER_ADVERT);
	put8(&o, 0);
	put16(&o, 0); /* checksum */
	put8(&o, CUR_HOP_LIMIT);
	put8(&o, 0); /* no DHCPv6 for addresses */
	put16(&o, RA_LIFETIME_S);
	put32(&o, 0); /* reachable time, retransmission timer: not ours */
	put32(&o, 0);
	put_prefix(&o, ra);
	if (ra->mtu != 0) {
		put_option(&o, OPT_MTU, 8);
		put16(&o, 0);
		put32(&o, ra->mtu);
	}
	if (ra->n_dns > 0)
		put_rdnss(&o, ra);
	return o.len;
}

bool
ra_is_solicitation(const uint8_t *p, size_t len, const struct in6_addr *from)
{
	bool nameless = IN6_IS_ADDR_UNSPECIFIED(from);
	size_t at = RS_LEN, size;

	if (len < RS_LEN || p[0] != ND_ROUTER_SOLICIT || p[1] != 0)
		return false;
	for (; at < len; at += size) {
		if (len - at < OPT_UNIT)
			return false;
		size = (size_t)p[at + 1] * OPT_UNIT;
		if (size == 0 || size > len - at)
			return false;
		if (nameless && p[at] == OPT_SOURCE_LINK_ADDR)
			return false;
	}
	return true;
}

int64_t
ra_next_ms(unsigned int n, uint32_t random)
{
	const uint32_t span = RA_INTERVAL_MAX_S - RA_INTERVAL_MIN_S;

	if (n <= nitems(first_ms))
		return first_ms[n - 1];
	return (int64_t)(RA_INTERVAL_MIN_S + random % (span + 1)) * 1000;
}
