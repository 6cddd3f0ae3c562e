/* SPDX-License-Identifier: ISC */
#ifndef CONF_TEXT_H
#define CONF_TEXT_H

/*
 * The configuration file as text, before libconfuse sees it, and the list of
 * mistakes found in it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "compiler.h"

struct conf_error {
	int line; /* 0: of the whole file */
	size_t order;
	char *text;
};

struct conf_errors {
	struct conf_error *list;
	size_t n;
};

/* Adds a mistake; characters that a terminal would obey become '?'. */
void conf_error(struct conf_errors *, int line, const char *fmt, ...)
    printf_like(3, 4);
/* Writes them in the order of their lines, "path:line: text". */
void conf_errors_print(const struct conf_errors *, const char *path, FILE *);
void conf_errors_free(struct conf_errors *);

/*
 * Overwrites every comment with blanks and refuses what libconfuse would
 * misunderstand without a word: strings and braces that are not closed,
 * characters that its scanner skips, ${variables}.  False after an error.
 */
bool conf_text_prepare(char *text, size_t len, struct conf_errors *);

/* Both want a prepared text. */

/* Overwrites "name {...}" or "name title {...}" on this line with blanks;
 * false if there is none. */
bool conf_text_blank_section(
    char *text, size_t len, int line, const char *name);
/* The first line from this one on where the name is given a value, else
 * from. */
int conf_text_find_key(char *text, size_t len, int from, const char *name);

#endif
