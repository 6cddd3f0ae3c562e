/* SPDX-License-Identifier: ISC */
#ifndef RESERVE_H
#define RESERVE_H

/* What pools must not give to anybody: our own addresses, and those and the
 * IPv6 prefixes of users, of whom some come and go with users-file. */

#include <stdbool.h>
#include <netinet/in.h>

#include "compiler.h"
#include "conf.h"

struct ppp_service;

/* more: users besides those of the configuration, in the place of those told
 * before.  What one of them has that is out comes back to its pool no more.
 * False: out of memory, and some pools may still give what they must not. */
bool reserve(struct ppp_service *, const struct conf_users *more) must_check;

/* Whether it is a user's own. */
bool reserved_for_user(const struct ppp_service *, struct in_addr) must_check;
/* Whether some of it is of a user's own prefix, but for the one of this name.
 */
bool reserved_prefix(const struct ppp_service *, const struct conf_prefix *,
    const char *user) must_check;

#endif
