/* SPDX-License-Identifier: ISC */
#ifndef CONF_TREE_H
#define CONF_TREE_H

/*
 * The configuration file as a tree of named values with their lines, before
 * anybody asks what they mean.  Behind it stands libconfuse; nobody else knows.
 */

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"
#include "conf_text.h"

struct conf_entry;
struct conf_node;
struct conf_kind;
struct conf_check;

/* Puts the meaning of an entry into obj; mistakes go to the check. */
typedef void (*conf_set_fn)(struct conf_check *, const struct conf_node *,
    const struct conf_entry *, void *obj);

#define CONF_KEY_LIST 0x1u
#define CONF_KEY_SECRET 0x2u /* never shown, wiped */

struct conf_key {
	const char *name;
	unsigned int flags;
	const struct conf_kind *section; /* NULL: a value */
	conf_set_fn set;
	size_t at; /* the field's place in obj */
	unsigned int min, max;
};

/* A kind of section: "ppp", "peer"; "" is the file itself. */
struct conf_kind {
	const char *name;
	bool titled;
	const struct conf_key *keys;
	size_t n_keys;
};

struct conf_value {
	char *text;
	int line;
};

struct conf_entry {
	const struct conf_key *key;
	int line;
	struct conf_value *values; /* exactly one unless CONF_KEY_LIST */
	size_t n_values;
};

struct conf_node {
	const struct conf_kind *kind;
	char *title; /* NULL: none */
	int line;
	struct conf_entry *entries; /* in the order of the file, all of them */
	size_t n_entries;
	struct conf_node **subs;
	size_t n_subs;
	struct conf_node *up;
};

/*
 * Reads a text (conf_text_prepare()) by the keys of root.  Mistakes of grammar,
 * unknown keys and unknown sections are added to the errors.  *whole is false
 * if the tree ends where the grammar was broken.  The caller frees the result.
 */
struct conf_node *conf_tree_read(char *text, size_t len,
    const struct conf_kind *root, struct conf_errors *, bool *whole) must_check;
/* Wipes all values. */
void conf_tree_free(struct conf_node *);

/* The last entry with this name, or NULL. */
const struct conf_entry *conf_node_entry(
    const struct conf_node *, const char *name);
/* "", or "ppp \"phones\": ", or "peer \"x\": keepalive: ": in front of
 * messages. */
#define CONF_WHERE 192
const char *conf_node_where(const struct conf_node *, char buf[CONF_WHERE]);

/* Appends one zeroed element of this size; never fails.  *list and *n grow. */
void *conf_grow(void *list, size_t *n, size_t size) must_check;
char *conf_strdup(const char *) must_check;
/* Wipes and frees a string; NULL is nothing. */
void conf_wipe(char *);

#endif
