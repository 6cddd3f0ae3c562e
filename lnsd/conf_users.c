/* SPDX-License-Identifier: ISC */
/*
 * Users: of the configuration, and of a file that has nothing else in it, has
 * the same grammar, and is compared with the configuration that names it.
 */
#include "conf_check.h"

#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <sys/stat.h>

#include "conf_value.h"
#include "log.h"

void
conf_free_user(struct conf_user *user)
{
	free(user->name);
	conf_wipe(user->password);
	explicit_bzero(user->nt_hash, sizeof(user->nt_hash));
}

static void
missing(struct conf_check *c, const struct conf_node *node, const char *what)
{
	if (c->whole)
		conf_mistake(c, node, node->line, "%s", what);
}

/* Everybody who is nobody else. */
static void
check_wildcard(struct conf_check *c, const struct conf_node *node)
{
	static const char *const keys[] = { "address", "ipv6-prefix",
		"routes" };

	for (size_t i = 0; i < nitems(keys); i++) {
		const struct conf_entry *e = conf_node_entry(node, keys[i]);

		if (e != NULL)
			conf_mistake(c, node, e->line,
			    "%s: not for everybody at once", keys[i]);
	}
}

void
conf_take_users(struct conf_check *c)
{
	struct conf *conf = c->conf;

	for (size_t i = 0; i < c->users.n; i++) {
		const struct conf_node *node = c->users.list[i];
		struct conf_user *user;

		conf->users = conf_grow(
		    conf->users, &conf->n_users, sizeof(*conf->users));
		user = &conf->users[i];
		user->name = conf_strdup(node->title);
		conf_apply(c, node, user);
		if (strcmp(user->name, CONF_ANY_USER) == 0)
			check_wildcard(c, node);
		if (conf_node_entry(node, "password") == NULL &&
		    conf_node_entry(node, "password-file") == NULL &&
		    conf_node_entry(node, "nt-hash") == NULL)
			missing(c, node,
			    "none of password, password-file and nt-hash is "
			    "given");
	}
}

/* --- a file of users, and the configuration --- */

static int
by_name(const void *a, const void *b)
{
	const struct conf_user *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static const struct conf_user **
sorted_users(const struct conf *base)
{
	const struct conf_user **list =
	    calloc(base->n_users + 1, sizeof(const struct conf_user *));

	if (list == NULL)
		fatal("conf", "memory");
	for (size_t i = 0; i < base->n_users; i++)
		list[i] = &base->users[i];
	qsort(list, base->n_users, sizeof(*list), by_name);
	return list;
}

static bool
has_address(const struct conf *base, struct in_addr a)
{
	for (size_t i = 0; i < base->n_ppp; i++)
		if (base->ppp[i].local_address.s_addr == a.s_addr)
			return true;
	for (size_t i = 0; i < base->n_users; i++)
		if (base->users[i].has_address &&
		    base->users[i].address.s_addr == a.s_addr)
			return true;
	return false;
}

static void
check_address(struct conf_check *c, const struct conf_node *node,
    const struct conf_user *user)
{
	const struct conf_entry *e = conf_node_entry(node, "address");

	if (!user->has_address || e == NULL)
		return;
	if (has_address(c->base, user->address))
		conf_mistake(c, node, e->line,
		    "address: %s is already one of the configuration",
		    e->values[0].text);
}

static void
check_prefix(struct conf_check *c, const struct conf_node *node,
    const struct conf_prefix *p)
{
	const struct conf_entry *e = conf_node_entry(node, "ipv6-prefix");

	for (size_t i = 0; e != NULL && i < c->base->n_users; i++)
		if (p->len != 0 && c->base->users[i].ipv6_prefix.len != 0 &&
		    IN6_ARE_ADDR_EQUAL(
			&p->address, &c->base->users[i].ipv6_prefix.address))
			conf_mistake(c, node, e->line,
			    "ipv6-prefix: %s is already that of user \"%.64s\" "
			    "of the configuration",
			    e->values[0].text, c->base->users[i].name);
}

static void
check_against_base(struct conf_check *c)
{
	const struct conf_user **known = sorted_users(c->base);

	for (size_t i = 0; i < c->conf->n_users; i++) {
		const struct conf_user *user = &c->conf->users[i];
		const struct conf_node *node = c->users.list[i];

		if (bsearch(&user, known, c->base->n_users, sizeof(*known),
			by_name) != NULL)
			conf_mistake(c, node, node->line,
			    "is already a user of the configuration");
		check_address(c, node, user);
		check_prefix(c, node, &user->ipv6_prefix);
	}
	free(known);
}

void
conf_users_free(struct conf_users *users)
{
	if (users == NULL)
		return;
	for (size_t i = 0; i < users->n; i++)
		conf_free_user(&users->list[i]);
	free(users->list);
	free(users);
}

static struct conf_users *
from_tree(const struct conf *base, const struct conf_node *root, bool whole,
    mode_t mode, struct conf_errors *errors)
{
	struct conf_users *users = calloc(1, sizeof(*users));
	struct conf scratch = { 0 };
	struct conf_check c = {
		.path = base->users_file,
		.errors = errors,
		.root = root,
		.conf = &scratch,
		.base = base,
		.users = conf_sections(root, "user"),
		.whole = whole,
	};

	if (users == NULL)
		fatal("conf", "memory");
	conf_check_tree(&c);
	conf_take_users(&c);
	conf_check_client_addresses(&c);
	conf_check_ipv6(&c);
	conf_check_routes(&c);
	check_against_base(&c);
	conf_check_mode(&c, mode);
	free(c.users.list);
	users->list = scratch.users;
	users->n = scratch.n_users;
	return users;
}

struct conf_users *
conf_users_load(const struct conf *base, FILE *out)
{
	struct conf_errors errors = { 0 };
	struct conf_users *users = NULL;
	struct conf_node *root;
	mode_t mode = 0;
	bool whole;

	root = conf_read_tree(
	    base->users_file, &conf_kind_users, &errors, &whole, &mode);
	if (root != NULL)
		users = from_tree(base, root, whole, mode, &errors);
	conf_tree_free(root);
	conf_errors_print(&errors, base->users_file, out);
	if (errors.n > 0) {
		conf_users_free(users);
		users = NULL;
	}
	conf_errors_free(&errors);
	return users;
}
