/* SPDX-License-Identifier: ISC */
/* What pools do not give; contract in reserve.h. */

#include "reserve.h"

#include <stdlib.h>
#include <string.h>

#include "link.h"
#include "user_file.h"

static size_t
add_users(struct in_addr *a, const struct conf_user *users, size_t n)
{
	size_t i, added = 0;

	for (i = 0; i < n; i++)
		if (users[i].has_address)
			a[added++] = users[i].address;
	return added;
}

static bool
reserve_addresses(struct ppp_service *s, const struct conf_users *more)
{
	const struct conf *conf = s->conf;
	struct in_addr *a =
	    calloc(conf->n_ppp + conf->n_users + more->n + 1, sizeof(*a));
	bool ok = a != NULL;
	size_t n = 0, i;

	if (!ok)
		return false;
	for (i = 0; i < conf->n_ppp; i++)
		a[n++] = conf->ppp[i].local_address;
	n += add_users(a + n, conf->users, conf->n_users);
	n += add_users(a + n, more->list, more->n);
	for (i = 0; i < conf->n_ppp; i++)
		ok = pool_reserve(s->pools[i], a, n) && ok;
	free(a);
	return ok;
}

bool
reserve(struct ppp_service *s, const struct conf_users *more)
{
	const bool four = reserve_addresses(s, more);

	return link6_service_reserve(s->ipv6, more) && four;
}

static bool
is_of(const struct conf_user *users, size_t n, struct in_addr a)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (users[i].has_address && users[i].address.s_addr == a.s_addr)
			return true;
	return false;
}

/* NULL: there is no file, or none has been read. */
static const struct conf_users *
of_file(const struct ppp_service *s)
{
	return s->user_file != NULL ? user_file_users(s->user_file) : NULL;
}

bool
reserved_for_user(const struct ppp_service *s, struct in_addr a)
{
	const struct conf_users *more = of_file(s);

	return is_of(s->conf->users, s->conf->n_users, a) ||
	       (more != NULL && is_of(more->list, more->n, a));
}

static bool
is_of_another(const struct conf_user *users, size_t n,
    const struct conf_prefix *p, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (users[i].ipv6_prefix.len != 0 &&
		    conf_prefixes_overlap(&users[i].ipv6_prefix, p) &&
		    strcmp(users[i].name, name) != 0)
			return true;
	return false;
}

bool
reserved_prefix(
    const struct ppp_service *s, const struct conf_prefix *p, const char *user)
{
	const struct conf_users *more = of_file(s);

	return is_of_another(s->conf->users, s->conf->n_users, p, user) ||
	       (more != NULL && is_of_another(more->list, more->n, p, user));
}
