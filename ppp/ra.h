/* SPDX-License-Identifier: ISC */
#ifndef RA_H
#define RA_H

/*
 * Router Advertisements and Solicitations (RFC 4861 4.1, 4.2) on a link with
 * one client, and when the former are due.  Checksums are the kernel's.  Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <netinet/in.h>

#include "compiler.h"

#define RA_DNS_MAX 2
/* Header, prefix, MTU, and RDNSS of RA_DNS_MAX addresses. */
#define RA_SIZE (16 + 32 + 8 + 8 + 16 * RA_DNS_MAX)

/*
 * RFC 8319 4 raises the limit of RFC 4861 6.2.1 (30 minutes) to 65535 s: a
 * link that ends with its router needs no reminding, and each advertisement is
 * traffic that keeps an idle session alive.  A client hears three or more
 * within a lifetime.
 */
#define RA_INTERVAL_MIN_S 16200u
#define RA_INTERVAL_MAX_S 21600u
#define RA_LIFETIME_S (3 * RA_INTERVAL_MAX_S)

struct ra {
	struct in6_addr prefix; /* a /64 */
	uint32_t mtu;		/* 0: no such option */
	const struct in6_addr *dns;
	size_t n_dns; /* at most RA_DNS_MAX */
};

/* Returns the length, at most RA_SIZE. */
size_t ra_encode(const struct ra *, uint8_t buf[RA_SIZE]) must_check;

/* Whether an ICMPv6 message is a Router Solicitation as RFC 4861 6.1.1 wants
 * it; the hop limit and the checksum are checked elsewhere.  from: its source
 * address. */
bool ra_is_solicitation(
    const uint8_t *, size_t len, const struct in6_addr *from) must_check;

/* When the next one without being asked is due after n have been sent, n > 0;
 * random: any number. */
int64_t ra_next_ms(unsigned int n, uint32_t random);

#endif
