/* SPDX-License-Identifier: ISC */
#ifndef HTTP_H
#define HTTP_H

/*
 * A small HTTP server for looking: GET and HEAD, no state, bounded in
 * connections, octets and time.  Who answers a path is a function that somebody
 * has added; it answers at once or later, and once.
 */

#include <stddef.h>

#include "compiler.h"
#include "conf.h"

struct http;
struct http_request;

/* Must end in http_reply() or http_fail(), now or later. */
typedef void (*http_fn)(void *arg, struct http_request *);

/* NULL: the cause has been logged. */
struct http *http_new(const struct conf_http *) must_check;
/* Requests that are still open are not to be touched any more. */
void http_free(struct http *);
/* Answers path, which must outlive it.  Fatal without memory. */
void http_add(struct http *, const char *path, http_fn, void *arg);

/* A header of the request; NULL: it has none.  Valid until it ends. */
const char *http_header(const struct http_request *, const char *name);
/* "n=7": what follows the '?'; NULL: nothing does. */
const char *http_query(const struct http_request *);
/* The end; the body is copied.  A client that has gone gets nothing. */
void http_reply(
    struct http_request *, const char *type, const void *body, size_t len);
/* The same with a status of HTTP, and no more than its reason. */
void http_fail(struct http_request *, int status, const char *reason);

#endif
