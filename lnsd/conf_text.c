/* SPDX-License-Identifier: ISC */
/*
 * What libconfuse 3.3 needs to be relieved of: it counts the line of a comment
 * three times, refuses a comment inside a list, takes a missing brace or quote
 * at the end of the file for the real end, and drops characters that it does
 * not know.  This is its lexical level only, the grammar is libconfuse's.
 */
#include "conf_text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

/* The end of an unquoted word, as in libconfuse's lexer.l. */
#define WORD_END " #\"'\t\n\r={}()+,*"

#define DEPTH_MAX 16

struct scan {
	char *text;
	size_t len, pos;
	int line;
	struct conf_errors *errors; /* NULL: the text is known to be clean */
};

void
conf_error(struct conf_errors *errors, int line, const char *fmt, ...)
{
	struct conf_error *list, *e;
	va_list ap;
	int rc;

	list = reallocarray(errors->list, errors->n + 1, sizeof(*list));
	if (list == NULL)
		fatal("conf", "mistakes");
	errors->list = list;
	e = &list[errors->n];
	e->line = line;
	e->order = errors->n;

	va_start(ap, fmt);
	rc = vasprintf(&e->text, fmt, ap);
	va_end(ap);
	if (rc < 0)
		fatal("conf", "mistakes");
	for (char *p = e->text; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || (unsigned char)*p > 0x7e)
			*p = '?';
	errors->n++;
}

