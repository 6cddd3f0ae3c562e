/* SPDX-License-Identifier: ISC */
/*
 * libconfuse parses; its callbacks build our own tree.  All options are strings
 * to it, so that a wrong value does not end the parse.  It keeps nothing:
 * values are handed over as they are scanned and sections are dropped as they
 * close, which also keeps it from replacing a section by another of the same
 * title.
 */
#include "conf_tree.h"

#include <confuse.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf_value.h"
#include "log.h"

/* After so many unknown sections the file is not meant for us. */
#define UNKNOWN_SECTIONS_MAX 64

/* A hidden option whose default is "parsed" when a section opens: the only
 * way to hear of the line where it does. */
#define OPEN_OPTION "\001"

struct reader {
	char *text;
	size_t len;
	const struct conf_kind *root;
	struct conf_errors *errors;
	struct conf_errors unknown; /* of this attempt */
	struct conf_node *tree, *current;
	const struct conf_key *secret; /* the value just read, if it was one */
	int secret_line;
	/* The message of libconfuse that ended the parse, and the unknown name
	 * that stands there without a value. */
	int fatal_line;
	char *fatal;
	char *bare;
	int name_line; /* of the last unknown name; 0: not told */
};

/* libconfuse hands no pointer of ours to its callbacks; its scanner is one for
 * the whole process anyway. */
static struct reader *reader;

void *
conf_grow(void *list, size_t *n, size_t size)
{
	char *p = reallocarray(list, *n + 1, size);

	if (p == NULL)
		fatal("conf", "memory");
	memset(p + *n * size, 0, size);
	(*n)++;
	return p;
}

char *
conf_strdup(const char *s)
{
	char *p = strdup(s);

	if (p == NULL)
		fatal("conf", "memory");
	return p;
}

void
conf_wipe(char *s)
{
	if (s == NULL)
		return;
	explicit_bzero(s, strlen(s));
	free(s);
}

static struct conf_entry *
last_entry(const struct conf_node *node, const char *name)
{
	for (size_t i = node->n_entries; i-- > 0;)
		if (strcmp(node->entries[i].key->name, name) == 0)
			return &node->entries[i];
	return NULL;
}

const struct conf_entry *
conf_node_entry(const struct conf_node *node, const char *name)
{
	return last_entry(node, name);
}

const char *
conf_node_where(const struct conf_node *node, char buf[CONF_WHERE])
{
	char up[CONF_WHERE];

	if (node->up == NULL) {
		buf[0] = '\0';
		return buf;
	}
	conf_node_where(node->up, up);
	if (node->title != NULL)
		snprintf(buf, CONF_WHERE, "%.60s%s \"%.80s\": ", up,
		    node->kind->name, node->title);
	else
		snprintf(buf, CONF_WHERE, "%.150s%s: ", up, node->kind->name);
	return buf;
}

static void
node_free(struct conf_node *node)
{
	for (size_t i = 0; i < node->n_entries; i++) {
		struct conf_entry *e = &node->entries[i];

		for (size_t v = 0; v < e->n_values; v++)
			conf_wipe(e->values[v].text);
		free(e->values);
	}
	free(node->entries);
	free(node->subs);
	free(node->title);
	free(node);
}

void
conf_tree_free(struct conf_node *node)
{
	if (node == NULL)
		return;
	for (size_t i = 0; i < node->n_subs; i++)
		conf_tree_free(node->subs[i]);
	node_free(node);
}

static struct conf_node *
node_new(const struct conf_kind *kind, struct conf_node *up)
{
	struct conf_node *node = calloc(1, sizeof(*node));

	if (node == NULL)
		fatal("conf", "memory");
	node->kind = kind;
	node->up = up;
	if (up != NULL) {
		up->subs = conf_grow(up->subs, &up->n_subs, sizeof(*up->subs));
		up->subs[up->n_subs - 1] = node;
	}
	return node;
}

static const struct conf_key *
find_key(const struct conf_kind *kind, const char *name)
{
	for (size_t i = 0; i < kind->n_keys; i++)
		if (strcmp(kind->keys[i].name, name) == 0)
			return &kind->keys[i];
	return NULL;
}

/* What was probably meant, as the end of a message. */
static const char *
suggestion(const struct conf_kind *kind, const char *name, bool section,
    char buf[CONF_WHERE])
{
	const struct conf_key *best = NULL;
	size_t least = 3;

	for (size_t i = 0; i < kind->n_keys; i++) {
		const struct conf_key *k = &kind->keys[i];
		size_t d = conf_distance(k->name, name);

		if (d < least && 2 * d < strlen(k->name) &&
		    (k->section != NULL) == section) {
			best = k;
			least = d;
		}
	}
	buf[0] = '\0';
	if (best != NULL)
		snprintf(buf, CONF_WHERE, ", did you mean '%s'?", best->name);
	return buf;
}

/*
 * A name right behind a secret on the same line may be the rest of a secret
 * that should have been quoted: it is not shown.
 */
static bool
behind_secret(
    struct conf_errors *errors, const struct conf_node *node, int line)
{
	char where[CONF_WHERE];

