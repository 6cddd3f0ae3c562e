/* SPDX-License-Identifier: ISC */
/* IPv6 networks of links; contract in lease6.h. */

#include "lease6.h"

#include <stdlib.h>
#include <string.h>

#include "prefix_pool.h"

LIST_HEAD(lease6_list, lease6);

struct leases6 {
	const struct conf *conf;
	struct prefix_pool **pools; /* one for each conf.ppp; NULL: none */
	struct lease6_list list;
};

/* --- pools --- */

static size_t
add_prefixes(struct in6_addr *a, const struct conf_user *users, size_t n)
{
	size_t i, added = 0;

	for (i = 0; i < n; i++)
		if (users[i].ipv6_prefix.len != 0)
			a[added++] = users[i].ipv6_prefix.address;
	return added;
}

bool
leases6_reserve(struct leases6 *s, const struct conf_users *more)
{
	const struct conf *conf = s->conf;
	struct in6_addr *never =
	    calloc(conf->n_users + more->n + 1, sizeof(*never));
	bool ok = never != NULL;
	size_t n, i;

	if (!ok)
		return false;
	n = add_prefixes(never, conf->users, conf->n_users);
	n += add_prefixes(never + n, more->list, more->n);
	for (i = 0; i < conf->n_ppp; i++)
		if (s->pools[i] != NULL)
			ok = prefix_pool_reserve(s->pools[i], never, n) && ok;
	free(never);
	return ok;
}

static bool
make_pools(struct leases6 *s)
{
	static const struct conf_users none;
	const struct conf *conf = s->conf;
	size_t i;

	for (i = 0; i < conf->n_ppp; i++) {
		if (conf->ppp[i].ipv6_pool.len == 0)
			continue;
		s->pools[i] = prefix_pool_new(&conf->ppp[i].ipv6_pool, NULL, 0);
		if (s->pools[i] == NULL)
			return false;
	}
	return leases6_reserve(s, &none);
}

bool
leases6_make_room(struct leases6 *s, size_t n_ppp)
{
	const size_t n = s->conf->n_ppp;
	struct prefix_pool **pools;

	pools = calloc(n_ppp + 1, sizeof(struct prefix_pool *));
	if (pools == NULL)
		return false;
	memcpy(pools, s->pools, n * sizeof(struct prefix_pool *));
	free(s->pools);
	s->pools = pools;
	return true;
}

void
leases6_reload(struct leases6 *s, const struct conf *next)
{
	s->conf = next;
}

struct leases6 *
leases6_new(const struct conf *conf)
{
	struct leases6 *s;

	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->conf = conf;
	LIST_INIT(&s->list);
	s->pools = calloc(conf->n_ppp + 1, sizeof(*s->pools));
	if (s->pools != NULL && make_pools(s))
		return s;
	leases6_free(s);
	return NULL;
}

void
leases6_free(struct leases6 *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; s->pools != NULL && i < s->conf->n_ppp; i++)
		prefix_pool_free(s->pools[i]);
	free(s->pools);
	free(s);
}

bool
leases6_pool_use(const struct leases6 *s, size_t profile, uint64_t *size,
    uint64_t *used, uint64_t *left)
{
	const struct prefix_pool *p = s->pools[profile];

	if (p == NULL)
		return false;
	*size = prefix_pool_size(p);
	*used = prefix_pool_in_use(p);
	*left = prefix_pool_left(p);
	return true;
}

/* --- leases --- */

static bool
holds_some(const struct lease6 *o, const struct conf_prefix *p)
{
	const struct conf_prefix of_link = { o->prefix, 64 };
	size_t i;

	for (i = 0; i < o->n_behind; i++)
		if (conf_prefixes_overlap(&o->behind[i], p))
			return true;
	return conf_prefixes_overlap(&of_link, p);
}

/* Nobody has any of it, but for self, who may be NULL. */
static bool
is_free(const struct leases6 *s, const struct lease6 *self,
    const struct conf_prefix *p)
{
	const struct lease6 *o;

	LIST_FOREACH (o, &s->list, entry)
		if (o != self && holds_some(o, p))
			return false;
	return true;
}

/* What is somebody's own is passed over: it is reserved no more once he is no
 * user any more, and his link may live on. */
static bool
take_free(const struct leases6 *s, struct prefix_pool *pool, const char *user,
    struct in6_addr *a)
{
	struct conf_prefix p = { .len = 64 };
	bool ok;

	if (!prefix_pool_take(pool, user, &p.address))
		return false;
	if (is_free(s, NULL, &p)) {
		*a = p.address;
		return true;
	}
	ok = take_free(s, pool, user, a);
	prefix_pool_give(pool, &p.address);
	return ok;
}

struct lease6 *
lease6_take(struct leases6 *s, size_t profile, const char *user)
{
	struct lease6 *lease = calloc(1, sizeof(*lease));

	if (lease == NULL)
		return NULL;
	if (!take_free(s, s->pools[profile], user, &lease->prefix)) {
		free(lease);
		return NULL;
	}
	lease->pool = profile + 1;
	LIST_INSERT_HEAD(&s->list, lease, entry);
	return lease;
}

struct lease6 *
lease6_take_own(struct leases6 *s, const struct conf_prefix *own)
{
	struct lease6 *lease;

	if (!is_free(s, NULL, own))
		return NULL;
	lease = calloc(1, sizeof(*lease));
	if (lease == NULL)
		return NULL;
	lease->prefix = own->address;
	LIST_INSERT_HEAD(&s->list, lease, entry);
	return lease;
}

bool
lease6_add_network(
    struct leases6 *s, struct lease6 *lease, const struct conf_prefix *p)
{
	const struct conf_prefix of_link = { lease->prefix, 64 };
	size_t i;

	if (lease->n_behind == nitems(lease->behind) || !is_free(s, lease, p) ||
	    conf_same_prefix(&of_link, p))
		return false;
	for (i = 0; i < lease->n_behind; i++)
		if (conf_same_prefix(&lease->behind[i], p))
			return false;
	lease->behind[lease->n_behind++] = *p;
	return true;
}

bool
lease6_is_of_pool(const struct lease6 *lease, size_t profile)
{
	return lease->pool == profile + 1;
}

void
lease6_give(struct leases6 *s, struct lease6 *lease)
{
	LIST_REMOVE(lease, entry);
	if (lease->pool != 0)
		prefix_pool_give(s->pools[lease->pool - 1], &lease->prefix);
	free(lease);
}
