/* SPDX-License-Identifier: ISC */
/* Checks that look at more than one value. */
#include "conf_check.h"

#include <stdlib.h>
#include <string.h>

#include "conf_value.h"

static unsigned int
host_order(struct in_addr a)
{
	return ntohl(a.s_addr);
}

static void
check_keys(struct conf_check *c, const struct conf_node *node)
{
	for (size_t i = 0; i < node->n_entries; i++) {
		const struct conf_entry *e = &node->entries[i];

		for (size_t j = 0; j < i; j++) {
			if (node->entries[j].key != e->key)
				continue;
			conf_mistake(c, node, e->line,
			    "key '%s' is given twice (first on line %d)",
			    e->key->name, node->entries[j].line);
			break;
		}
	}
}

static void
exclusive(struct conf_check *c, const struct conf_node *node, const char *one,
    const char *other)
{
	const struct conf_entry *a = conf_node_entry(node, one);
	const struct conf_entry *b = conf_node_entry(node, other);

	if (a != NULL && b != NULL)
		conf_mistake(c, node, a->line > b->line ? a->line : b->line,
		    "'%s' and '%s' exclude each other", one, other);
}

static void
check_sections(struct conf_check *c, const struct conf_node *up)
{
	const char *problem;

	for (size_t i = 0; i < up->n_subs; i++) {
		const struct conf_node *node = up->subs[i];

		if (node->title != NULL &&
		    (problem = conf_check_name(node->title, true)) != NULL)
			conf_mistake(c, up, node->line,
			    "%s: the name '%.80s' %s", node->kind->name,
			    node->title, problem);
		check_keys(c, node);
		exclusive(c, node, "psk", "psk-file");
		exclusive(c, node, "tunnel-secret", "tunnel-secret-file");
		exclusive(c, node, "secret", "secret-file");
		exclusive(c, node, "password", "password-file");
		exclusive(c, node, "password", "nt-hash");
		exclusive(c, node, "password-file", "nt-hash");
		check_sections(c, node);
	}
}

static int
by_kind_and_title(const void *a, const void *b)
{
	const struct conf_node *x = *(const struct conf_node *const *)a;
	const struct conf_node *y = *(const struct conf_node *const *)b;
	int rc = strcmp(x->kind->name, y->kind->name);

	if (rc == 0 && x->title != NULL && y->title != NULL)
		rc = strcmp(x->title, y->title);
	if (rc == 0)
		rc = (x->line > y->line) - (x->line < y->line);
	return rc;
}

static void
check_repeated(struct conf_check *c, const struct conf_node *up)
{
	const struct conf_node **list;
	const struct conf_node *first = NULL;

	if (up->n_subs == 0)
		return;
	list = calloc(up->n_subs, sizeof(const struct conf_node *));
	if (list == NULL)
		return;
	for (size_t i = 0; i < up->n_subs; i++) {
		list[i] = up->subs[i];
		check_repeated(c, up->subs[i]);
	}
	qsort(list, up->n_subs, sizeof(*list), by_kind_and_title);
	for (size_t i = 0; i < up->n_subs; i++) {
		const struct conf_node *node = list[i];

		if (first == NULL || first->kind != node->kind ||
		    (node->title != NULL &&
			strcmp(first->title, node->title) != 0))
			first = node;
		else if (node->title != NULL)
			conf_mistake(c, up, node->line,
			    "duplicate %s \"%.64s\" (first on line %d)",
			    node->kind->name, node->title, first->line);
		else
			conf_mistake(c, up, node->line,
			    "duplicate section '%s' (first on line %d)",
			    node->kind->name, first->line);
	}
	free(list);
}

void
conf_check_tree(struct conf_check *c)
{
	check_keys(c, c->root);
	check_sections(c, c->root);
	check_repeated(c, c->root);
}

static int
by_first(const void *a, const void *b)
{
	const struct conf_pool_part *x = a, *y = b;
	unsigned int i = host_order(x->range.first);
	unsigned int j = host_order(y->range.first);

	if (i != j)
		return i < j ? -1 : 1;
	return (x->value->line > y->value->line) -
	       (x->value->line < y->value->line);
}

static void
check_pools(struct conf_check *c)
{
	const struct conf_pool_part *widest = NULL, *a, *b;

	if (c->n_parts > 0)
		qsort(c->parts, c->n_parts, sizeof(*c->parts), by_first);
	for (size_t i = 0; i < c->n_parts; i++) {
		const struct conf_pool_part *p = &c->parts[i];

		if (widest != NULL && host_order(p->range.first) <=
					  host_order(widest->range.last)) {
			bool later = p->value->line >= widest->value->line;

			a = later ? p : widest;
			b = later ? widest : p;
			conf_mistake(c, a->node, a->value->line,
			    "pool: '%s' overlaps '%s' of ppp \"%.64s\" on line "
			    "%d",
			    a->value->text, b->value->text, b->node->title,
			    b->value->line);
		}
		if (widest == NULL ||
		    host_order(p->range.last) > host_order(widest->range.last))
			widest = p;
	}
}

struct owner {
	struct lns_addr address;
	const struct conf_node *node;
	const struct conf_entry *entry;
};

static int
by_address(const void *a, const void *b)
{
	const struct owner *x = a, *y = b;
	int rc;

	if (x->address.family != y->address.family)
		return x->address.family < y->address.family ? -1 : 1;
	rc = memcmp(x->address.ip, y->address.ip, sizeof(x->address.ip));
	if (rc != 0)
		return rc;
	return (x->entry->line > y->entry->line) -
	       (x->entry->line < y->entry->line);
}