	if (reader->secret == NULL || reader->secret_line != line)
		return false;
	conf_error(errors, line,
	    "%sunknown key, or text without quotes, after the value of '%s'",
	    conf_node_where(node, where), reader->secret->name);
	return true;
}

static void
report_unknown(struct conf_errors *errors, const struct conf_node *node,
    int line, const char *name, bool section)
{
	char where[CONF_WHERE], meant[CONF_WHERE];

	if (behind_secret(errors, node, line))
		return;
	conf_error(errors, line, "%sunknown %s '%.64s'%s",
	    conf_node_where(node, where), section ? "section" : "key", name,
	    suggestion(node->kind, name, section, meant));
}

static int unknown_value(
    cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result);

/*
 * CFGF_KEYSTRVAL lets libconfuse go on after an unknown key, which it adds to
 * the section on top of the end mark: what the mark says of flags and callback
 * then holds for the key.
 */
static void
arm_unknown(cfg_t *cfg)
{
	cfg_opt_t *end = &cfg->opts[cfg_num(cfg)];

	end->flags = CFGF_LIST;
	end->parsecb = unknown_value;
}

/* The text of a token, in the scanner's own memory. */
static void
wipe_token(const char *value)
{
	explicit_bzero((char *)(uintptr_t)value, strlen(value));
}

static int
unknown_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	if (opt->nvalues == 1)
		report_unknown(&reader->unknown, reader->current, cfg->line,
		    opt->name, false);
	arm_unknown(cfg);
	wipe_token(value);
	*(const char **)result = "";
	return 0;
}

static int
known_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	struct conf_node *node = reader->current;
	const struct conf_key *key = find_key(node->kind, opt->name);
	struct conf_entry *e = last_entry(node, opt->name);
	struct conf_value *v;

	/* Before an assignment libconfuse forgets the values it had; "+="
	 * does not. */
	if (opt->nvalues == 1 || e == NULL) {
		node->entries = conf_grow(
		    node->entries, &node->n_entries, sizeof(*node->entries));
		e = &node->entries[node->n_entries - 1];
		e->key = key;
		e->line = cfg->line;
	}
	e->values = conf_grow(e->values, &e->n_values, sizeof(*e->values));
	v = &e->values[e->n_values - 1];
	v->text = conf_strdup(value);
	v->line = cfg->line;

	reader->secret = NULL;
	if (key->flags & CONF_KEY_SECRET) {
		reader->secret = key;
		reader->secret_line = cfg->line;
	}
	wipe_token(value);
	*(const char **)result = "";
	return 0;
}

static int
section_opens(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	struct conf_node *up = reader->current, *node;

	(void)opt;
	(void)value;
	node = node_new(find_key(up->kind, cfg_name(cfg))->section, up);
	node->line = cfg->line;
	if (cfg_title(cfg) != NULL)
		node->title = conf_strdup(cfg_title(cfg));
	reader->current = node;
	arm_unknown(cfg);
	*(void **)result = NULL;
	return 0;
}

/* "name = {}" calls nobody; nor does an odd name for which arm_unknown() had no
 * chance. */
static void
take_uncalled(cfg_t *cfg)
{
	struct conf_node *node = reader->current;
	const struct conf_key *key;
	int line;

	for (unsigned int i = 0; i < cfg_num(cfg); i++) {
		cfg_opt_t *opt = cfg_getnopt(cfg, i);

		if (opt->type != CFGT_STR ||
		    (opt->flags & CFGF_MODIFIED) == 0 ||
		    (opt->nvalues > 0 && opt->parsecb != NULL))
			continue;
		line = conf_text_find_key(
		    reader->text, reader->len, node->line, opt->name);
		key = find_key(node->kind, opt->name);
		if (key == NULL) {
			report_unknown(
			    &reader->unknown, node, line, opt->name, false);
			continue;
		}
		node->entries = conf_grow(
		    node->entries, &node->n_entries, sizeof(*node->entries));
		node->entries[node->n_entries - 1].key = key;
		node->entries[node->n_entries - 1].line = line;
	}
}

static int
section_closes(cfg_t *cfg, cfg_opt_t *opt)
{
	(void)cfg;
	take_uncalled(cfg_opt_getnsec(opt, 0));
	reader->current = reader->current->up;
	return cfg_free_value(opt);
}

/*
 * Keeps the last message.  The unknown keys among them are told by their value
 * when it comes (older versions than 3.4 also come here for them, first).
 */
static void
on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	cfg_opt_t *last = NULL;
	unsigned int n = cfg_num(cfg);

	free(reader->fatal);
	free(reader->bare);
	reader->fatal = reader->bare = NULL;
	if (n > 0)
		last = cfg_getnopt(cfg, n - 1);
	if (last != NULL && last->parsecb == unknown_value &&
	    last->nvalues == 0 && (last->flags & CFGF_MODIFIED) == 0)
		reader->bare = conf_strdup(last->name);
	if (vasprintf(&reader->fatal, fmt, ap) < 0)
		fatal("conf", "memory");
	reader->fatal_line = cfg->line;
	if (reader->bare == NULL)
		reader->name_line = cfg->line;
	else if (reader->name_line > 0)
		reader->fatal_line = reader->name_line;
	arm_unknown(cfg);
}

