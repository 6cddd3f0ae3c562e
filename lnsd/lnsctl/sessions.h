/* SPDX-License-Identifier: ISC */
#ifndef LNSCTL_SESSIONS_H
#define LNSCTL_SESSIONS_H

/* Sessions as the server tells them, and what they carry in a second.  Pure. */

#include <jansson.h>

/* Members of an answer's objects; "" and 0 if missing or null. */
const char *text_of(const json_t *, const char *key);
json_int_t int_of(const json_t *, const char *key);

/* Adds rx_bps and tx_bps to the sessions of an answer, by an older one: null
 * for those that were not there.  older may be NULL. */
void sessions_add_rates(json_t *answer, const json_t *older);
/* Sorts the sessions of an answer by a member: text or number; "address" in
 * the order of its numbers.  down: the largest first. */
void sessions_sort(json_t *answer, const char *key, int down);
/* "192.0.2.1:4500", "[2001:db8::1]:4500", or without the port if that is 0. */
const char *endpoint_text(const char *ip, json_int_t port, char buf[64]);
/* The same of the client of a session. */
const char *client_text(const json_t *session, char buf[64]);

#endif