static void
add_owner(struct owner **list, size_t *n, const struct conf_node *node,
    const char *key, const struct lns_addr *address)
{
	const struct conf_entry *e = conf_node_entry(node, key);
	const struct lns_addr none = { .family = address->family };

	/* What was wrong has been left zero. */
	if (e == NULL || lns_same_ip(address, &none))
		return;
	*list = conf_grow(*list, n, sizeof(**list));
	(*list)[*n - 1] = (struct owner){ *address, node, e };
}

static struct lns_addr
of_ipv4(struct in_addr a)
{
	struct lns_addr to = { .family = 4 };

	memcpy(to.ip, &a, sizeof(a));
	return to;
}

/* Frees the list.  Profiles may share our own address among them. */
static void
check_owners(struct conf_check *c, struct owner *list, size_t n)
{
	const struct owner *first = list;

	if (n > 0)
		qsort(list, n, sizeof(*list), by_address);
	for (size_t i = 1; i < n; i++) {
		const struct owner *o = &list[i];
		bool shared = strcmp(o->node->kind->name, "ppp") == 0 &&
			      strcmp(first->node->kind->name, "ppp") == 0;

		if (!lns_same_ip(&o->address, &first->address))
			first = o;
		else if (!shared)
			conf_mistake(c, o->node, o->entry->line,
			    "%s: %s is already that of %s \"%.64s\" on line %d",
			    o->entry->key->name, o->entry->values[0].text,
			    first->node->kind->name, first->node->title,
			    first->entry->line);
	}
	free(list);
}

void
conf_check_client_addresses(struct conf_check *c)
{
	struct owner *list = NULL;
	struct lns_addr a;
	size_t n = 0;

	for (size_t i = 0; i < c->conf->n_ppp; i++) {
		a = of_ipv4(c->conf->ppp[i].local_address);
		add_owner(&list, &n, c->ppp.list[i], "local-address", &a);
	}
	for (size_t i = 0; i < c->conf->n_users; i++) {
		if (!c->conf->users[i].has_address)
			continue;
		a = of_ipv4(c->conf->users[i].address);
		add_owner(&list, &n, c->users.list[i], "address", &a);
	}
	check_owners(c, list, n);
}

static void
check_peer_addresses(struct conf_check *c)
{
	const struct conf_node *any = NULL, *node;
	struct owner *list = NULL;
	size_t n = 0;

	for (size_t i = 0; i < c->conf->n_peers; i++) {
		const struct conf_peer *peer = &c->conf->peers[i];

		node = c->peers.list[i];
		if (!peer->any) {
			add_owner(&list, &n, node, "address", &peer->address);
			continue;
		}
		if (any != NULL)
			conf_mistake(c, node,
			    conf_node_entry(node, "address")->line,
			    "address: a second peer with 'any' is not "
			    "supported yet (the first is \"%.64s\" on line %d)",
			    any->title, any->line);
		else
			any = node;
	}
	check_owners(c, list, n);
}

/* Two keys for one identity: libreswan would take either. */
static void
check_identities(struct conf_check *c)
{
	const struct conf_peer *peers = c->conf->peers;
	const struct conf_node *node, *first;

	for (size_t i = 1; i < c->conf->n_peers; i++)
		for (size_t j = 0; j < i && peers[i].identity != NULL; j++) {
			if (peers[j].identity == NULL ||
			    strcmp(peers[i].identity, peers[j].identity) != 0)
				continue;
			node = c->peers.list[i];
			first = c->peers.list[j];
			conf_mistake(c, node,
			    conf_node_entry(node, "identity")->line,
			    "identity: '%.64s' is already that of peer "
			    "\"%.64s\" on line %d",
			    peers[i].identity, first->title, first->line);
			break;
		}
}

static bool
is_listened_on(const struct conf *conf, struct in_addr a)
{
	struct lns_addr all = { .family = 4 }, one = all;

	memcpy(one.ip, &a, sizeof(a));
	for (size_t i = 0; i < conf->n_listen; i++)
		if (lns_same_ip(&conf->listen[i], &all) ||
		    lns_same_ip(&conf->listen[i], &one))
			return true;
	return false;
}

static void
check_uplinks(struct conf_check *c)
{
	const struct conf *conf = c->conf;

	for (size_t i = 0; i < conf->n_uplinks; i++) {
		const struct conf_node *node = c->uplinks.list[i];

		if (conf->uplinks[i].address.s_addr == INADDR_ANY)
			continue;
		if (!is_listened_on(conf, conf->uplinks[i].address) && c->whole)
			conf_mistake(c, node, node->line,
			    "no address of 'listen' is this one");
		/* IKE and the guard heed it, and nothing else. */
		if (conf->ipsec.mode == CONF_IPSEC_OFF)
			conf_mistake(c, node, node->line,
			    "cannot be with the ipsec mode 'off'");
	}
}

static void
check_dpd(struct conf_check *c)
{
	const struct conf_node *node;
	const struct conf_entry *e, *delay;

	if (c->conf->ipsec.dpd_timeout_s > c->conf->ipsec.dpd_delay_s ||
	    c->ipsec.n == 0)
		return;
	node = c->ipsec.list[0];
	e = conf_node_entry(node, "dpd-timeout");
	delay = conf_node_entry(node, "dpd-delay");
	if (e == NULL)
		e = delay;
	conf_mistake(c, node, e != NULL ? e->line : node->line,
	    "dpd-timeout (%u) must be longer than dpd-delay (%u)",
	    c->conf->ipsec.dpd_timeout_s, c->conf->ipsec.dpd_delay_s);
}

void
conf_check_values(struct conf_check *c)
{
	check_uplinks(c);
	check_dpd(c);
	check_pools(c);
	conf_check_client_addresses(c);
	conf_check_ipv6(c);
	check_peer_addresses(c);
	check_identities(c);
}