static cfg_opt_t *
options_new(const struct conf_kind *kind)
{
	/* One for OPEN_OPTION, one for the end mark. */
	cfg_opt_t *opts = calloc(kind->n_keys + 2, sizeof(*opts));
	cfg_opt_t open = CFG_PTR_CB(OPEN_OPTION, NULL, 0, section_opens, NULL);

	if (opts == NULL)
		fatal("conf", "memory");
	for (size_t i = 0; i < kind->n_keys; i++) {
		const struct conf_key *k = &kind->keys[i];

		opts[i].name = k->name;
		if (k->section != NULL) {
			opts[i].type = CFGT_SEC;
			opts[i].flags =
			    CFGF_MULTI | (k->section->titled ? CFGF_TITLE : 0);
			opts[i].subopts = options_new(k->section);
			opts[i].validcb = section_closes;
			continue;
		}
		opts[i].type = CFGT_STR;
		opts[i].flags = CFGF_NODEFAULT |
				((k->flags & CONF_KEY_LIST) ? CFGF_LIST : 0);
		opts[i].parsecb = known_value;
	}
	if (kind->name[0] != '\0') {
		open.def.parsed = conf_strdup("o");
		opts[kind->n_keys] = open;
	}
	return opts;
}

static void
options_free(cfg_opt_t *opts)
{
	for (size_t i = 0; opts[i].name != NULL; i++) {
		if (opts[i].subopts != NULL)
			options_free(opts[i].subopts);
		free(opts[i].def.parsed);
	}
	free(opts);
}

/* One attempt from the start; false when the grammar ended it. */
static bool
parse(struct reader *r)
{
	cfg_opt_t *opts = options_new(r->root);
	cfg_t *cfg = cfg_init(opts, CFGF_KEYSTRVAL);
	FILE *f = fmemopen(r->text, r->len, "r");
	bool ok;

	if (cfg == NULL || f == NULL)
		fatal("conf", "memory");
	setvbuf(f, NULL, _IONBF, 0);
	cfg_set_error_function(cfg, on_error);
	arm_unknown(cfg);

	r->tree = r->current = node_new(r->root, NULL);
	r->tree->line = 1;
	r->secret = NULL;
	ok = cfg_parse_fp(cfg, f) == CFG_SUCCESS;
	if (ok)
		take_uncalled(cfg);

	fclose(f);
	cfg_free(cfg);
	options_free(opts);
	return ok;
}

/* libconfuse quotes what it stumbled over, which may be a piece of a secret:
 * shown only if it is one sign or a name of the grammar. */
static void
report_fatal(struct reader *r)
{
	char *text = r->fatal, *quote, *end;

	if (r->bare != NULL) {
		if (!behind_secret(r->errors, r->current, r->fatal_line))
			conf_error(r->errors, r->fatal_line,
			    "syntax error: name without a value");
		return;
	}
	if (text == NULL) {
		conf_error(r->errors, r->fatal_line, "syntax error");
		return;
	}
	quote = strchr(text, '\'');
	end = quote != NULL ? strrchr(text, '\'') : NULL;
	if (end != NULL && end != quote + 2) {
		*end = '\0';
		if (find_key(r->current->kind, quote + 1) != NULL)
			*end = '\'';
		else
			*quote = '\0';
	}
	conf_error(r->errors, r->fatal_line, "syntax error: %s", text);
}

static void
forget_attempt(struct reader *r)
{
	conf_tree_free(r->tree);
	conf_errors_free(&r->unknown);
	free(r->fatal);
	free(r->bare);
	r->tree = NULL;
	r->fatal = r->bare = NULL;
}

struct conf_node *
conf_tree_read(char *text, size_t len, const struct conf_kind *root,
    struct conf_errors *errors, bool *whole)
{
	struct reader r = {
		.text = text, .len = len, .root = root, .errors = errors
	};
	struct conf_node *tree;

	reader = &r;
	/* The scanner's buffer holds all secrets: glibc overwrites what is
	 * freed from here on. */
	mallopt(M_PERTURB, 0x5a);
	for (int i = 0;; i++) {
		*whole = parse(&r);
		if (*whole)
			break;
		if (r.bare == NULL || i == UNKNOWN_SECTIONS_MAX ||
		    !conf_text_blank_section(text, len, r.fatal_line, r.bare)) {
			report_fatal(&r);
			break;
		}
		report_unknown(errors, r.current, r.fatal_line, r.bare, true);
		forget_attempt(&r);
	}
	mallopt(M_PERTURB, 0);

	for (size_t i = 0; i < r.unknown.n; i++)
		conf_error(errors, r.unknown.list[i].line, "%s",
		    r.unknown.list[i].text);
	tree = r.tree;
	r.tree = NULL;
	forget_attempt(&r);
	reader = NULL;
	return tree;
}
