/* SPDX-License-Identifier: ISC */
/* IPv6 inside of PPP: its values, and what has to hold between them. */
#include "conf_check.h"

#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>

#include "conf_value.h"

#define POOL_LEN_MIN 32
/* RFC 8200 5: no link may have less. */
#define IPV6_MTU_MIN 1280

/* Of a family; not more than one client can be told. */
static const char *
add_dns(struct conf_ppp *ppp, const struct lns_addr *a)
{
	if ((a->family == 4 ? ppp->n_dns : ppp->n_dns6) == nitems(ppp->dns))
		return a->family == 4
			   ? "is one too many: a client is told at most two"
			   : "is one too many: a client is told at most two of "
			     "IPv6";
	if (a->family == 4)
		memcpy(&ppp->dns[ppp->n_dns++], a->ip, sizeof(ppp->dns[0]));
	else
		memcpy(&ppp->dns6[ppp->n_dns6++], a->ip, sizeof(ppp->dns6[0]));
	return NULL;
}

void
conf_set_dns(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	struct conf_ppp *ppp = obj;

	ppp->n_dns = ppp->n_dns6 = 0;
	for (size_t i = 0; i < e->n_values; i++) {
		struct lns_addr a;
		const char *problem = conf_parse_host(e->values[i].text, &a);

		if (problem == NULL)
			problem = add_dns(ppp, &a);
		if (problem != NULL)
			conf_wrong(c, node, e, i, problem);
	}
}

void
conf_set_ipv6_pool(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	struct conf_ppp *ppp = obj;
	const char *problem =
	    conf_parse_prefix(e->values[0].text, POOL_LEN_MIN, &ppp->ipv6_pool);

	if (problem != NULL)
		conf_wrong(c, node, e, 0, problem);
}

void
conf_set_ipv6_prefix(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	struct conf_user *user = obj;
	const char *problem =
	    conf_parse_prefix(e->values[0].text, 64, &user->ipv6_prefix);

	if (problem != NULL)
		conf_wrong(c, node, e, 0, problem);
}

static void
check_pools(struct conf_check *c)
{
	const struct conf_ppp *ppp = c->conf->ppp;
	const struct conf_entry *e;

	for (size_t i = 0; i < c->conf->n_ppp; i++) {
		if (ppp[i].ipv6_pool.len == 0)
			continue;
		e = conf_node_entry(c->ppp.list[i], "ipv6-pool");
		if (ppp[i].mtu != 0 && ppp[i].mtu < IPV6_MTU_MIN)
			conf_mistake(c, c->ppp.list[i], e->line,
			    "ipv6-pool: IPv6 needs an mtu of %u or more",
			    IPV6_MTU_MIN);
		for (size_t j = 0; j < i; j++) {
			if (ppp[j].ipv6_pool.len == 0 ||
			    !conf_prefixes_overlap(
				&ppp[i].ipv6_pool, &ppp[j].ipv6_pool))
				continue;
			conf_mistake(c, c->ppp.list[i], e->line,
			    "ipv6-pool: '%s' overlaps that of ppp \"%.64s\"",
			    e->values[0].text, ppp[j].name);
			break;
		}
	}
}

struct owner {
	const struct in6_addr *prefix;
	size_t user;
};

static int
by_prefix(const void *a, const void *b)
{
	const struct owner *x = a, *y = b;
	int rc = memcmp(x->prefix, y->prefix, sizeof(*x->prefix));

	return rc != 0 ? rc : (x->user > y->user) - (x->user < y->user);
}

/* Every one but the first of those who have the same. */
static void
check_owners(struct conf_check *c, const struct owner *list, size_t n)
{
	const struct conf_node *node, *first;
	const struct conf_entry *e;
	size_t from = 0;

	for (size_t i = 1; i < n; i++) {
		if (memcmp(list[i].prefix, list[from].prefix,
			sizeof(*list[i].prefix)) != 0) {
			from = i;
			continue;
		}
		node = c->users.list[list[i].user];
		first = c->users.list[list[from].user];
		e = conf_node_entry(node, "ipv6-prefix");
		conf_mistake(c, node, e->line,
		    "ipv6-prefix: %s is already that of user \"%.64s\" on line "
		    "%d",
		    e->values[0].text, first->title,
		    conf_node_entry(first, "ipv6-prefix")->line);
	}
}

static void
check_users(struct conf_check *c)
{
	struct owner *list = NULL;
	size_t n = 0;

	for (size_t i = 0; i < c->conf->n_users; i++) {
		const struct conf_user *user = &c->conf->users[i];

		if (user->ipv6_prefix.len == 0)
			continue;
		list = conf_grow(list, &n, sizeof(*list));
		list[n - 1] = (struct owner){ &user->ipv6_prefix.address, i };
	}
	if (n > 0)
		qsort(list, n, sizeof(*list), by_prefix);
	check_owners(c, list, n);
	free(list);
}

void
conf_check_ipv6(struct conf_check *c)
{
	check_pools(c);
	check_users(c);
}
