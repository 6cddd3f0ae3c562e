/* SPDX-License-Identifier: ISC */
#ifndef SURVEY_JSON_H
#define SURVEY_JSON_H

/* A survey in the words of the control protocol, lnsctl(8).  Pure.  NULL: out
 * of memory. */

#include <jansson.h>

#include "conf.h"
#include "survey.h"

json_t *survey_json_sessions(const struct survey *, const struct conf *);
json_t *survey_json_tunnels(const struct survey *, const struct conf *);
json_t *survey_json_sas(const struct survey *, const struct conf *);

/* A peer's text: what is no UTF-8 becomes '?'. */
json_t *json_peer_text(const char *);
json_t *json_address(const struct lns_addr *);

#endif
