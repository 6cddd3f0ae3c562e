/* SPDX-License-Identifier: ISC */
#ifndef LNSCTL_SHOW_H
#define LNSCTL_SHOW_H

/* What the commands that show sessions share. */

#include <jansson.h>

#include "compiler.h"
#include "table.h"

struct lnsctl;

#define SESSION_COLUMNS 11
extern const struct table_column session_columns[SESSION_COLUMNS];
void sessions_row(struct table *, const json_t *session);
/* See lnsctl_ask(). */
json_t *sessions_with_rates(struct lnsctl *, int *status) must_check;

#endif
