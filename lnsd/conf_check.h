/* SPDX-License-Identifier: ISC */
#ifndef CONF_CHECK_H
#define CONF_CHECK_H

/* From the tree to a struct conf: what the parts of conf.c share. */

#include <sys/types.h>

#include "conf.h"
#include "conf_tree.h"

/* A range of a pool and where it stands. */
struct conf_pool_part {
	struct conf_range range;
	const struct conf_node *node;
	const struct conf_value *value;
};

/* The sections of one kind, in the order of the file. */
struct conf_nodes {
	const struct conf_node **list;
	size_t n;
};

struct conf_check {
	const char *path;
	struct conf_errors *errors;
	const struct conf_node *root;
	/* What the users are compared with besides each other. */
	const struct conf *base;
	struct conf *conf; /* its lists are in the order of: */
	struct conf_nodes uplinks, ipsec, ppp, users, templates, peers;
	bool whole; /* else what is missing may stand behind a syntax error */
	bool quiet; /* a template is applied, which was checked before */
	struct conf_pool_part *parts;
	size_t n_parts;
};

/* Of the configuration, and of a file of users. */
extern const struct conf_kind conf_kind_root, conf_kind_users;

/* The tree of a file, and its mode; NULL after an error, else to be freed by
 * conf_tree_free().  *whole as in conf_tree_read(). */
struct conf_node *conf_read_tree(const char *path, const struct conf_kind *,
    struct conf_errors *, bool *whole, mode_t *mode) must_check;
/* The caller frees the list. */
struct conf_nodes conf_sections(const struct conf_node *, const char *kind);

/* Adds "ppp \"phones\": ..." at this line. */
void conf_mistake(struct conf_check *, const struct conf_node *, int line,
    const char *fmt, ...) printf_like(4, 5);

/* The same for conf->warnings; one that is there already is not added. */
void conf_warning(struct conf_check *, const struct conf_node *, int line,
    const char *fmt, ...) printf_like(4, 5);

/* Adds "... pool: 'a' <problem>" at the line of that value, which is named: not
 * for secrets. */
void conf_wrong(struct conf_check *, const struct conf_node *,
    const struct conf_entry *, size_t value, const char *problem);
/* A list that has to hold something does not. */
void conf_empty_list(
    struct conf_check *, const struct conf_node *, const struct conf_entry *);

/* Values of a profile. */
void conf_set_auth(struct conf_check *, const struct conf_node *,
    const struct conf_entry *, void *obj);
void conf_set_pool(struct conf_check *, const struct conf_node *,
    const struct conf_entry *, void *obj);
void conf_set_wins(struct conf_check *, const struct conf_node *,
    const struct conf_entry *, void *obj);

/* The words of pppd-options. */
void conf_set_pppd_options(struct conf_check *, const struct conf_node *,
    const struct conf_entry *, void *obj);

/* The networks behind a user. */
void conf_set_routes(struct conf_check *, const struct conf_node *,
    const struct conf_entry *, void *obj);

/* Lets every entry of the node put its meaning into obj. */
void conf_apply(struct conf_check *, const struct conf_node *, void *obj);

/* The number of the first one with this title; false if there is none. */
bool conf_find(const struct conf_nodes *, const char *title, size_t *n);

/* Values that are IPv6 addresses, or may be: conf_ipv6.c. */
void conf_set_dns(struct conf_check *, const struct conf_node *,
    const struct conf_entry *, void *ppp);
void conf_set_ipv6_pool(struct conf_check *, const struct conf_node *,
    const struct conf_entry *, void *ppp);
void conf_set_ipv6_prefix(struct conf_check *, const struct conf_node *,
    const struct conf_entry *, void *user);
void conf_check_ipv6(struct conf_check *);
/* The keys of a radius block that are like no others (conf_radius.c). */
void conf_set_radius_server(struct conf_check *, const struct conf_node *,
    const struct conf_entry *, void *obj);
void conf_set_radius_secret(struct conf_check *, const struct conf_node *,
    const struct conf_entry *, void *obj);
void conf_set_radius_secret_file(struct conf_check *, const struct conf_node *,
    const struct conf_entry *, void *obj);
void conf_set_radius_interval(struct conf_check *, const struct conf_node *,
    const struct conf_entry *, void *obj);
void conf_set_radius_coa(struct conf_check *, const struct conf_node *,
    const struct conf_entry *, void *obj);
/* "192.0.2.1", "192.0.2.1:1812" or "[2001:db8::1]:1812", also of addresses that
 * only this machine has; port is what holds without one.  As in conf_value.h.
 */
const char *conf_parse_endpoint(
    const char *, unsigned int port, struct lns_addr *) must_check;
/* The block in a profile, if there is one. */
void conf_take_radius(
    struct conf_check *, const struct conf_node *profile, struct conf_radius *);
void conf_free_radius(struct conf_radius *);

/* In conf_ipsec.c. */
void conf_set_ipsec_mode(struct conf_check *, const struct conf_node *,
    const struct conf_entry *, void *);
void conf_set_proposals(struct conf_check *, const struct conf_node *,
    const struct conf_entry *, void *);
void conf_set_client_range(struct conf_check *, const struct conf_node *,
    const struct conf_entry *, void *);
void conf_set_ipsec_log(struct conf_check *, const struct conf_node *,
    const struct conf_entry *, void *);
void conf_set_ipsec_log_level(struct conf_check *, const struct conf_node *,
    const struct conf_entry *, void *);

/* The section http (conf_http.c). */
void conf_set_http_listen(struct conf_check *, const struct conf_node *,
    const struct conf_entry *, void *obj);
void conf_take_http(struct conf_check *);

/* The user sections into c->conf. */
void conf_take_users(struct conf_check *);
void conf_free_user(struct conf_user *);

/* What is wrong with the tree whatever it means: names, repeated sections and
 * keys, keys that do not work yet. */
void conf_check_tree(struct conf_check *);
/* What is wrong between values that are right by themselves. */
void conf_check_values(struct conf_check *);
/* Addresses that two users have, or one and we. */
void conf_check_client_addresses(struct conf_check *);
/* A file that others can read must not hold secrets. */
void conf_check_mode(struct conf_check *, mode_t);
/* Of the networks behind users, that somebody or something else has. */
void conf_check_routes(struct conf_check *);
/* Mistakes in certificates and keys, and those that are out of date. */
void conf_check_certificates(struct conf_check *);
/* Warnings of those that can be guessed. */
void conf_warn_of_weak_keys(struct conf_check *);

#endif
