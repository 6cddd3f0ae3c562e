/* SPDX-License-Identifier: ISC */
#ifndef COA_H
#define COA_H

/*
 * The sockets on which RADIUS servers give orders (RFC 5176).  Who may: the
 * servers of a profile with coa-listen, with their secrets, about the sessions
 * of that profile.
 */

#include <stdbool.h>
#include <stddef.h>

#include <stdbool.h>

#include "compiler.h"
#include "conf.h"
#include "radius_order.h"

struct coa;

struct coa_ops {
	/* Whether each session of the profile that it means can do all of it.
	 */
	bool (*can)(void *arg, size_t profile, const struct radius_order *,
	    const struct radius_view *);
	/* Carries the order out on each session of the profile that it means
	 * (radius_order_is_for()); how many there are. */
	size_t (*order)(void *arg, size_t profile, const struct radius_order *,
	    const struct radius_view *);
};

/* NULL: the cause has been logged.  conf and ops must outlive it. */
struct coa *coa_new(
    const struct conf *, const struct coa_ops *, void *arg) must_check;
void coa_free(struct coa *);
/* conf's place is taken by one that needs no other sockets: what has come
 * already is remembered.  False: it does need some, and nothing has changed. */
bool coa_reload(struct coa *, const struct conf *next) must_check;

#endif