static int
by_line(const void *a, const void *b)
{
	const struct conf_error *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

void
conf_errors_print(const struct conf_errors *errors, const char *path, FILE *out)
{
	if (errors->n > 0)
		qsort(errors->list, errors->n, sizeof(*errors->list), by_line);
	for (size_t i = 0; i < errors->n; i++) {
		const struct conf_error *e = &errors->list[i];

		if (e->line > 0)
			fprintf(out, "%s:%d: %s\n", path, e->line, e->text);
		else
			fprintf(out, "%s: %s\n", path, e->text);
	}
}

void
conf_errors_free(struct conf_errors *errors)
{
	for (size_t i = 0; i < errors->n; i++)
		free(errors->list[i].text);
	free(errors->list);
	*errors = (struct conf_errors){ 0 };
}

static char
peek(const struct scan *s, size_t ahead)
{
	return ahead < s->len - s->pos ? s->text[s->pos + ahead] : '\0';
}

/* Moves over a line comment or a block comment, erasing it. */
static bool
skip_comment(struct scan *s)
{
	bool block = peek(s, 0) == '/' && peek(s, 1) == '*';
	size_t skip = block ? 2 : 1, start = s->pos;
	int first = s->line;
	bool closed = !block;

	s->pos += skip;
	while (s->pos < s->len) {
		if (!block && peek(s, 0) == '\n')
			break;
		if (block && peek(s, 0) == '*' && peek(s, 1) == '/') {
			s->pos += 2;
			closed = true;
			break;
		}
		s->line += peek(s, 0) == '\n';
		s->pos++;
	}
	for (size_t i = start; i < s->pos; i++)
		if (s->text[i] != '\n')
			s->text[i] = ' ';
	if (!closed)
		conf_error(s->errors, first, "comment is not closed");
	return closed;
}

static bool
string_error(struct scan *s, const char *what)
{
	if (s->errors != NULL)
		conf_error(s->errors, s->line, "%s", what);
	return false;
}

/*
 * Moves over a quoted string.  One that runs over the end of its line is a
 * forgotten quote: from there on values, secrets too, would be read as names
 * and then be shown in messages.
 */
static bool
skip_string(struct scan *s)
{
	char quote = peek(s, 0);

	for (s->pos++; s->pos < s->len; s->pos++) {
		char c = peek(s, 0), next = peek(s, 1);

		if (c == quote) {
			s->pos++;
			return true;
		}
		if (c == '\n')
			break;
		if (quote == '"' && c == '$' && next == '{')
			return string_error(s,
			    "\"${\" is not replaced by a variable: write \\${, "
			    "or put the string in single quotes");
		if (c != '\\')
			continue;
		if (quote == '"' &&
		    ((next >= '0' && next <= '9') || next == 'x'))
			return string_error(s,
			    "characters by number are not supported in a "
			    "string: write \\\\ for a backslash");
		if (next != '\n')
			s->pos++;
	}
	return string_error(s, "string without a closing quote on its line");
}

static void
skip_word(struct scan *s)
{
	while (s->pos < s->len && strchr(WORD_END, peek(s, 0)) == NULL)
		s->pos++;
}

/* Moves over one token or blank. */
static bool
skip_token(struct scan *s)
{
	char c = peek(s, 0), next = peek(s, 1);

	if (c == '#' || (c == '/' && (next == '/' || next == '*')))
		return skip_comment(s);
	if (c == '"' || c == '\'')
		return skip_string(s);
	if (c == '$' && next == '{')
		return string_error(s, "\"${\" is not supported");
	if (c == '*' || (c == '+' && next != '='))
		return string_error(
		    s, c == '*' ? "stray '*': a value with punctuation needs "
				  "quotes"
				: "stray '+': a value with punctuation needs "
				  "quotes");
	if (strchr(WORD_END, c) == NULL) {
		skip_word(s);
		return true;
	}
	s->line += c == '\n';
	s->pos++;
	return true;
}

bool
conf_text_prepare(char *text, size_t len, struct conf_errors *errors)
{
	struct scan s = { text, len, 0, 1, errors };
	int opened[DEPTH_MAX], depth = 0;

	while (s.pos < s.len) {
		char c = peek(&s, 0);

		if (c == '\0') {
			conf_error(errors, s.line, "not a text file: NUL byte");
			return false;
		}
		if (c == '{' && depth == DEPTH_MAX) {
			conf_error(errors, s.line, "braces nested too deeply");
			return false;
		}
		if (c == '{')
			opened[depth++] = s.line;
		if (c == '}' && depth-- == 0) {
			conf_error(errors, s.line, "unexpected closing brace");
			return false;
		}
		if (!skip_token(&s))
			return false;
	}
	while (depth-- > 0)
		conf_error(errors, opened[depth], "brace is not closed");
	return errors->n == 0;
}

static void
skip_blanks(struct scan *s)
{
	while (s->pos < s->len && strchr(" \t\r\n", peek(s, 0)) != NULL)
		(void)skip_token(s);
}

/* At a word that is exactly this name? */
static bool
at_name(const struct scan *s, const char *name)
{
	size_t n = strlen(name);

	return s->len - s->pos >= n && memcmp(s->text + s->pos, name, n) == 0 &&
	       strchr(WORD_END, peek(s, n)) != NULL;
}

/* At the opening brace of a section, after an optional title. */
static bool
to_brace(struct scan *s)
{
	skip_blanks(s);
	if (s->pos < s->len && strchr("={}(),+", peek(s, 0)) == NULL) {
		if (!skip_token(s))
			return false;
		skip_blanks(s);
	}
	return peek(s, 0) == '{';
}

bool
conf_text_blank_section(char *text, size_t len, int line, const char *name)
{
	struct scan s = { text, len, 0, 1, NULL }, t;
	int depth = 0;

	for (;; (void)skip_token(&s)) {
		if (s.pos >= s.len || s.line > line)
			return false;
		t = s;
		if (s.line != line || !at_name(&s, name))
			continue;
		skip_word(&t);
		if (to_brace(&t))
			break;
	}
	do {
		depth += peek(&t, 0) == '{';
		depth -= peek(&t, 0) == '}';
		(void)skip_token(&t);
	} while (depth > 0 && t.pos < t.len);
	for (; s.pos < t.pos; s.pos++)
		if (text[s.pos] != '\n')
			text[s.pos] = ' ';
	return true;
}

int
conf_text_find_key(char *text, size_t len, int from, const char *name)
{
	struct scan s = { text, len, 0, 1, NULL }, t;

	for (; s.pos < s.len; (void)skip_token(&s)) {
		if (s.line < from || !at_name(&s, name))
			continue;
		t = s;
		skip_word(&t);
		skip_blanks(&t);
		if (peek(&t, 0) == '=' || peek(&t, 0) == '+')
			return s.line;
	}
	return from;
}
