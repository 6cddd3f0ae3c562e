/* SPDX-License-Identifier: ISC */
#ifndef LNSCTL_TABLE_H
#define LNSCTL_TABLE_H

/* Text in columns, as wide as what is in them.  Pure, but for table_print(). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "compiler.h"

#define TABLE_COLUMNS 16
#define TABLE_CELL 41 /* what is longer is cut, and ends in '~' */

struct table_column {
	const char *title;
	bool right;
};

struct table {
	const struct table_column *columns;
	size_t n_columns;
	char (*cells)[TABLE_CELL];
	size_t n, cap; /* cells */
};

void table_init(struct table *, const struct table_column *, size_t n);
void table_fini(struct table *);
/* The next cell of a row.  Control characters become '?'. */
void table_put(struct table *, const char *text);
void table_printf(struct table *, const char *fmt, ...) printf_like(2, 3);
/* Rows and their titles; or none, if there is no row. */
void table_print(const struct table *, FILE *, const char *none);

/* Copies, cut and printable as above. */
void printable(char *out, size_t size, const char *text);
/* "1.5G": at most 5 characters. */
const char *amount_text(uint64_t n, char buf[16]);
/* "11-28 09:15:03", of the local time. */
const char *time_text(int64_t wall_s, char buf[32]);
/* "59s", "3m09s", "2h05m", "4d11h". */
const char *duration_text(int64_t seconds, char buf[24]);

#endif
