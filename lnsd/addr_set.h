/* SPDX-License-Identifier: ISC */
#ifndef ADDR_SET_H
#define ADDR_SET_H

/*
 * Which addresses this machine has: told of every address of every interface
 * (rtnetlink repeats itself, and an address may be on several interfaces), it
 * tells what has changed for the address as such.  Pure.
 */

#include <stdint.h>

#include "compiler.h"
#include "lns.h"

/* What an address is good for; the greater, the more. */
enum addr_use {
	ADDR_NONE,  /* not there, or not to be dialled by others */
	ADDR_NAMED, /* only for who knows it by name: deprecated, temporary */
	ADDR_ANY,
};

typedef void (*addr_fn)(const struct lns_addr *, enum addr_use, void *arg);

struct addr_set;

/* From ifa_scope and the IFA_F_ flags. */
enum addr_use addr_use_of(
    const struct lns_addr *, uint8_t scope, uint32_t flags);

/* fn is called from the calls below, when the use of an address changes.
 * NULL: out of memory. */
struct addr_set *addr_set_new(addr_fn fn, void *arg) must_check;
void addr_set_free(struct addr_set *);
/* The address on one interface; ADDR_NONE: it has gone there. */
void addr_set_put(struct addr_set *, unsigned int ifindex,
    const struct lns_addr *, enum addr_use);
/* Between these, every address there is will be put: what is not has gone. */
void addr_set_begin(struct addr_set *);
void addr_set_end(struct addr_set *);

#endif
