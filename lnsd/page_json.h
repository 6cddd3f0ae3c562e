/* SPDX-License-Identifier: ISC */
#ifndef PAGE_JSON_H
#define PAGE_JSON_H

/* What the status page asks for, besides survey_json.h.  Pure.  NULL: out of
 * memory. */

#include <jansson.h>

#include "compiler.h"
#include "story.h"
#include "traffic.h"

/* The newest attempts, and how far all got that are remembered. */
#define PAGE_ATTEMPTS 20
json_t *page_json_attempts(const struct stories *) must_check;
/* [[time, sessions, octets from clients, to clients], ...] */
json_t *page_json_history(const struct traffic *) must_check;
/* How long clients were in each stage. */
json_t *page_json_times(const struct story_counts *) must_check;
json_t *page_json_bucket_ms(void) must_check;
/* The number of an attempt in a query "n=7"; 0: there is none. */
uint64_t page_query_n(const char *query);

#endif
