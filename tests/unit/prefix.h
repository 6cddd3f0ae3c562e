/* SPDX-License-Identifier: ISC */
#ifndef PREFIX_H
#define PREFIX_H

/* Prefixes of IPv6 from text, for tests. */

#include <arpa/inet.h>
#include <check.h>

#include "../../include/conf.h"

static inline struct conf_prefix
prefix(const char *ip, unsigned int len)
{
	struct conf_prefix p = { .len = len };

	ck_assert_int_eq(inet_pton(AF_INET6, ip, &p.address), 1);
	return p;
}

#endif
