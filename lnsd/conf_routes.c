/* SPDX-License-Identifier: ISC */
/* Networks behind users: read, and compared with everything else. */
#include "conf_check.h"

#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>

#include "conf_value.h"

void
conf_set_routes(struct conf_check *c, const struct conf_node *node,
    const struct conf_entry *e, void *obj)
{
	struct conf_user *user = obj;

	user->n_routes = 0;
	for (size_t i = 0; i < e->n_values; i++) {
		const struct conf_value *v = &e->values[i];
		/* Of length 0 while it is wrong. */
		struct conf_route route = { 0 };
		const char *problem;

		if (i == CONF_ROUTES_MAX) {
			conf_mistake(c, node, v->line,
			    "%s: '%.64s' is one too many: a user has at most "
			    "%d",
			    e->key->name, v->text, CONF_ROUTES_MAX);
			return;
		}
		problem = conf_parse_network(v->text, &route);
		if (problem != NULL)
			conf_mistake(c, node, v->line, "%s: '%.64s' %s",
			    e->key->name, v->text, problem);
		user->routes[user->n_routes++] = route;
	}
}

/* One route of a user and where it stands. */
struct place {
	const struct conf_route *route;
	const struct conf_node *node;
	const struct conf_value *value;
};

static unsigned int
mask_of(const struct conf_route *r)
{
	return ~0u << (32 - r->bits);
}

static unsigned int
first_of(const struct conf_route *r)
{
	return ntohl(r->network.s_addr);
}

static bool
covers(const struct conf_route *r, struct in_addr a)
{
	return (ntohl(a.s_addr) & mask_of(r)) == first_of(r);
}

static void
mistake(struct conf_check *c, const struct place *p, const char *what,
    struct in_addr address, const char *whose)
{
	char ip[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &address, ip, sizeof(ip));
	conf_mistake(c, p->node, p->value->line, "routes: '%s' %s %s%s",
	    p->value->text, what, ip, whose);
}

/* Ours: who has the route would be asked for what this machine answers. */
static void
check_against_ours(struct conf_check *c, const struct place *p)
{
	const struct conf *conf = c->base;
	struct in_addr a;

	for (size_t i = 0; i < conf->n_listen; i++) {
		memcpy(&a, conf->listen[i].ip, sizeof(a));
		if (conf->listen[i].family == 4 && a.s_addr != INADDR_ANY &&
		    covers(p->route, a))
			mistake(c, p, "covers", a, ", which is listened on");
	}
	for (size_t i = 0; i < conf->n_ppp; i++)
		if (conf->ppp[i].local_address.s_addr != INADDR_ANY &&
		    covers(p->route, conf->ppp[i].local_address)) {
			mistake(c, p, "covers", conf->ppp[i].local_address,
			    ", a local-address");
			return;
		}
}

static void
check_against_pools(struct conf_check *c, const struct place *p)
{
	unsigned int first = first_of(p->route);
	unsigned int last = first | ~mask_of(p->route);

	for (size_t i = 0; i < c->base->n_ppp; i++)
		for (size_t j = 0; j < c->base->ppp[i].n_pool; j++) {
			const struct conf_range *r = &c->base->ppp[i].pool[j];

			if (first > ntohl(r->last.s_addr) ||
			    last < ntohl(r->first.s_addr))
				continue;
			conf_mistake(c, p->node, p->value->line,
			    "routes: '%s' overlaps the pool of ppp \"%.64s\"",
			    p->value->text, c->base->ppp[i].name);
			return;
		}
}

static void
check_against_range(struct conf_check *c, const struct place *p)
{
	unsigned int range = ntohl(c->base->ipsec.client_range.s_addr);
	unsigned int mask = mask_of(p->route) & 0xffff0000u;

	if ((range & mask) == (first_of(p->route) & mask))
		mistake(c, p, "overlaps client-range",
		    c->base->ipsec.client_range, "/16");
}

/* pppd makes a route to each user's own address. */
static void
check_against_users(
    struct conf_check *c, const struct place *p, const struct conf *of)
{
	for (size_t i = 0; i < of->n_users && p->route->bits == 32; i++)
		if (of->users[i].has_address &&
		    of->users[i].address.s_addr == p->route->network.s_addr)
			conf_mistake(c, p->node, p->value->line,
			    "routes: '%s' is the address of user \"%.64s\"",
			    p->value->text, of->users[i].name);
}

/* Those of the configuration, if this is another file. */
static void
check_against_base(struct conf_check *c, const struct place *p)
{
	const struct conf *base = c->base;

	check_against_users(c, p, base);
	for (size_t i = 0; i < base->n_users; i++)
		for (size_t j = 0; j < base->users[i].n_routes; j++) {
			const struct conf_route *r = &base->users[i].routes[j];

			if (r->network.s_addr == p->route->network.s_addr &&
			    r->bits == p->route->bits)
				conf_mistake(c, p->node, p->value->line,
				    "routes: '%s' is already that of user "
				    "\"%.64s\" of the configuration",
				    p->value->text, base->users[i].name);
		}
}

static void
check_place(struct conf_check *c, const struct place *p)
{
	check_against_ours(c, p);
	check_against_pools(c, p);
	if (c->base->ipsec.mode != CONF_IPSEC_OFF)
		check_against_range(c, p);
	check_against_users(c, p, c->conf);
	if (c->base != c->conf)
		check_against_base(c, p);
}

static int
by_network(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	unsigned int i = first_of(x->route), j = first_of(y->route);

	if (i != j)
		return i < j ? -1 : 1;
	if (x->route->bits != y->route->bits)
		return x->route->bits < y->route->bits ? -1 : 1;
	return (x->value->line > y->value->line) -
	       (x->value->line < y->value->line);
}

/* A larger network around that of another user is no conflict: the smaller is
 * found first. */
static void
check_twice(struct conf_check *c, struct place *list, size_t n)
{
	const struct place *first = list;

	if (n > 0)
		qsort(list, n, sizeof(*list), by_network);
	for (size_t i = 1; i < n; i++) {
		const struct place *p = &list[i];

		if (p->route->network.s_addr != first->route->network.s_addr ||
		    p->route->bits != first->route->bits)
			first = p;
		else if (p->node == first->node)
			conf_mistake(c, p->node, p->value->line,
			    "routes: '%s' is given twice", p->value->text);
		else
			conf_mistake(c, p->node, p->value->line,
			    "routes: '%s' is already that of user \"%.64s\" on "
			    "line %d",
			    p->value->text, first->node->title,
			    first->value->line);
	}
}

void
conf_check_routes(struct conf_check *c)
{
	struct place *list = NULL;
	size_t n = 0;

	for (size_t i = 0; i < c->conf->n_users; i++) {
		const struct conf_user *user = &c->conf->users[i];
		const struct conf_node *node = c->users.list[i];
		const struct conf_entry *e = conf_node_entry(node, "routes");

		for (size_t j = 0; e != NULL && j < user->n_routes; j++) {
			if (user->routes[j].bits == 0)
				continue;
			list = conf_grow(list, &n, sizeof(*list));
			list[n - 1] = (struct place){ &user->routes[j], node,
				&e->values[j] };
			check_place(c, &list[n - 1]);
		}
	}
	check_twice(c, list, n);
	free(list);
}
